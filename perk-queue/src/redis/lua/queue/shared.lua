-- What all of the queue's scripts share.
--
--   entries            hash   id -> place|since|worker|pool|lane: every query that waits or is pending (worker is empty while it waits)
--   place              number the last place that was given: a query keeps its place in its lane
--   <lane>             stream one entry for each query of the lane, its id made of the place; group `workers`, whose
--                             consumers are `taken` (with a worker) and `released` (given back: waits in its old place)
--   lanes              hash   lane -> how many of its queries wait
--   turns:<pool>:<pr>  list   the lanes in which something waits, in the order in which they are served next
--   waiting:<pool>     zset   id -> since when it waits (milliseconds)
--   pending            hash   pool -> how many of its queries are with workers
--   pools              set    the pools in whose lanes a query has ever waited
--   held               hash   worker -> how many queries it was given or are in its inbox
--   idle:<pool>        set    the workers that wait for a query
--   w:<worker>         hash   channel (where its process listens), batch (how many batches it was given)
--   w:<worker>:last    list   its last batch
--   w:<worker>:signals list   what it is to be told
--   w:<worker>:pending zset   id -> place: the queries it was given
--   w:<worker>:waiting zset   id -> place: the queries in its inbox
--
-- A lane is `l:<pool>:<priority>:<user>`, or a worker's inbox `i:<worker>`.

local entries, lanes, pending = key('entries'), key('lanes'), key('pending')
local pools, held = key('pools'), key('held')

local function entry(id)
  local text = redis.call('HGET', entries, id)
  if not text then
    return nil
  end
  local place, since, worker, pool, lane = string.match(text, '^(%d+)|(%d+)|([^|]*)|([^|]*)|(.*)$')
  return { place = place, since = since, worker = worker, pool = pool, lane = lane }
end

local function keep(id, e)
  redis.call('HSET', entries, id, table.concat({ e.place, e.since, e.worker, e.pool, e.lane }, '|'))
end

-- The pool, priority and user of a lane, or nothing and the worker whose inbox it is.
local function served_by(lane)
  local pool, priority, user = string.match(lane, '^l:([^:]+):([^:]+):(.*)$')
  if pool then
    return pool, priority, user
  end
  return nil, string.sub(lane, 3)
end

-- A worker has so many queries more.
local function holds(worker, more)
  if redis.call('HINCRBY', held, worker, more) == 0 then
    redis.call('HDEL', held, worker)
  end
end

-- How many processes heard it.
local function wake(worker)
  local channel = redis.call('HGET', key('w', worker), 'channel')
  if not channel then
    return 0
  end
  return redis.call('PUBLISH', channel, 'w:' .. worker)
end

-- Wakes one worker that waits for a query. One that does not hear it is no more, or will look by itself.
local function wake_idle(pool)
  while true do
    local worker = redis.call('SPOP', key('idle', pool))
    if not worker or wake(worker) > 0 then
      return
    end
  end
end

-- The query is to be had from its lane.
local function wait(id, e)
  local pool, other = served_by(e.lane)
  local waiting = redis.call('HINCRBY', lanes, e.lane, 1)
  if not pool then
    redis.call('ZADD', key('w', other, 'waiting'), e.place, id)
    holds(other, 1)
    wake(other)
    return
  end
  if waiting == 1 then
    redis.call('RPUSH', key('turns', pool, other), e.lane)
  end
  redis.call('ZADD', key('waiting', pool), e.since, id)
  wake_idle(pool)
end

-- The query is not to be had any more. Gives how many of its lane still are.
local function wait_no_more(id, e)
  local pool, other = served_by(e.lane)
  local left = redis.call('HINCRBY', lanes, e.lane, -1)
  if left == 0 then
    redis.call('HDEL', lanes, e.lane)
  end
  if pool then
    redis.call('ZREM', key('waiting', pool), id)
  else
    redis.call('ZREM', key('w', other, 'waiting'), id)
    holds(other, -1)
  end
  return left
end

-- The query is in no lane any more, and its lane goes with its last one.
local function forget(id, e)
  local lane, entry_id = key(e.lane), e.place .. '-0'
  redis.call('XACK', lane, 'workers', entry_id)
  redis.call('XDEL', lane, entry_id)
  if redis.call('XLEN', lane) == 0 then
    redis.call('DEL', lane)
  end
  redis.call('HDEL', entries, id)
end

-- Ends the query's being pending with this worker. Nothing when it is not.
local function settle(worker, id)
  local e = entry(id)
  if not e or e.worker ~= worker then
    return nil
  end
  if redis.call('HINCRBY', pending, e.pool, -1) == 0 then
    redis.call('HDEL', pending, e.pool)
  end
  redis.call('ZREM', key('w', worker, 'pending'), id)
  holds(worker, -1)
  -- What was still to be said about the query does not concern this worker any more.
  local signals = key('w', worker, 'signals')
  redis.call('LREM', signals, 0, 'cancel|' .. id)
  redis.call('LREM', signals, 0, 'leaf|' .. id)
  return e
end
