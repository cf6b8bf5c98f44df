-- KEYS: note. ARGV: now. {value} | {}
local note = redis.call('HMGET', KEYS[1], 'value', 'ends')
if note[1] and tonumber(note[2]) > now_us(ARGV[1]) then return {note[1]} end
return {}
