-- What all scripts over one query share. ARGV[1] is its id. Everything of it goes by itself a day after its client was last
-- heard of.
--
--   record     hash  what is known of the query, in small values, which Redis keeps close together; its fields below
--   texts      hash  the same in large ones
--   pages      hash  page index -> its rows unless they are large, and index .. 'e' -> what came with them, where there was something
--   page:index string  a large page's rows, which no script touches: Lua copies and hashes every byte that passes through it
--   staged:attempt:index  the same for the moment between its coming and the script that takes it, or does not
--   weights    list  what each kept page weighs, and after a slash what it weighs for its reader where that is more
--   superseded list  earlier attempts' queries on their clusters, which nobody has cancelled yet
--   waiters    set   where more processes listen that wait for a change than the record names
--
-- Fields of the texts:
--   sql, headers, rest (of the statement)
--   needed     of a large statement, the headers that answers need
--   credentials, target, columns, progress
--   ending, stats, end_columns (the end's own)
--   upstream   the present attempt's query on its cluster
-- Fields of the record:
--   v, rerunnable, dialect
--   life       `stored`, `queued`, `running` or `ended`
--   worker, attempt            of the attempt that is open, also when the query was ended from outside
--   last, lost                 the last attempt's number; how many attempts were lost
--   out                        1 once something was handed out
--   created, begun, heard, ended, read     when, in milliseconds
--   apart                      since when, at least, all large pages are to last for two days; missing when there was none
--   first, told, count         tokens: the first kept page's, the last a client was told of, one after the last page's
--   weight                     what the kept pages weigh
--   hold                       how much more may be held back, as readers weigh it; empty when nothing is
--   version                    counts what changes weight or due, for the books of all queries
--   outcome                    `finished` or `failed`
--   listener                   where a process listens that waits for a change

local id = ARGV[1]
local record, texts, pages, weights = key('record'), key('texts'), key('pages'), key('weights')
local superseded, waiters = key('superseded'), key('waiters')

-- The present form of all this. Readers take it, and those before it: a record is of the first that has all that is in it.
--   2  large pages are apart; pages are compressed
local FORMAT = 2

local format = redis.call('HGET', record, 'v')
if format and tonumber(format) > FORMAT then
  return redis.error_reply('NEWER it was written by a newer Perk (format ' .. format .. '; this one reads up to ' .. FORMAT
    .. '): upgrade this one too')
end

local function get(...)
  return unpack(redis.call('HMGET', record, ...))
end

local function number(field)
  return tonumber(redis.call('HGET', record, field) or '0')
end

local function set(...)
  redis.call('HSET', record, ...)
end

local function get_text(...)
  return unpack(redis.call('HMGET', texts, ...))
end

local function set_text(...)
  redis.call('HSET', texts, ...)
end

local function clear_text(...)
  redis.call('HDEL', texts, ...)
end

local function is_posted()
  return redis.call('HEXISTS', texts, 'upstream') == 1
end

-- Adds to what was found the fields of these names that there are, each with its value.
local function add_fields(found, hash, names)
  for at, value in ipairs(redis.call('HMGET', hash, unpack(names))) do
    if value then
      found[#found + 1] = names[at]
      found[#found + 1] = value
    end
  end
end

-- Of an entry of the weights: what the page weighs here, and what for its reader.
local function weight_here(entry)
  return tonumber(string.match(entry, '^%d+'))
end

local function weight_whole(entry)
  return tonumber(string.match(entry, '%d+$'))
end

-- In milliseconds.
local FETCHED_WITHIN = 5000

-- Does this with each page that may be apart. They are as many as there are weights, whatever the tokens say.
local function with_pages_apart(act)
  local first = number('first')
  for index = first, first + redis.call('LLEN', weights) - 1 do
    act(key('page', digits(index)))
  end
end

local function last_for_a_day()
  for _, name in ipairs({ record, texts, pages, weights, superseded }) do
    redis.call('PEXPIRE', name, DAY)
  end
  -- There may be many, and this is often: so they are told seldom, for longer.
  local apart = get('apart')
  if apart and now() - tonumber(apart) > DAY then
    set('apart', digits(now()))
    with_pages_apart(function(page)
      redis.call('PEXPIRE', page, 2 * DAY)
    end)
  end
end

-- Tells everybody who waits for something of this query.
local function tell()
  local listener = get('listener')
  if not listener then
    return
  end
  redis.call('PUBLISH', listener, 'q:' .. id)
  redis.call('HDEL', record, 'listener')
  for _, channel in ipairs(redis.call('SMEMBERS', waiters)) do
    redis.call('PUBLISH', channel, 'q:' .. id)
  end
  redis.call('DEL', waiters)
end

local function listens(channel)
  local listener = get('listener')
  if not listener then
    set('listener', channel)
  elseif listener ~= channel then
    redis.call('SADD', waiters, channel)
    redis.call('PEXPIRE', waiters, DAY)
  end
end

-- What the books of all queries are to say of this one: a version, its weight, and when it was last heard of, ended and read.
local function books()
  local version = redis.call('HINCRBY', record, 'version', 1)
  local weight, heard, ended, read = get('weight', 'heard', 'ended', 'read')
  return { version, weight or '0', heard or '0', ended or '0', read or '0' }
end

local function drop_pages()
  if get('apart') then
    with_pages_apart(function(page)
      redis.call('DEL', page)
    end)
  end
  redis.call('DEL', pages, weights)
  set('weight', '0')
end

-- Drops the pages of a query that has failed. Who was given large ones and is about to fetch them has a moment for it: otherwise
-- a query that nobody saw anything of would have failed for having been seen.
local function leave_pages()
  local out, apart = get('out', 'apart')
  if out and apart then
    with_pages_apart(function(page)
      redis.call('PEXPIRE', page, FETCHED_WITHIN)
    end)
    redis.call('DEL', pages, weights)
    set('weight', '0')
  else
    drop_pages()
  end
end

-- Whether this attempt may write.
local function writes(attempt)
  local life, open = get('life', 'attempt')
  return life == 'running' and open == attempt
end

-- Closes the open attempt, if it is the one meant. Gives what its query was doing, or nothing.
local function close(field, value)
  local life, open = get('life', field)
  if (life ~= 'running' and life ~= 'ended') or not open or open == '' or open ~= value then
    return nil
  end
  set('worker', '', 'attempt', '')
  return life
end

-- Adds a page to the result of an attempt that may write: its index, weight, rows or else where they are staged, what came with
-- them, columns. Not when more than `most` would be unread, or there is no room in all. Whether it is there.
local function add_page(index, weight, rows, staged, with, columns, most, has_room)
  local first, count, kept, hold = get('first', 'count', 'weight', 'hold')
  first, count, kept = tonumber(first), tonumber(count), tonumber(kept)
  if tonumber(index) < count then
    return true
  end
  local all = kept + weight_here(weight)
  if count > first and (all > tonumber(most) or not has_room) then
    -- Only a reader can make room: what is held back must be shown.
    if hold ~= '' then
      set('hold', '')
      tell()
    end
    return false
  end
  if staged then
    local page = key('page', index)
    redis.call('RENAME', staged, page)
    redis.call('PEXPIRE', page, 2 * DAY)
    redis.call('HSETNX', record, 'apart', digits(now()))
  else
    redis.call('HSET', pages, index, rows)
  end
  if staged or weight_whole(weight) ~= weight_here(weight) then
    set('v', FORMAT)
  end
  if with ~= '' then
    redis.call('HSET', pages, index .. 'e', with)
  end
  redis.call('RPUSH', weights, weight)
  if columns ~= '' then
    redis.call('HSETNX', texts, 'columns', columns)
  end
  set('count', tostring(count + 1), 'weight', digits(all))
  if count == first then
    last_for_a_day()
  end
  if hold ~= '' then
    local left = tonumber(hold) - weight_whole(weight)
    hold = left < 0 and '' or digits(left)
    set('hold', hold)
  end
  if hold == '' then
    tell()
  end
  return true
end

-- How much is told of the text of a large statement that has been sent to a cluster.
local BEGINNING = 1000

-- What is told of a statement from then on: of a large one how it begins, and the headers that answers need.
local function short()
  local sql, headers, needed = get_text('sql', 'headers', 'needed')
  if needed then
    return string.sub(sql, 1, BEGINNING), needed
  end
  return sql, headers
end

local function set_ended(outcome, ending, stats, columns)
  if outcome == 'failed' then
    leave_pages()
  end
  if columns ~= '' then
    redis.call('HSETNX', texts, 'columns', columns)
  end
  local sql, headers = short()
  set_text('sql', sql, 'headers', headers, 'ending', ending, 'stats', stats, 'end_columns', columns)
  -- Whom the credentials belong to has no more use for them.
  clear_text('credentials')
  set('life', 'ended', 'outcome', outcome, 'hold', '', 'ended', digits(now()))
  tell()
end

-- Ends the query by its attempt, or closes that where the query has ended. Gives `fenced` and the books where they changed, or
-- `ended` and the books.
local function finish(attempt, ...)
  local was = close('attempt', attempt)
  if not was then
    return { 'fenced' }
  end
  -- Whether it ended by itself or was told to, nothing of the attempt runs on its cluster any more.
  clear_text('upstream')
  if was ~= 'running' then
    return { 'fenced', books() }
  end
  set_ended(...)
  return { 'ended', books() }
end

-- Ends from outside of its attempt what has not ended. Gives what it was doing, and whose it was.
local function end_from_outside(...)
  local life, worker = get('life', 'worker')
  set_ended(...)
  if life == 'running' then
    return 'running', worker
  end
  return redis.call('EXISTS', superseded) == 1 and 'waiting_to_cancel' or 'waiting', ''
end
