-- ARGV: worker.
drop(ARGV[1])
return 1
