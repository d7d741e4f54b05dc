-- ARGV: channel. Gives what all pages weigh; whoever listens there is told when that is less.
redis.call('SADD', waiters, ARGV[1])
redis.call('PEXPIRE', waiters, DAY)
return tonumber(redis.call('GET', used) or '0')
