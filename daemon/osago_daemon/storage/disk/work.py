"""Carries a batch out so that an operation that fails by itself leaves the others alone."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeAlias

from osago_daemon.storage.disk.batch import Batch
from osago_daemon.storage.disk.session import Session
from osago_daemon.storage.disk.trouble import BrokenError, is_general, told
from osago_daemon.storage.port import StoreError

Op: TypeAlias = Callable[[Batch], object]


class _OwnTroubleError(Exception):
    """Of one operation."""

    def __init__(self, at: int, error: Exception) -> None:
        super().__init__()
        self.at = at
        self.error = error


def work(session: Session, ops: Sequence[Op]) -> tuple[list[object], bool]:
    """A result or an exception each, and whether a call was ended.

    Raises BrokenError. What was answered without writing stands even where writing fails.
    """
    results: list[object] = [None] * len(ops)
    left = list(range(len(ops)))
    while True:
        batch = Batch(session)
        safe: list[int] = []
        try:
            _do(batch, ops, left, results, safe)
        except _OwnTroubleError as trouble:
            error = trouble.error
            results[trouble.at] = told(error) if isinstance(error, sqlite3.Error) else error
            left.remove(trouble.at)  # the others once more: nothing of this round was written
        except BrokenError:
            raise
        except StoreError as error:
            for at in left:
                if at not in safe:
                    results[at] = error
            return results, False
        else:
            return results, batch.ended


def _do(
    batch: Batch, ops: Sequence[Op], left: Sequence[int], results: list[object], safe: list[int]
) -> None:
    try:
        for at in left:
            try:
                results[at] = ops[at](batch)
            except Exception as error:
                if is_general(error):
                    raise
                raise _OwnTroubleError(at, error) from error
            if not batch.began:
                safe.append(at)
        batch.commit()
    except Exception as error:
        _roll_back(batch)
        if is_general(error):
            raise told(error) from error
        raise


def _roll_back(batch: Batch) -> None:
    try:
        batch.rollback()
    except sqlite3.Error:
        return  # whatever it was shows again with the next operation
