-- ARGV: worker. Gives what it was given, and then what waits in its inbox.
local ids = redis.call('ZRANGE', key('w', ARGV[1], 'pending'), 0, -1)
for _, id in ipairs(redis.call('ZRANGE', key('w', ARGV[1], 'waiting'), 0, -1)) do
  ids[#ids + 1] = id
end
return ids
