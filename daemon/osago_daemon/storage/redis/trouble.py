"""Says in a few words what is wrong with a Redis. Never with a password."""

from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

MAX_CHARS = 160

_BY_TYPE: tuple[tuple[type[BaseException], str], ...] = (
    (MasterNotFoundError, "no Sentinel knows a primary of that name that is up"),
    (RedisTimeoutError, "no answer in time"),
    (TimeoutError, "no answer in time"),
    (BusyLoadingError, "still loading its data"),
    (AuthenticationError, "wrong user or password"),
    (AuthorizationError, "wants a user and password"),
    (OutOfMemoryError, "its memory is full (maxmemory)"),
    (ReadOnlyError, "it is a replica now, not the primary"),
    (MasterDownError, "it is a replica whose primary is down"),
    (ClusterDownError, "the cluster is down"),
)
_BY_WORD = {
    "NOAUTH": "wants a user and password",
    "WRONGPASS": "wrong user or password",
    "OOM": "its memory is full (maxmemory)",
    "READONLY": "it is a replica now, not the primary",
    "LOADING": "still loading its data",
    "MASTERDOWN": "it is a replica whose primary is down",
    "CLUSTERDOWN": "the cluster is down",
    "MISCONF": "it can't write its data to disk (MISCONF)",
    "NOREPLICAS": "it has too few replicas to be written to",
    "BUSY": "it is busy with a script of somebody else",
    "UNBLOCKED": "it is a replica now, not the primary",
    "Authentication": "wants a user and password",
    "Timeout": "no answer in time",
}

TROUBLE = (RedisError, OSError, TimeoutError)
"""What a Redis that can't be used raises. A ValueError out of an address is not among it."""


def is_of_data(reply: object) -> bool:
    """Whether it is an error of this one operation, by what stands under its keys.

    Redis before version 7 wraps what is wrong with itself into the same words.
    """
    if type(reply) is not ResponseError:
        return False
    said = str(reply)
    words = {word.strip("-:,.") for word in said.split()}
    return ("WRONGTYPE" in words or "user_script" in said) and not words & _BY_WORD.keys()


def reason(error: BaseException) -> str:
    """Short, for people."""
    for kind, text in _BY_TYPE:
        if isinstance(error, kind):
            return text
    message = " ".join(str(error).split())
    word = message.split(" ", 1)[0].rstrip(":")
    return _BY_WORD.get(word) or _short(_in_its_words(error, message))


def _in_its_words(error: BaseException, message: str) -> str:
    if isinstance(error, NoPermissionError):
        return f"its user lacks a permission: {message.removeprefix('NOPERM ')}"
    if isinstance(error, ResponseError):
        return f"it says: {message}"
    if isinstance(error, RedisConnectionError | RedisClusterException | OSError):
        return f"no connection: {message}"
    return type(error).__name__


def _short(text: str) -> str:
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1] + "…"
