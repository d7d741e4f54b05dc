-- ARGV: pairs of a worker and how often it had renewed when it was last seen to. Seals those that have not renewed since.
-- Gives all that are sealed and not forgotten.
local MONTH = 30 * DAY
for i = 1, #ARGV, 2 do
  local worker = ARGV[i]
  if redis.call('HGET', key('renewals'), worker) == ARGV[i + 1] then
    drop(worker)
    redis.call('ZADD', key('sealed'), now(), worker)
    redis.call('SADD', key('lost'), worker)
    -- Nobody comes back under a name after a month.
    redis.call('ZREMRANGEBYSCORE', key('sealed'), '-inf', now() - MONTH)
  end
end
return redis.call('SMEMBERS', key('lost'))
