-- ARGV: id, attempt, index, weight, rows, what came with them, columns, the most that a query may have unread, channel, whether
-- there is room in all (1 or 0).
-- Gives `fenced`; `full`, and whoever listens at the channel is told when to try again; or `stored` and the books.
if not writes(ARGV[2]) then
  return { 'fenced' }
end
local count = get('count')
if not add_page(ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[10] == '1') then
  listens(ARGV[9])
  return { 'full' }
end
-- What was there already changes nothing.
if get('count') == count then
  return { 'stored' }
end
return { 'stored', books() }
