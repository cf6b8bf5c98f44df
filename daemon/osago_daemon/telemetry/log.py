"""Structured logs: an event name and key=value on stderr. Never personal data.

What identifies a run is its quote id; what identifies an insurer is its id. Nothing out of an
application or an insurer's raw answer is ever passed to a logger.
"""

import logging
import sys
from contextlib import suppress
from typing import Literal, TextIO, cast

import structlog
from stamina.instrumentation import set_on_retry_hooks

Level = Literal["debug", "info", "warning", "error"]

_LEVELS: dict[Level, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class _Unbreakable:
    """A stream whose trouble (disk full, reader gone) is not the daemon's: the line is lost."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def configure(level: Level) -> None:
    """Set up logging for the whole process."""
    set_on_retry_hooks(())  # stamina's own hook would print arguments; retries are events of ours
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "event"], bool_as_flag=False
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Unbreakable(sys.stderr))),
        cache_logger_on_first_use=True,
    )
