-- An instance ends. KEYS: its name's, all instances'. ARGV: incarnation, name.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[2])
end
return 1
