-- How full one window is: {used, when there is room again or '' for never, 0 for now}.
-- A place whose end is yet to come may be ended at any moment, so by now at the earliest.
local function window(key, now, most, period)
  local left = '(' .. text(now - period)
  local used = redis.call('ZCOUNT', key, left, '+inf')
  if used < most then return used, 0 end
  if most <= 0 then return used, math.huge end
  local first = redis.call('ZRANGEBYSCORE', key, left, '+inf', 'WITHSCORES', 'LIMIT', used - most, 1)
  return used, math.min(tonumber(first[2]), now) + period
end

local function paused_until(key, now)
  local ends = whole(redis.call('GET', key)) or 0
  return ends > now and ends or 0
end
