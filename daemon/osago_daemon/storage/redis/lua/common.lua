-- Moments are whole microseconds of Unix time: exact in a double until the year 2255.

-- The server's time, unless a test gave its own.
local function now_us(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- Lua's own text of a number has 14 digits; a moment has 16.
local function text(number)
  return string.format('%.0f', number)
end

-- The whole number that a text says; nothing where it says something else, as only somebody else
-- can have written it.
local function whole(said)
  local number = said and string.match(said, '^%d+$') and tonumber(said)
  return number and number < 2^53 and number or nil
end

-- Let the key go `us` microseconds from now.
local function expire(key, us)
  redis.call('PEXPIRE', key, text(math.max(1, math.ceil(us / 1000))))
end

-- Let the key stay for `us` microseconds from now at least.
local function prolong(key, us)
  us = math.max(us, 1000000)
  if redis.call('PTTL', key) * 1000 < us then expire(key, us) end
end

-- Whether call `token` is the latest, is under way, and is that of one of the holders from
-- ARGV[first] on.
local function is_ours(key, token, first)
  local call = redis.call('HMGET', key, 'token', 'holder')
  if call[1] ~= token or not call[2] then return false end
  for i = first, #ARGV do
    if ARGV[i] == call[2] then return true end
  end
  return false
end

-- The value that a hash keeps; nothing where it has ended or makes no sense.
local function kept_in(key, now)
  local kept = redis.call('HMGET', key, 'value', 'ends')
  local ends = whole(kept[2])
  return kept[1] and ends and ends > now and kept[1] or nil
end

-- An answer, when it was kept and the token of its call; likewise.
local function answer_in(key, now)
  local kept = redis.call('HMGET', key, 'value', 'kept', 'ends', 'token')
  local ends = whole(kept[3])
  if kept[1] and whole(kept[2]) and ends and ends > now then return kept[1], kept[2], kept[4] end
end
