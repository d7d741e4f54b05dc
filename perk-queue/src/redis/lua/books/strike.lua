-- ARGV: ids of queries that are gone. Gives what all pages weigh.
for _, id in ipairs(ARGV) do
  local weight = string.match(redis.call('HGET', book, id) or '0|0', '|(%d+)$')
  redis.call('DECRBY', used, weight)
  redis.call('HDEL', book, id)
  redis.call('ZREM', due, id)
end
tell_waiters()
return tonumber(redis.call('GET', used) or '0')
