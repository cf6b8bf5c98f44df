-- Write an index, or the list of days, where they are in other slots than what they tell of.
-- KEYS: index or days. ARGV: now, when that ends, then a day, or fields with their text in turn.
local now, ends = now_us(ARGV[1]), tonumber(ARGV[2])
if #ARGV == 3 then
  write_day(KEYS[1], now, ends, ARGV[3])
else
  write_index(KEYS[1], now, ends, {unpack(ARGV, 3)})
end
return 1
