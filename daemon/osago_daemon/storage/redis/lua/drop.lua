-- Remove an answer. KEYS: answer. ARGV: now. 1 where one was kept | 0
local ends = redis.call('HGET', KEYS[1], 'ends')
redis.call('DEL', KEYS[1])
if ends and tonumber(ends) > now_us(ARGV[1]) then return 1 end
return 0
