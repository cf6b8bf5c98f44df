-- KEYS: places, numbers, pause. ARGV: now, arrival (us), then for each rule its most and its
-- period (us). {number} | {free in (us) or -1 for never, which rule: 1.., 0 for the pause}
local now, arrival = now_us(ARGV[1]), tonumber(ARGV[2])
local free, full, longest = paused_until(KEYS[3], now), nil, 0
if free > 0 then full = 0 end
for i = 3, #ARGV, 2 do
  local period = tonumber(ARGV[i + 1])
  local _, at = window(KEYS[1], now, tonumber(ARGV[i]), period)
  if at > 0 and (not full or at > free) then free, full = at, (i - 1) / 2 end
  longest = math.max(longest, period)
end
if full then
  return {free == math.huge and -1 or free - now, full}
end
-- Another instance may have other rules: what counts in the longest of all is kept.
local numbers = redis.call('HMGET', KEYS[2], 'last', 'longest')
longest = math.max(longest, whole(numbers[2]) or 0)
-- By the time, so that no number comes again where the store was emptied.
local number = math.max(now, (whole(numbers[1]) or 0) + 1)
redis.call('ZADD', KEYS[1], text(now + arrival), text(number))
redis.call('HSET', KEYS[2], 'last', text(number), 'longest', text(longest))
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now - longest))
prolong(KEYS[1], arrival + longest)
prolong(KEYS[2], arrival + longest)
return {number}
