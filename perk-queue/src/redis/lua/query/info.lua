-- ARGV: id, how many names of record fields there are, these, then names of texts. Gives the time and those of the fields that
-- there are, each with its value.
local found, last = {}, 2 + tonumber(ARGV[2])
add_fields(found, record, { unpack(ARGV, 3, last) })
add_fields(found, texts, { unpack(ARGV, last + 1) })
return { digits(now()), found }
