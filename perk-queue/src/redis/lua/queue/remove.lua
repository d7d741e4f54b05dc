-- ARGV: id.
local id = ARGV[1]
local e = entry(id)
if not e or e.worker ~= '' then
  return 0
end
if wait_no_more(id, e) == 0 then
  local pool, priority = served_by(e.lane)
  if pool then
    redis.call('LREM', key('turns', pool, priority), 0, e.lane)
  end
end
forget(id, e)
return 1
