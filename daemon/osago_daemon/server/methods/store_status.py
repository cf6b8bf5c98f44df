"""The store's state in the words of the wire; `cache.show` and `daemon.status` say it alike."""

from datetime import UTC, datetime
from typing import Literal, cast

from osago_core.wire.methods import StoreStatus
from osago_daemon.storage.port import StoreState


def store_status(state: StoreState) -> StoreStatus:
    """How the store is doing."""
    return StoreStatus(
        kind=cast("Literal['memory', 'disk', 'redis']", state.kind),
        place=state.place,
        state="ready" if state.away_since is None else "away",
        away_since=moment(state.away_since),
        reason=state.reason or None,
        instances=state.instances,
    )


def moment(unix_s: float | None) -> datetime | None:
    """Unix seconds as an aware moment."""
    return None if unix_s is None else datetime.fromtimestamp(unix_s, UTC)
