-- An instance lives. KEYS: its name's, all instances'. ARGV: incarnation, alive for (us), name,
-- '1' to take the name whoever has it. {-1} where it is somebody else's by now, else {how many
-- live, whether the name was somebody's}.
-- By the server's time always: others must not think us dead because a test's clock stands.
local now = now_us('')
local there = redis.call('GET', KEYS[1])
if there and there ~= ARGV[1] and ARGV[4] ~= '1' then return {-1} end
local alive = tonumber(ARGV[2])
redis.call('ZADD', KEYS[2], text(now + alive), ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now))
expire(KEYS[2], alive)
redis.call('SET', KEYS[1], ARGV[1], 'PX', text(math.ceil(alive / 1000)))
return {redis.call('ZCARD', KEYS[2]), there and 1 or 0}
