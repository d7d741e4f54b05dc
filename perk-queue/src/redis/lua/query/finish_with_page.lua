-- ARGV: id, attempt, the page (index, weight, rows, what came with them, columns), the most that a query may have unread, channel,
-- then the end (outcome, ending, stats, columns). There is room in all, or this is the only page.
-- Gives `full`, and whoever listens at the channel is told when to try again; or the same as `finish`.
if writes(ARGV[2]) and not add_page(ARGV[3], ARGV[4], ARGV[5], nil, ARGV[6], ARGV[7], ARGV[8], true) then
  listens(ARGV[9])
  return { 'full' }
end
return finish(ARGV[2], ARGV[10], ARGV[11], ARGV[12], ARGV[13])
