-- ARGV: pool. Gives how many wait, how many are pending, and for how many milliseconds the oldest has waited.
local waiting = key('waiting', ARGV[1])
local oldest = redis.call('ZRANGE', waiting, 0, 0, 'WITHSCORES')
local age = oldest[2] and math.max(0, now() - tonumber(oldest[2])) or 0
return { redis.call('ZCARD', waiting), tonumber(redis.call('HGET', pending, ARGV[1]) or '0'), age }
