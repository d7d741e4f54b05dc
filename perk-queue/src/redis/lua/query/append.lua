-- ARGV: id, attempt, index, weight, rows, what came with them, columns, the most that a query may have unread, whether there
-- is room in all (1 or 0), channel.
-- Gives `fenced`; `full`, and whoever listens at the channel is told when to try again; or `stored` and the books.
local attempt, index, weight = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if not writes(attempt) then
  return { 'fenced' }
end
local first, count, kept, hold = get('first', 'count', 'weight', 'hold')
first, count, kept = tonumber(first), tonumber(count), tonumber(kept)
if index < count then
  return { 'stored' }
end
if count > first and (kept + weight > tonumber(ARGV[8]) or ARGV[9] == '0') then
  -- Only a reader can make room: what is held back must be shown.
  if hold ~= '' then
    set('hold', '')
    tell()
  end
  listens(ARGV[10])
  return { 'full' }
end
redis.call('HSET', pages, ARGV[3], ARGV[5])
if ARGV[6] ~= '' then
  redis.call('HSET', pages, ARGV[3] .. 'e', ARGV[6])
end
redis.call('RPUSH', weights, ARGV[4])
if ARGV[7] ~= '' then
  redis.call('HSETNX', texts, 'columns', ARGV[7])
end
set('count', tostring(count + 1), 'weight', digits(kept + weight))
if count == first then
  last_for_a_day()
end
if hold ~= '' and kept + weight > tonumber(hold) then
  hold = ''
  set('hold', '')
end
if hold == '' then
  tell()
end
return { 'stored', books() }
