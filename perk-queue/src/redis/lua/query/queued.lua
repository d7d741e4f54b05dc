-- ARGV: id.
if get('life') == 'stored' then
  set('life', 'queued')
end
return 1
