-- KEYS: call. ARGV: token, channel, message, holders. 1 | 0
if not is_ours(KEYS[1], ARGV[1], 4) then return 0 end
redis.call('HDEL', KEYS[1], 'holder')
redis.pcall('PUBLISH', ARGV[2], ARGV[3])
return 1
