-- ARGV: id, then what has been cancelled. Gives the books, unless there is no such query.
if redis.call('EXISTS', record) == 0 then
  return {}
end
for i = 2, #ARGV do
  redis.call('LREM', superseded, 0, ARGV[i])
end
return books()
