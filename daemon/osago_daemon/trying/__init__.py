"""Trying one insurer out: one application walked through its steps, everything shown or recorded.

Runs beside any daemon and knows none: no policies, no store, no journal, no limits. Owns what is
shown of an exchange, and that nothing of a person and no secret is in it. The insurers' engine is
used as it is; how people see the result belongs to the command line.
"""
