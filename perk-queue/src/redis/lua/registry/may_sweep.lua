-- ARGV: gateway, for how many milliseconds its turn lasts.
local sweeper = redis.call('GET', key('sweeper'))
if sweeper and sweeper ~= ARGV[1] then
  return 0
end
redis.call('SET', key('sweeper'), ARGV[1], 'PX', ARGV[2])
return 1
