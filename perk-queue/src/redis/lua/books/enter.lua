-- ARGV: id, after how many milliseconds to look at it first: by then it is stored, and says itself when it is due.
redis.call('ZADD', due, 'NX', now() + tonumber(ARGV[2]), ARGV[1])
return tonumber(redis.call('GET', used) or '0')
