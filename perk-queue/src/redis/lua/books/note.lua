-- ARGV: for each query its id, version, weight, and when it is due. Gives what all pages weigh.
local freed = false
for i = 1, #ARGV, 4 do
  local version = tonumber(ARGV[i + 1])
  local change = note(ARGV[i], version, tonumber(ARGV[i + 2]))
  freed = freed or change < 0
  redis.call('ZADD', due, ARGV[i + 3], ARGV[i])
end
if freed then
  tell_waiters()
end
return tonumber(redis.call('GET', used) or '0')
