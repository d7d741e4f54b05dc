-- ARGV: id, then what has been cancelled.
for i = 2, #ARGV do
  redis.call('LREM', superseded, 0, ARGV[i])
end
return books()
