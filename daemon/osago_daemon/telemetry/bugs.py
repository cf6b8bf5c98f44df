"""Our own mistakes, logged so that they can be found but tell nothing of anybody."""

import secrets
import traceback
from collections.abc import Iterator

import structlog

log = structlog.get_logger(__name__)


def report_bug(bug: BaseException, **context: str) -> str:
    """Log where an unexpected exception came from; gives the number to find it by.

    Its type and the lines it passed through, but never its text, which may quote an application.
    """
    number = f"bug-{secrets.token_hex(4)}"
    for leaf in _leaves(bug):
        frames = traceback.extract_tb(leaf.__traceback__)
        way = " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames)
        log.error(number, error=type(leaf).__name__, way=way, **context)
    return number


def _leaves(bug: BaseException) -> Iterator[BaseException]:
    """The exceptions that task groups have wrapped, or the exception itself."""
    if isinstance(bug, BaseExceptionGroup):
        for inner in bug.exceptions:
            yield from _leaves(inner)
    else:
        yield bug
