-- ARGV: worker, `cancel` or `leaf`, id.
local signals = key('w', ARGV[1], 'signals')
redis.call('RPUSH', signals, ARGV[2] .. '|' .. ARGV[3])
redis.call('PEXPIRE', signals, DAY)
wake(ARGV[1])
return 1
