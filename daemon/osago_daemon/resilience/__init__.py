"""How to call something that may be sick: deadline, retry, breaker. Knows nothing of insurance."""
