-- ARGV: id, `attempt` or `worker`, which, then what was decided about: life, posted, handed out, lost before; then what was
-- decided: `again`, `failed`, `left` (its query has ended, what runs is still to be cancelled) or `fenced` (nothing runs), how
-- many are lost now, the hold, the ending. Gives `changed` when it is not as it was, or what was decided and the books.
local life, open, out, lost = get('life', ARGV[2], 'out', 'lost')
local upstream = get_text('upstream')
local same = life == ARGV[4] and open == ARGV[3] and (upstream and '1' or '0') == ARGV[5]
  and (out and '1' or '0') == ARGV[6] and (lost or '0') == ARGV[7]
if not same then
  return { 'changed' }
end
close(ARGV[2], ARGV[3])
clear_text('upstream')
local decided = ARGV[8]
if upstream and decided ~= 'fenced' then
  redis.call('RPUSH', superseded, upstream)
  redis.call('PEXPIRE', superseded, DAY)
end
if decided == 'again' then
  drop_pages()
  clear_text('columns', 'progress')
  set('first', '0', 'told', '0', 'count', '0', 'hold', ARGV[10], 'lost', ARGV[9], 'life', 'queued')
  set('dialect', cjson.decode(get_text('rest')).dialect)
  tell()
elseif decided == 'failed' then
  set_ended('failed', ARGV[11], '', '')
end
return { decided, books() }
