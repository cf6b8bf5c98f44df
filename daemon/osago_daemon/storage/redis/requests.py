"""What is sent to Redis: calls of scripts and plain commands, and how they are spelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from osago_daemon.storage.redis.scripts import Script

Text: TypeAlias = str | bytes | int


@dataclass(frozen=True, slots=True)
class Call:
    """A script with its keys, all of one slot, and its arguments."""

    script: Script
    keys: Sequence[str]
    args: Sequence[Text] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A plain command on one key."""

    name: str
    key: str
    args: Sequence[Text] = ()

    @property
    def keys(self) -> Sequence[str]:
        """As of a call."""
        return (self.key,)


Request: TypeAlias = Sequence[Call | Command]


def by_sha(call: Call | Command) -> Sequence[Text]:
    """For a server that has the script."""
    if isinstance(call, Command):
        return (call.name, call.key, *call.args)
    return ("EVALSHA", call.script.sha, len(call.keys), *call.keys, *call.args)


def by_source(call: Call | Command) -> Sequence[Text]:
    """For one that may have forgotten it."""
    if isinstance(call, Command):
        return by_sha(call)
    return ("EVAL", call.script.source, len(call.keys), *call.keys, *call.args)
