-- What all of the books' scripts share. They tell of all queries, on one slot; each query's own keys are on its own.
--
--   due      zset   id -> when to look whether the query is over (milliseconds)
--   book     hash   id -> version|weight: what was last told
--   used     number what all kept pages weigh
--   waiters  set    where processes listen that wait for room

local due, book, used, waiters = key('due'), key('book'), key('used'), key('waiters')

local function tell_waiters()
  for _, channel in ipairs(redis.call('SMEMBERS', waiters)) do
    redis.call('PUBLISH', channel, 'room')
  end
  redis.call('DEL', waiters)
end

local function note(id, version, weight)
  local known = redis.call('HGET', book, id)
  local was_version, was_weight = string.match(known or '0|0', '^(%d+)|(%d+)$')
  if version <= tonumber(was_version) then
    return 0
  end
  redis.call('HSET', book, id, version .. '|' .. weight)
  local change = weight - tonumber(was_weight)
  redis.call('INCRBY', used, change)
  return change
end
