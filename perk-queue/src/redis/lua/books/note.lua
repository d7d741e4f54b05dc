-- ARGV: after how many milliseconds to look first at queries that are about to be stored (by then each is, and says itself when it
-- is due), how many these are, their ids; then for each of others its id, version, weight, and when it is due.
-- Gives what all pages weigh.
local look_at, entered = now() + tonumber(ARGV[1]), tonumber(ARGV[2])
for i = 3, 2 + entered do
  redis.call('ZADD', due, 'NX', look_at, ARGV[i])
end
return note_all(3 + entered)
