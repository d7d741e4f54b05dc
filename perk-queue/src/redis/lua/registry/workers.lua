-- Gives the time in milliseconds, and every unsealed worker with when it renewed last and what it said.
local found = redis.call('HGETALL', key('workers'))
table.insert(found, 1, now())
return found
