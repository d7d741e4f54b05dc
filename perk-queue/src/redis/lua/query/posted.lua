-- ARGV: id, attempt, dialect, upstream. Gives 0 to who is fenced.
if not writes(ARGV[2]) then
  return 0
end
set('dialect', ARGV[3])
set_text('upstream', ARGV[4])
return 1
