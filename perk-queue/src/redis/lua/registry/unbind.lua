-- ARGV: transaction.
local worker = redis.call('HGET', key('transactions'), ARGV[1])
if worker then
  redis.call('HDEL', key('transactions'), ARGV[1])
  redis.call('SREM', key('t', worker), ARGV[1])
end
return 1
