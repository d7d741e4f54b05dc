-- ARGV: id, attempt, outcome, ending, stats, columns. Gives `fenced` and the books, or `ended` and the books.
local was = close('attempt', ARGV[2])
-- Whether it ended by itself or was told to, nothing of the attempt runs on its cluster any more.
if was then
  clear_text('upstream')
end
if was == 'running' then
  set_ended(ARGV[3], ARGV[4], ARGV[5], ARGV[6])
  return { 'ended', books() }
end
if was then
  return { 'fenced', books() }
end
return { 'fenced' }
