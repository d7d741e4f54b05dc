-- ARGV: id, attempt, index, weight, rows, what came with them, columns, the most that a query may have unread, channel, whether
-- there is room in all (1 or 0), whether the rows are staged (1 or 0).
-- Gives `fenced`; `full`, and whoever listens at the channel is told when to try again; `unstaged` when the rows are gone that were;
-- or `stored` and the books.
local staged = ARGV[11] == '1' and key('staged', ARGV[2], ARGV[3]) or nil

-- Gives this, and leaves nothing that was not taken.
local function untaken(how)
  if staged then
    redis.call('DEL', staged)
  end
  return { how }
end

if not writes(ARGV[2]) then
  return untaken('fenced')
end
-- What is there already changes nothing.
if tonumber(ARGV[3]) < number('count') then
  return untaken('stored')
end
if staged and redis.call('EXISTS', staged) == 0 then
  return { 'unstaged' }
end
if not add_page(ARGV[3], ARGV[4], ARGV[5], staged, ARGV[6], ARGV[7], ARGV[8], ARGV[10] == '1') then
  listens(ARGV[9])
  return untaken('full')
end
return { 'stored', books() }
