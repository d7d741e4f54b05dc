-- Gives the pools in whose lanes a query has ever waited.
return redis.call('SMEMBERS', pools)
