-- KEYS: call, entry, then index and days unless they are in other slots. ARGV: now, token, when
-- the entry ends, entry, day, fingerprint, holders. 1 | 0
local now = now_us(ARGV[1])
if not is_ours(KEYS[1], ARGV[2], 7) then return 0 end
local ends = tonumber(ARGV[3])
if ends > now then
  redis.call('HSET', KEYS[2], 'value', ARGV[4], 'ends', ARGV[3])
  expire(KEYS[2], ends - now)
  if KEYS[3] then
    write_index(KEYS[3], now, ends, {'e:' .. ARGV[6], ARGV[3]})
    write_day(KEYS[4], now, ends, ARGV[5])
  end
end
return 1
