"""The numbers of the wire contract. Standard library only: the plain CLI path imports it."""

PROTOCOL = 1
"""The protocol both sides speak; an integer of its own, apart from the package version."""

MAX_LINE_BYTES = 1024 * 1024
"""A line, without its newline, may hold this much."""

MAX_DEADLINE_S = 60.0
"""After at most this long a run ends with what has arrived."""

EVENT_METHOD = "quote.event"
