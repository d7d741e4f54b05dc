-- ARGV: id, attempt. What the attempt holds back is shown from now on: there is no room for more, and only a reader can make some.
if writes(ARGV[2]) and get('hold') ~= '' then
  set('hold', '')
  tell()
end
return 1
