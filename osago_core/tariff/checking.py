"""How checks of the tariff's files tell what they find: in sentences, whatever is in the files.

Knows what can go wrong when a file of somebody else's is read; what a sound table is, it does not.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import ParamSpec

P = ParamSpec("P")

UNREADABLE = (
    *(LookupError, ValueError, TypeError, ArithmeticError, AttributeError),
    *(OSError, RecursionError),
)
"""What reading a file raises that is not what it should be."""


def told(
    where: str, check: Callable[P, Iterable[str]], *args: P.args, **kwargs: P.kwargs
) -> Iterator[str]:
    """Everything that a check finds, with the place in front; one that breaks off says why."""
    try:
        for problem in check(*args, **kwargs):
            yield f"{where}: {problem}"
    except UNREADABLE as error:
        yield f"{where}: {reason(error)}"


def reason(error: Exception) -> str:
    """One line for the person who wrote the file."""
    match error:
        case json.JSONDecodeError():
            return f"not JSON: {error.msg} in line {error.lineno}"
        case KeyError(args=(str(key),)):
            return f"{key!r} is missing"
        case FileNotFoundError():
            return "is missing"
        case UnicodeDecodeError():
            what = "not UTF-8 text"
        case RecursionError():
            what = "nested too deeply"
        case OSError(strerror=str(strerror)):
            what = strerror
        case _:
            what = " ".join(str(error).split())
    return f"cannot be read: {what}"
