-- ARGV: worker.
redis.call('SREM', key('lost'), ARGV[1])
return 1
