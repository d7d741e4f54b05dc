-- ARGV: how many at most. Gives the time and the queries to look at.
local time = now()
return { digits(time), redis.call('ZRANGEBYSCORE', due, '-inf', time, 'LIMIT', 0, ARGV[1]) }
