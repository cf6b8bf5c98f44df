-- KEYS: answer. ARGV: now. {value, kept at} | {}
local answer = redis.call('HMGET', KEYS[1], 'value', 'kept', 'ends')
if answer[1] and tonumber(answer[3]) > now_us(ARGV[1]) then
  return {answer[1], answer[2]}
end
return {}
