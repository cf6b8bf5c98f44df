-- What came of a call. KEYS: answer, call, word. ARGV: now, token.
-- {'answer', value, kept at} | {'word', value} | {'held', holder} | {'over'}
local now = now_us(ARGV[1])
local answer = redis.call('HMGET', KEYS[1], 'value', 'kept', 'ends', 'token')
if answer[1] and answer[4] == ARGV[2] and tonumber(answer[3]) > now then
  return {'answer', answer[1], answer[2]}
end
local word = redis.call('HMGET', KEYS[3], 'value', 'ends')
if word[1] and tonumber(word[2]) > now then
  return {'word', word[1]}
end
local call = redis.call('HMGET', KEYS[2], 'token', 'holder')
if call[2] and call[1] == ARGV[2] then
  return {'held', call[2]}
end
return {'over'}
