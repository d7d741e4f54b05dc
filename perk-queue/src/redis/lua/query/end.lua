-- ARGV: id, by (`client` or `perk`), outcome, ending, stats, columns.
-- Gives `before`; `waiting`, `waiting_to_cancel`, or `running` and the worker; and the books.
local life, rerunnable, outcome, read = get('life', 'rerunnable', 'outcome', 'read')
if not life then
  return { 'before', '' }
end
local was, whose = 'before', ''
if life == 'ended' then
  -- The cluster was done, but the client was not: its rows go, and what is left must not look whole. What may have had an
  -- effect had it, and must not be said to have failed.
  if rerunnable == '1' and not read and outcome == 'finished' then
    drop_pages()
    set('outcome', ARGV[3])
    set_text('ending', ARGV[4], 'stats', ARGV[5], 'end_columns', ARGV[6])
    tell()
  end
else
  was, whose = end_from_outside(ARGV[3], ARGV[4], ARGV[5], ARGV[6])
end
if ARGV[2] == 'client' then
  redis.call('HSETNX', record, 'read', digits(now()))
end
return { was, whose, books() }
