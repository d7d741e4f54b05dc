-- ARGV: id, attempt, outcome, ending, stats, columns. Gives `fenced` and the books where they changed, or `ended` and the books.
return finish(ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6])
