-- KEYS: note. ARGV: now, value, how long it is kept (us).
local keep = tonumber(ARGV[3])
if keep <= 0 then return redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'value', ARGV[2], 'ends', text(now_us(ARGV[1]) + keep))
expire(KEYS[1], keep)
return 1
