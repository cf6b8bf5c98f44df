-- The index of an insurer's day: 'a:FINGERPRINT' = bytes, kept at, ends; 'e:FINGERPRINT' = ends.
-- It goes when the last of what it tells of has ended.

-- `texts`: fields with their text in turn, '' to remove one.
local function write_index(key, now, ends, texts)
  for i = 1, #texts, 2 do
    if texts[i + 1] == '' then
      redis.call('HDEL', key, texts[i])
    else
      redis.call('HSET', key, texts[i], texts[i + 1])
    end
  end
  prolong(key, ends - now)
end

-- The list of the days that have an index; it outlives them, and is tidied by who reads it.
local function write_day(key, now, ends, day)
  redis.call('ZADD', key, text(ends), day)
  prolong(key, ends - now + 86400000000)
end
