-- Make room where something of another type stands under a key of ours. KEYS. ARGV: for each what
-- should be there: 'hash', 'zset', 'string', or 'trace', a hash that must not pass for one that
-- never was. {those that made room, …}
local gone = {}
for i, key in ipairs(KEYS) do
  local trace = ARGV[i] == 'trace'
  local there = redis.call('TYPE', key).ok
  if there ~= 'none' and there ~= (trace and 'hash' or ARGV[i]) then
    redis.call('DEL', key)
    if trace then
      redis.call('HSET', key, 'token', 'lost')
      expire(key, 2 * 86400000000)
    end
    gone[#gone + 1] = key
  end
end
return gone
