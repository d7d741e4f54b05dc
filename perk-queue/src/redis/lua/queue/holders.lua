-- Gives the workers that have something.
return redis.call('HKEYS', held)
