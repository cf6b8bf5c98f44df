-- KEYS: note. ARGV: now. {value} | {}
return {kept_in(KEYS[1], now_us(ARGV[1]))}
