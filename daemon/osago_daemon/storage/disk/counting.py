"""What is kept, looked at row by row: on connections of its own, beside the work."""

import sqlite3
import struct
from contextlib import closing
from typing import NamedTuple

from osago_daemon.storage.disk.folder import Folder
from osago_daemon.storage.disk.our_cache import OURS
from osago_daemon.storage.disk.schema import connect
from osago_daemon.storage.disk.trouble import making_sense
from osago_daemon.storage.port import Kept

_MOMENT = struct.Struct(">d")  # big-endian: moments compare as their bytes do
_ANSWERS = f"""
SELECT tag, count(*), sum(length(value) - 24), min(substr(value, 1, 8)), max(substr(value, 1, 8))
FROM Cache WHERE {OURS} GROUP BY tag
"""  # noqa: S608  # a constant
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
    with closing(connect(folder.answers_db)) as answers_db:
        answers = _answer_counts(answers_db, wall)
    with closing(connect(folder.state)) as state:
        entries: dict[str, int] = dict(state.execute(_ENTRIES, (wall,)).fetchall())
    with making_sense():
        return [
            Kept(insurer, *answers.get(insurer, _NONE), entries.get(insurer, 0))
            for insurer in sorted({*answers, *entries})
        ]


def find_rows(folder: Folder, insurer: str | None) -> list[int]:
    """Whatever stands among an insurer's answers, or all. Raises what SQLite raises."""
    with closing(connect(folder.answers_db)) as answers_db:
        if insurer is None:
            rows = answers_db.execute("SELECT rowid FROM Cache").fetchall()
        else:
            rows = answers_db.execute(
                "SELECT rowid FROM Cache WHERE tag = ?", (insurer,)
            ).fetchall()
    return sorted(row for (row,) in rows)


def _answer_counts(answers_db: sqlite3.Connection, wall: float) -> dict[str, Counts]:
    """By insurer, without what has ended and what is not ours."""
    rows = answers_db.execute(_ANSWERS, {"wall": _MOMENT.pack(wall)}).fetchall()
    with making_sense():
        return {
            tag: Counts(count, size, _MOMENT.unpack(oldest)[0], _MOMENT.unpack(newest)[0])
            for tag, count, size, oldest, newest in rows
        }
