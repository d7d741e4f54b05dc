-- What all of the registry's scripts share.
--
--   workers      hash   worker -> when it renewed last (milliseconds), `|`, what it said
--   renewals     hash   worker -> how often it has renewed
--   sealed       zset   worker -> when it was sealed (milliseconds)
--   lost         set    the sealed workers whose queries may still have to be taken over
--   transactions hash   transaction -> the worker whose cluster began it
--   t:<worker>   set    its transactions
--   keys         list   the deployment's keys as hex digits, the one in use first
--   sweeper      string who sweeps, for as long as its turn lasts

local function is_sealed(worker)
  return redis.call('ZSCORE', key('sealed'), worker) ~= false
end

-- Nothing is known of the worker any more but whether it is sealed.
local function drop(worker)
  redis.call('HDEL', key('workers'), worker)
  redis.call('HDEL', key('renewals'), worker)
  for _, transaction in ipairs(redis.call('SMEMBERS', key('t', worker))) do
    redis.call('HDEL', key('transactions'), transaction)
  end
  redis.call('DEL', key('t', worker))
end
