-- ARGV: id, worker. Gives `held`; `over`, what is superseded and the books where they changed; or `granted`, what is superseded,
-- the attempt and the statement.
local worker = ARGV[2]
local life, open, attempt, last = get('life', 'worker', 'attempt', 'last')
local left = redis.call('LRANGE', superseded, 0, -1)
if not life or life == 'ended' then
  -- Where the answer to its first claim was lost, nobody else would close that attempt.
  if life and not is_posted() and close('worker', worker) then
    return { 'over', left, books() }
  end
  return { 'over', left }
end
if life == 'running' then
  if open ~= worker or is_posted() then
    return { 'held' }
  end
else
  attempt = tostring(tonumber(last or '0') + 1)
  set('life', 'running', 'worker', worker, 'attempt', attempt, 'last', attempt)
  redis.call('HSETNX', record, 'begun', digits(now()))
end
local sql, headers, rest, credentials = get_text('sql', 'headers', 'rest', 'credentials')
return { 'granted', left, attempt, sql, headers, rest, credentials or '' }
