-- ARGV: id. Gives 0 when there is no such query.
if redis.call('EXISTS', record) == 0 then
  return 0
end
set('heard', digits(now()))
last_for_a_day()
return 1
