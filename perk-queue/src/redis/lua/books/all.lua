-- Gives the ids of all queries.
return redis.call('ZRANGE', due, 0, -1)
