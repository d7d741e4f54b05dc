-- ARGV: for how many milliseconds, then ids. They are not looked at before.
local at = now() + tonumber(ARGV[1])
for i = 2, #ARGV do
  redis.call('ZADD', due, 'XX', at, ARGV[i])
end
return 1
