-- ARGV: worker, id, `ack` or `release`.
local worker, id = ARGV[1], ARGV[2]
local e = settle(worker, id)
if not e then
  return 0
end
if ARGV[3] == 'ack' then
  forget(id, e)
else
  redis.call('XCLAIM', key(e.lane), 'workers', 'released', 0, e.place .. '-0', 'JUSTID')
  e.worker, e.pool = '', ''
  keep(id, e)
  wait(id, e)
end
return 1
