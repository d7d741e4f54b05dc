-- ARGV: transaction, worker.
if not is_sealed(ARGV[2]) then
  redis.call('HSET', key('transactions'), ARGV[1], ARGV[2])
  redis.call('SADD', key('t', ARGV[2]), ARGV[1])
end
return 1
