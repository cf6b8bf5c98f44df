-- KEYS: pause. ARGV: now, for how long (us).
local now, pause = now_us(ARGV[1]), tonumber(ARGV[2])
local ends = now + pause
if pause <= 0 or paused_until(KEYS[1], now) >= ends then return 0 end
redis.call('SET', KEYS[1], text(ends))
expire(KEYS[1], pause)
return 1
