-- ARGV: id, `attempt` or `worker`, which. Gives what decides about the loss of that attempt, if it is open: what its query does,
-- whether it may run again, whether it was posted, whether it was handed out, how many were lost before.
local life, open, rerunnable, out, lost = get('life', ARGV[2], 'rerunnable', 'out', 'lost')
if (life ~= 'running' and life ~= 'ended') or open ~= ARGV[3] then
  return {}
end
return { life, rerunnable, is_posted() and 1 or 0, out and 1 or 0, lost or '0' }
