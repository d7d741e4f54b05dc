-- ARGV: where to go on, 0 to begin; about how many. Gives where to go on after these, 0 where there are no others, and the ids of queries.
local found = redis.call('ZSCAN', due, ARGV[1], 'COUNT', ARGV[2])
local ids = {}
for i = 1, #found[2], 2 do
  ids[#ids + 1] = found[2][i]
end
return { found[1], ids }
