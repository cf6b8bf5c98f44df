-- A request's place ends now, or is dropped. KEYS: places, numbers. ARGV: now, number, '1' to drop.
if ARGV[3] == '1' then
  return redis.call('ZREM', KEYS[1], ARGV[2])
end
local now = now_us(ARGV[1])
local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[2]) or '0')
local longest = whole(redis.call('HGET', KEYS[2], 'longest')) or 0
if ends + longest <= now then return 0 end
redis.call('ZADD', KEYS[1], 'XX', text(now), ARGV[2])
if ends < now then
  prolong(KEYS[1], longest)
  prolong(KEYS[2], longest)
end
return 1
