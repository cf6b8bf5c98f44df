"""What the keys in Redis are called. What stands in braces decides on the slot of a Cluster.

Everything begins with `osago:`, so that an administrator can allow just that (`~osago:*`).
"""

from typing import Literal, TypeAlias

from osago_daemon.storage.port import Key

Kind: TypeAlias = Literal["hash", "zset", "string", "trace"]
"""Redis's word for a type; `trace`: a hash whose loss must remain known."""

SEAL_CHECK = "osago:seal-check"
_INSTANCE = "osago:{instance}:"
INSTANCES = f"{_INSTANCE}all"
DAYS = "osago:index"
"""The days of insurers of which there is an index, by when it goes."""


def answer(key: Key) -> str:
    """Value, when it was kept, when it ends, the token of its call."""
    return f"osago:{{{key.text}}}:answer"


def call(key: Key) -> str:
    """The latest token, and who holds it."""
    return f"osago:{{{key.text}}}:call"


def entry(key: Key) -> str:
    """Value, when it ends."""
    return f"osago:{{{key.text}}}:entry"


def word(key: Key, token: int) -> str:
    """Value, when it ends; each call has its own, so that none is missed."""
    return f"osago:{{{key.text}}}:word:{token}"


def day(key: Key) -> str:
    """An insurer's day, as in `DAYS`."""
    return f"{key.insurer}/{key.day}"


def index(of_day: str) -> str:
    """What is kept of one insurer's day, by fingerprint: see `kept.py`."""
    return f"osago:{{{of_day}}}:index"


def instance(name: str) -> str:
    """The incarnation that has this name and lives."""
    return f"{_INSTANCE}{name}"


def places(insurer: str) -> str:
    """The places in its windows, by their ends."""
    return f"osago:{{{insurer}}}:places"


def numbers(insurer: str) -> str:
    """The last place's number, the longest window."""
    return f"osago:{{{insurer}}}:numbers"


def pause(insurer: str) -> str:
    """Until when it is left alone."""
    return f"osago:{{{insurer}}}:pause"


def note(name: str) -> str:
    """Value, when it ends."""
    return f"osago:note:{name}"


def channel(seal_check: str) -> str:
    """Where ended calls are told; others on this server, on another database too, have theirs."""
    return f"osago:over:{seal_check}"


def kind(name: str) -> Kind:
    """What stands under one of the names above."""
    role = name.rpartition("}:")[2]
    if name in {DAYS, INSTANCES} or role == "places":
        return "zset"
    if name == SEAL_CHECK or name.startswith(_INSTANCE) or role == "pause":
        return "string"
    return "trace" if role in {"call", "entry"} else "hash"
