-- ARGV: worker. It pulls no more under this name: nobody is to wake it, and nothing is to be said to it.
local me = key('w', ARGV[1])
local pool = redis.call('HGET', me, 'pool')
if pool then
  redis.call('SREM', key('idle', pool), ARGV[1])
end
redis.call('DEL', me, key('w', ARGV[1], 'last'), key('w', ARGV[1], 'signals'))
-- What it may have been woken for is another's.
if pool and redis.call('EXISTS', key('waiting', pool)) == 1 then
  wake_idle(pool)
end
return 1
