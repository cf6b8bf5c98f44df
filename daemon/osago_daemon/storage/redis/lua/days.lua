-- The days that have an index. KEYS: days. ARGV: now. {now, day, …}
local now = now_us(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now - 86400000000))
return {text(now), unpack(redis.call('ZRANGE', KEYS[1], 0, -1))}
