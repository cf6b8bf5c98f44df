-- Remove an answer. KEYS: answer. ARGV: now. 1 where one was kept | 0
local value = answer_in(KEYS[1], now_us(ARGV[1]))
redis.call('DEL', KEYS[1])
return value and 1 or 0
