-- ARGV: the key to take when there is none yet, as hex digits. Gives all keys.
if redis.call('EXISTS', key('keys')) == 0 then
  redis.call('RPUSH', key('keys'), ARGV[1])
end
return redis.call('LRANGE', key('keys'), 0, -1)
