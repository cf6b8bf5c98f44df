-- KEYS: places, pause. ARGV: now, then for each rule its most and its period (us).
-- {paused for (us), used, free in (us) or -1 for never, used, …}
local now = now_us(ARGV[1])
local result = {math.max(0, paused_until(KEYS[2], now) - now)}
for i = 2, #ARGV, 2 do
  local used, at = window(KEYS[1], now, tonumber(ARGV[i]), tonumber(ARGV[i + 1]))
  result[#result + 1] = used
  result[#result + 1] = at == math.huge and -1 or math.max(0, at - now)
end
return result
