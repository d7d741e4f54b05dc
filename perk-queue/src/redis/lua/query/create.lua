-- ARGV: id, sql, headers, needed (or empty), rest, target, rerunnable, dialect, hold, credentials (or empty), `queued` or `stored`,
-- where whoever asked for it listens (or empty).
-- Gives the books, unless it is there already.
if redis.call('EXISTS', record) == 1 then
  return {}
end
local time = digits(now())
set('v', 1, 'rerunnable', ARGV[7], 'dialect', ARGV[8], 'hold', ARGV[9], 'life', ARGV[11], 'created', time, 'heard', time,
  'first', '0', 'told', '0', 'count', '0', 'weight', '0')
set_text('sql', ARGV[2], 'headers', ARGV[3], 'rest', ARGV[5], 'target', ARGV[6])
if ARGV[4] ~= '' then
  set_text('needed', ARGV[4])
end
if ARGV[12] ~= '' then
  listens(ARGV[12])
end
if ARGV[10] ~= '' then
  set_text('credentials', ARGV[10])
end
last_for_a_day()
return books()
