-- ARGV: how many at most. Gives the time and the queries to look at.
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
return { string.format('%.0f', ms), redis.call('ZRANGEBYSCORE', due, '-inf', ms, 'LIMIT', 0, ARGV[1]) }
