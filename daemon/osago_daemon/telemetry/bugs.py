"""Our own mistakes, logged so that they can be found but tell nothing of anybody."""

import secrets
import traceback

import structlog

log = structlog.get_logger(__name__)


def report_bug(bug: BaseException, **context: str) -> str:
    """Log where an unexpected exception came from; gives the number to find it by.

    Its type and the lines it passed through, but never its text, which may quote an application.
    """
    number = f"bug-{secrets.token_hex(4)}"
    frames = traceback.extract_tb(bug.__traceback__)
    way = " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames)
    log.error(number, error=type(bug).__name__, way=way, **context)
    return number
