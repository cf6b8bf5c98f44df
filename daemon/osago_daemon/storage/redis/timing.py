"""How long the Redis store waits for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedisTiming:
    """All in seconds."""

    reply_s: float = 1.0
    """For one reply, and for a connection: a Redis that is well takes a thousandth of this."""
    patience_s: float = 2.0
    """For an operation in all, the others of its batch included."""
    alive_s: float = 5.0
    """An instance that was not heard of for so long is dead: several missed renewals."""
    recheck_s: float = 1.0
    """How late one who waits may be where a message was lost."""
    resubscribe_s: float = 0.2
    """Before the next attempt to listen."""
