-- ARGV: id, attempt, stats. Gives 0 to who is fenced.
if not writes(ARGV[2]) then
  return 0
end
set_text('progress', ARGV[3])
return 1
