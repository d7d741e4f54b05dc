-- What all scripts share. KEYS[1] is what all keys that a script touches begin with, and decides their slot.

local base = KEYS[1]

-- What is kept only for who may still ask goes by itself after a day.
local DAY = 86400000

-- By Redis's clock, in milliseconds.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- As text: Lua's own has fewer digits.
local function digits(number)
  return string.format('%.0f', number)
end

local function key(...)
  return table.concat({ base, ... }, ':')
end

