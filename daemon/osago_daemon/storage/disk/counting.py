"""What is kept, counted by insurer: row by row, so on connections of its own, beside the work."""

import sqlite3
import struct
from contextlib import closing
from typing import NamedTuple

from osago_daemon.storage.disk.folder import Folder
from osago_daemon.storage.disk.schema import connect
from osago_daemon.storage.port import Kept

_MOMENT = struct.Struct(">d")  # big-endian: moments compare as their bytes do
_ANSWERS = """
SELECT tag, count(*), sum(length(value) - 24), min(substr(value, 1, 8)), max(substr(value, 1, 8))
FROM Cache
WHERE raw = 1 AND mode = 1 AND filename IS NULL AND typeof(tag) = 'text'
    AND typeof(value) = 'blob' AND length(value) >= 24 AND substr(value, 9, 8) > ?
GROUP BY tag
"""
_ENTRIES = """
SELECT insurer, count(*) FROM calls
WHERE entry IS NOT NULL AND entry_ends_wall > ? GROUP BY insurer
"""


class Counts(NamedTuple):
    """Of one insurer's answers."""

    answers: int
    bytes: int
    oldest_at: float | None
    newest_at: float | None


_NONE = Counts(0, 0, None, None)


def count_kept(folder: Folder, wall: float) -> list[Kept]:
    """See the port. Raises what SQLite raises."""
    with closing(connect(folder.answers_db)) as answers_db, closing(connect(folder.state)) as state:
        answers = answer_counts(answers_db, wall)
        entries: dict[str, int] = dict(state.execute(_ENTRIES, (wall,)).fetchall())
    return [
        Kept(insurer, *answers.get(insurer, _NONE), entries.get(insurer, 0))
        for insurer in sorted({*answers, *entries})
    ]


def answer_counts(answers_db: sqlite3.Connection, wall: float) -> dict[str, Counts]:
    """By insurer, without what has ended and what is not ours."""
    rows = answers_db.execute(_ANSWERS, (_MOMENT.pack(wall),))
    return {
        tag: Counts(count, size, _MOMENT.unpack(oldest)[0], _MOMENT.unpack(newest)[0])
        for tag, count, size, oldest, newest in rows
    }
