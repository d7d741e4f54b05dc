-- ARGV: id, attempt, dialect, upstream. Gives 0 to who is fenced, 1 where the query may run again, and 2 where it may not.
if not writes(ARGV[2]) then
  return 0
end
set('dialect', ARGV[3])
set_text('upstream', ARGV[4])
return get('rerunnable') == '1' and 1 or 2
