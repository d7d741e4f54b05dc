-- ARGV: id, sql, headers, needed, rest, target, rerunnable, dialect, hold, credentials (or empty).
-- Gives the books, unless it is there already.
if redis.call('EXISTS', record) == 1 then
  return {}
end
local time = digits(now())
set('v', '1', 'sql', ARGV[2], 'headers', ARGV[3], 'needed', ARGV[4], 'rest', ARGV[5], 'target', ARGV[6],
  'rerunnable', ARGV[7], 'dialect', ARGV[8], 'hold', ARGV[9], 'life', 'stored', 'created', time, 'heard', time,
  'first', '0', 'told', '0', 'count', '0', 'weight', '0')
if ARGV[10] ~= '' then
  set('credentials', ARGV[10])
end
last_for_a_day()
return books()
