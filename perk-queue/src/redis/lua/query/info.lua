-- ARGV: id, then the names of fields. Gives the time and those of them that there are, each with its value.
return { digits(now()), fields(unpack(ARGV, 2)) }
