-- ARGV: id, after how many milliseconds to look at it first: by then it is stored, and says itself when it is due. Then what there is
-- to tell of other queries, as for `note`. Gives what all pages weigh.
redis.call('ZADD', due, 'NX', now() + tonumber(ARGV[2]), ARGV[1])
return note_all(3)
