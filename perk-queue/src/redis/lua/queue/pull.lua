-- ARGV: channel, worker, pool, how many queries, whether from the pool too (1 or 0), the last batch that came.
-- Gives the batch's number, whether nothing of what was asked for is left (1 or 0), and what is in it: `query|id`,
-- `cancel|id`, `leaf|id`.
local channel, worker, pool = ARGV[1], ARGV[2], ARGV[3]
local most, from_pool, seen = tonumber(ARGV[4]), ARGV[5] == '1', tonumber(ARGV[6])
local me, signals, last = key('w', worker), key('w', worker, 'signals'), key('w', worker, 'last')

redis.call('HSET', me, 'channel', channel)
redis.call('PEXPIRE', me, DAY)
local batch = tonumber(redis.call('HGET', me, 'batch') or '0')

-- A batch whose answer was lost is given again, but for what was settled meanwhile.
if batch > seen then
  local again = { batch, 0 }
  for _, delivery in ipairs(redis.call('LRANGE', last, 0, -1)) do
    local id = string.match(delivery, '^query|(.*)$')
    local e = id and entry(id)
    if not id or (e and e.worker == worker) then
      again[#again + 1] = delivery
    end
  end
  if #again > 2 then
    return again
  end
end

local given = { 0, 0 }
for _, signal in ipairs(redis.call('LRANGE', signals, 0, -1)) do
  given[#given + 1] = signal
end
redis.call('DEL', signals)

-- The first of a lane: what was given back is older than what was never given.
local function first(lane)
  local stream = key(lane)
  local released = redis.call('XPENDING', stream, 'workers', '-', '+', 1, 'released')
  local taken
  if #released > 0 then
    taken = redis.call('XCLAIM', stream, 'workers', 'taken', 0, released[1][1])[1]
  else
    taken = redis.call('XREADGROUP', 'GROUP', 'workers', 'taken', 'COUNT', 1, 'STREAMS', stream, '>')[1][2][1]
  end
  return taken[2][4]
end

local function take(lane)
  local id = first(lane)
  local e = entry(id)
  local left = wait_no_more(id, e)
  e.worker, e.pool = worker, pool
  keep(id, e)
  redis.call('ZADD', key('w', worker, 'pending'), e.place, id)
  holds(worker, 1)
  redis.call('HINCRBY', pending, pool, 1)
  given[#given + 1] = 'query|' .. id
  return left
end

local taken, inbox = 0, 'i:' .. worker
while taken < most and redis.call('HEXISTS', lanes, inbox) == 1 do
  take(inbox)
  taken = taken + 1
end
for priority = 0, 2 do
  local turns = key('turns', pool, priority)
  while from_pool and taken < most do
    local lane = redis.call('LPOP', turns)
    if not lane then
      break
    end
    if take(lane) > 0 then
      redis.call('RPUSH', turns, lane)
    end
    taken = taken + 1
  end
end

local idle = key('idle', pool)
if from_pool and taken < most then
  redis.call('SADD', idle, worker)
  redis.call('PEXPIRE', idle, DAY)
else
  redis.call('SREM', idle, worker)
  -- One push wakes one worker. Who was woken and does not take everything passes the word on.
  if redis.call('EXISTS', key('waiting', pool)) == 1 then
    wake_idle(pool)
  end
end
if #given > 2 then
  batch = redis.call('HINCRBY', me, 'batch', 1)
  redis.call('DEL', last)
  for delivery = 3, #given do
    redis.call('RPUSH', last, given[delivery])
  end
  redis.call('PEXPIRE', last, DAY)
end
given[1] = batch
if taken < most or most == 0 then
  given[2] = 1
end
return given
