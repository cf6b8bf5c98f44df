-- KEYS: answer, call, entry. ARGV: now, fresh ('1'), me, a holder known to be dead or '', how
-- long the token is kept (us).
-- {'answer', value, kept at} | {'held', token, holder} | {'taken', token, entry or nothing}
local now = now_us(ARGV[1])
if ARGV[2] ~= '1' then
  local answer = redis.call('HMGET', KEYS[1], 'value', 'kept', 'ends')
  if answer[1] and tonumber(answer[3]) > now then
    return {'answer', answer[1], answer[2]}
  end
end
local call = redis.call('HMGET', KEYS[2], 'token', 'holder')
if call[2] and call[2] ~= ARGV[4] then
  return {'held', tonumber(call[1]), call[2]}
end
local token = redis.call('HINCRBY', KEYS[2], 'token', 1)
redis.call('HSET', KEYS[2], 'holder', ARGV[3])
expire(KEYS[2], tonumber(ARGV[5]))
local entry = redis.call('HMGET', KEYS[3], 'value', 'ends')
if entry[1] and tonumber(entry[2]) > now then
  return {'taken', token, entry[1]}
end
return {'taken', token}
