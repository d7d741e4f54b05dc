-- ARGV: lane, id. Without allow-oom: who pushes can be told to come again.
local lane, id = ARGV[1], ARGV[2]
if redis.call('HEXISTS', entries, id) == 1 then
  return 0
end
local stream = key(lane)
if redis.call('EXISTS', stream) == 0 then
  redis.call('XGROUP', 'CREATE', stream, 'workers', '0', 'MKSTREAM')
end
-- As text: a number would lose its last digits one day.
redis.call('INCR', key('place'))
local e = { place = redis.call('GET', key('place')), since = now(), worker = '', pool = '', lane = lane }
redis.call('XADD', stream, e.place .. '-0', 'v', '1', 'query', id)
keep(id, e)
wait(id, e)
return 1
