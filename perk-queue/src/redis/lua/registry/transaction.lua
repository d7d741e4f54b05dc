-- ARGV: transaction. Gives its worker.
return redis.call('HGET', key('transactions'), ARGV[1])
