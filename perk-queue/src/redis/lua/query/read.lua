-- ARGV: id, token, the most bytes, whether the client has waited (1 or 0), channel.
-- Gives `unknown`, `gone`, `ahead`; `nothing`, and whoever listens at the channel is told when there may be something; or
-- `given`, the time, whether this is the end, the next token, fields of the record, the pages (each its rows, or nothing
-- where they are apart, and what came with them), and the books where they changed.
local token, most = tonumber(ARGV[2]), tonumber(ARGV[3])
local life, first, told, count, hold = get('life', 'first', 'told', 'count', 'hold')
if not life then
  return { 'unknown' }
end
first, told, count = tonumber(first), tonumber(told), tonumber(count)
local time = now()
set('heard', digits(time))
if token < first then
  return { 'gone' }
end
if token > told then
  return { 'ahead' }
end
local dropped = token > first
if dropped then
  local weight, apart = number('weight'), get('apart')
  while first < token do
    local freed = redis.call('LPOP', weights)
    if not freed then
      -- They went when it failed, or the tokens are not what was written: nobody is to count that far.
      first = token
      break
    end
    redis.call('HDEL', pages, tostring(first), first .. 'e')
    if apart then
      redis.call('DEL', key('page', digits(first)))
    end
    weight = weight - weight_here(freed)
    first = first + 1
  end
  set('first', tostring(first), 'weight', digits(weight))
  last_for_a_day()
  -- Who writes may have waited for this.
  tell()
end
local given, sum = {}, 0
local failed = life == 'ended' and get('outcome') == 'failed'
if hold == '' and not failed then
  for at, weight in ipairs(redis.call('LRANGE', weights, 0, -1)) do
    weight = math.max(1, weight_whole(weight))
    if at > 1 and sum + weight > most then
      break
    end
    sum = sum + weight
    local index = tostring(first + at - 1)
    given[#given + 1] = redis.call('HGET', pages, index)
    given[#given + 1] = redis.call('HGET', pages, index .. 'e') or ''
  end
end
local after, is_end = token + #given / 2, 0
if life == 'ended' and (failed or after >= count) then
  is_end = 1
  set('read', digits(time))
elseif life == 'stored' then
  after = token
elseif #given == 0 and ARGV[4] == '0' then
  listens(ARGV[5])
  return { 'nothing', dropped and books() or {} }
end
if #given > 0 or is_end == 1 then
  set('out', '1')
  if after > told then
    set('told', tostring(after))
  end
end
local sql, headers
if life == 'stored' then
  sql, headers = get_text('sql', 'headers')
else
  sql, headers = short()
end
local told_of = { 'sql', sql, 'headers', headers }
add_fields(told_of, record, { 'life', 'worker', 'attempt', 'dialect', 'created', 'begun', 'ended' })
add_fields(told_of, texts, { 'rest', 'columns', 'progress' })
if is_end == 1 then
  add_fields(told_of, texts, { 'ending', 'stats', 'end_columns' })
end
local changed = dropped or is_end == 1
return { 'given', digits(time), is_end, after, told_of, given, changed and books() or {} }
