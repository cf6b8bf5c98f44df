-- Whose secret this Redis is used with. KEYS: seal check. ARGV: ours, if there is none yet.
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
