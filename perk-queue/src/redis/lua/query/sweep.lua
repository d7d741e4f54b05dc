-- ARGV: id, client timeout, keep ended (milliseconds), until when a client's silence counts (0 when it does not), ending.
-- Gives whether the query is removed (1 or 0), what it was doing if this ended it (or empty), whose it was, and the books.
local life, heard, ended, read, worker = get('life', 'heard', 'ended', 'read', 'worker')
if not life then
  return { 1, '', '' }
end
local time, timeout = now(), tonumber(ARGV[2])
local left = tonumber(ARGV[4]) - tonumber(heard) >= timeout
local was, whose = '', ''
if life ~= 'ended' then
  if not left then
    return { 0, '', '', books() }
  end
  was, whose = end_from_outside('failed', ARGV[5], '', '')
  ended = time
end
local over = left or (read and time - tonumber(read) >= tonumber(ARGV[3]))
local open = worker and worker ~= ''
-- Who pulls the query learns here what is still to be cancelled; a cluster forgets a silent client by itself.
local to_cancel = redis.call('EXISTS', superseded) == 1 and time - tonumber(ended) < timeout
if over and not open and not to_cancel then
  drop_pages()
  redis.call('DEL', record, texts, pages, weights, superseded, waiters)
  return { 1, was, whose }
end
return { 0, was, whose, books() }
