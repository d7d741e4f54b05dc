-- ARGV: id, after how many milliseconds to look at it first: by then it is stored, and says itself when it is due.
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', due, 'NX', ms + tonumber(ARGV[2]), ARGV[1])
return tonumber(redis.call('GET', used) or '0')
