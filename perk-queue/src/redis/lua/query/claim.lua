-- ARGV: id, worker. Gives `held`; `over` and what is superseded; or the attempt, the statement and what is superseded.
local worker = ARGV[2]
local life, open, attempt, last = get('life', 'worker', 'attempt', 'last')
local left = redis.call('LRANGE', superseded, 0, -1)
if not life or life == 'ended' then
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
