-- KEYS: answer, call, entry, word, then index and days unless they are in other slots.
-- ARGV: now, token, channel, message, day, fingerprint, when the day ends; then each with a '1'
-- or '0' before it that says whether it is there: answer and when it ends, entry, word and how
-- long it is kept (us); then the holders.
-- {} where the lease is not ours; {now, whether an answer is kept}
-- The first thing that is written may be refused for want of memory; then nothing was. The lease
-- is given back last: whatever failed before that can be done again.
local now = now_us(ARGV[1])
if not is_ours(KEYS[2], ARGV[2], 16) then return {} end
local ends = tonumber(ARGV[7])
local answer_ends = tonumber(ARGV[10])
local has_answer = ARGV[8] == '1' and answer_ends > now
local has_entry = ARGV[11] == '1' and ends > now
local marks = {}
if has_answer then
  redis.call('HSET', KEYS[1], 'value', ARGV[9], 'kept', text(now), 'ends', ARGV[10],
    'token', ARGV[2])
  expire(KEYS[1], answer_ends - now)
  marks = {'a:' .. ARGV[6], table.concat({#ARGV[9], text(now), ARGV[10]}, ' ')}
end
if has_entry then
  redis.call('HSET', KEYS[3], 'value', ARGV[12], 'ends', ARGV[7])
  expire(KEYS[3], ends - now)
end
marks[#marks + 1] = 'e:' .. ARGV[6]
marks[#marks + 1] = has_entry and ARGV[7] or ''
if ARGV[13] == '1' then
  local keep = tonumber(ARGV[15])
  redis.call('HSET', KEYS[4], 'value', ARGV[14], 'ends', text(now + keep))
  expire(KEYS[4], keep)
end
if KEYS[5] then
  if has_answer then ends = math.max(ends, answer_ends) end
  write_day(KEYS[6], now, ends, ARGV[5])
  write_index(KEYS[5], now, ends, marks)
end
if not has_entry then redis.call('DEL', KEYS[3]) end
redis.call('HDEL', KEYS[2], 'holder')
-- Whoever may not publish is heard of by looking.
redis.pcall('PUBLISH', ARGV[3], ARGV[4])
return {text(now), has_answer and 1 or 0}
