-- Gives every unsealed worker and how often it has renewed.
return redis.call('HGETALL', key('renewals'))
