"""What the shared limits need of a store, and how it is asked for a place."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import anyio

from osago_daemon.storage.port import Full, Place, Rule, StoreError, StoreState, Windows


class Counts(Windows, Protocol):
    """The part of a store that counts."""

    def state(self) -> StoreState:
        """As last heard."""


class Question(NamedTuple):
    """How things stood when the store was asked how full the windows are."""

    at: float
    own: dict[str, int]
    """The places that it had given to this instance, by limit."""
    changes: int


async def place_of(
    store: Counts, insurer: str, rules: Sequence[Rule], arrival_s: float
) -> Place | Full | StoreError:
    """What the store answers, also to somebody who is cancelled meanwhile.

    Else a place might be given that nobody knows of. A store answers or fails within its patience.
    """
    got: Place | Full | StoreError
    with anyio.CancelScope(shield=True):
        try:
            got = await store.take_place(insurer, rules, arrival_s)
        except StoreError as error:
            got = error
    return got
