-- ARGV: worker, what it says. Gives 0 when it is sealed.
if is_sealed(ARGV[1]) then
  return 0
end
redis.call('HSET', key('workers'), ARGV[1], now() .. '|' .. ARGV[2])
redis.call('HINCRBY', key('renewals'), ARGV[1], 1)
return 1
