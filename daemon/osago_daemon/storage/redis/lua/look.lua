-- What came of a call. KEYS: answer, call, word. ARGV: now, token.
-- {'answer', value, kept at} | {'word', value} | {'held', holder} | {'over'}
local now = now_us(ARGV[1])
local value, kept, token = answer_in(KEYS[1], now)
if value and token == ARGV[2] then return {'answer', value, kept} end
local word = kept_in(KEYS[3], now)
if word then return {'word', word} end
local call = redis.call('HMGET', KEYS[2], 'token', 'holder')
if call[2] and call[1] == ARGV[2] then
  return {'held', call[2]}
end
return {'over'}
