-- ARGV: lane, id, how many may wait in the lane's pool, how many of its user (each empty for any number). Without allow-oom: who
-- pushes can be told to come again. Gives 0; 1 when too many wait in the pool, 2 when too many of the user.
local lane, id = ARGV[1], ARGV[2]
if redis.call('HEXISTS', entries, id) == 1 then
  return 0
end
local pool, _, user = served_by(lane)
if pool then
  if ARGV[3] ~= '' and redis.call('ZCARD', key('waiting', pool)) >= tonumber(ARGV[3]) then
    return 1
  end
  if ARGV[4] ~= '' then
    local waiting = 0
    for priority = 0, 2 do
      local of = table.concat({ 'l', pool, priority, user }, ':')
      waiting = waiting + tonumber(redis.call('HGET', lanes, of) or '0')
    end
    if waiting >= tonumber(ARGV[4]) then
      return 2
    end
  end
  redis.call('SADD', pools, pool)
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
return 0
