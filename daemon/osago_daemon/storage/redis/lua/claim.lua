-- KEYS: answer, call, entry. ARGV: now, fresh ('1'), me, a holder known to be dead or '', how
-- long the token is kept (us).
-- {'answer', value, kept at} | {'held', token, holder} | {'taken', token, entry or nothing}
-- All is read before anything is written: what can't be read leaves nothing half done.
local now = now_us(ARGV[1])
local fresh = ARGV[2] == '1'
if not fresh then
  local value, kept = answer_in(KEYS[1], now)
  if value then return {'answer', value, kept} end
end
local call = redis.call('HMGET', KEYS[2], 'token', 'holder')
local token = whole(call[1])
if token and token >= 2^40 then token = nil end -- nobody ever counted so far
if token and call[2] and call[2] ~= ARGV[4] then
  return {'held', token, call[2]}
end
local entry = redis.call('HMGET', KEYS[3], 'value', 'ends')
local ends = whole(entry[2])
local makes_sense = entry[1] and ends or redis.call('EXISTS', KEYS[3]) == 0
if not fresh then redis.call('DEL', KEYS[1]) end
if token then
  token = token + 1
elseif call[1] or call[2] then
  token = math.floor(now / 1000000) -- unlike those before it, whatever they were
else
  token = 1
end
redis.call('HSET', KEYS[2], 'token', text(token), 'holder', ARGV[3])
expire(KEYS[2], tonumber(ARGV[5]))
if not makes_sense then
  -- There was something: whoever claims must not take it for nothing.
  if redis.call('PTTL', KEYS[3]) < 0 then expire(KEYS[3], tonumber(ARGV[5])) end
  return {'taken', token, ''}
end
return {'taken', token, ends and ends > now and entry[1] or nil}
