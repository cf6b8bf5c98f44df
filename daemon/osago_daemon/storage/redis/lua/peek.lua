-- KEYS: answer. ARGV: now. {value, kept at} | {}
local value, kept = answer_in(KEYS[1], now_us(ARGV[1]))
return value and {value, kept} or {}
