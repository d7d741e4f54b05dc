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

-- Enters a query, unless what is known of it is newer. Gives how much more it weighs.
local function note(id, version, weight, look_at)
  local known = redis.call('HGET', book, id)
  local was_version, was_weight = string.match(known or '0|0', '^(%d+)|(%d+)$')
  if tonumber(version) <= tonumber(was_version) then
    return 0
  end
  redis.call('HSET', book, id, version .. '|' .. weight)
  redis.call('ZADD', due, look_at, id)
  local change = tonumber(weight) - tonumber(was_weight)
  redis.call('INCRBY', used, change)
  return change
end

-- Enters the queries that the arguments tell of from there on, four for each. Gives what all pages weigh.
local function note_all(from)
  local freed = false
  for i = from, #ARGV, 4 do
    local change = note(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
    freed = freed or change < 0
  end
  if freed then
    tell_waiters()
  end
  return tonumber(redis.call('GET', used) or '0')
end
