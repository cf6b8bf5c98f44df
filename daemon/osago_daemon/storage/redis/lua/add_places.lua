-- KEYS: places, numbers. ARGV: now, how long such places are kept at least (us), how long ago
-- (us) each ended.
local now = now_us(ARGV[1])
local numbers = redis.call('HMGET', KEYS[2], 'last', 'longest')
local number = math.max(now, (whole(numbers[1]) or 0) + 1)
for i = 3, #ARGV do
  redis.call('ZADD', KEYS[1], text(now - ARGV[i]), text(number))
  number = number + 1
end
redis.call('HSET', KEYS[2], 'last', text(number))
local keep = math.max(tonumber(ARGV[2]), whole(numbers[2]) or 0)
prolong(KEYS[1], keep)
prolong(KEYS[2], keep)
return 1
