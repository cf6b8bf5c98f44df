"""Kinds of `auth` that live from a refused request being sent again, and a `retry` that forbids it.

Works on the raw table of an insurer, of which any part may be missing or wrong.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from osago_daemon.insurers.tables import Located
from osago_daemon.resilience.numbers import RetryNumbers

_ENDS = "a request that comes when the {} has ended is refused, and sent again after a new login"
_WHY: Mapping[str, str] = {
    "digest": "the first request is refused with a challenge, and sent again with its answer",
    "login": _ENDS.format("token"),
    "oauth2": _ENDS.format("token"),
    "cookie": _ENDS.format("session"),
}
_DEFAULTS = RetryNumbers()


def problems(insurer: Mapping[str, Any]) -> Iterator[Located]:
    """Where `retry` leaves no room for the repetition that the kind of `auth` needs."""
    kind = _table(insurer, "auth").get("kind")
    why = _WHY.get(kind) if isinstance(kind, str) else None
    if why is None:
        return
    retry = _table(insurer, "retry")
    if _is_number_below(retry.get("attempts", _DEFAULTS.attempts), 2):
        yield ("retry", "attempts"), f'must be 2 at least with auth.kind = "{kind}": {why}'
    if _is_number_below(_table(retry, "auth").get("retries", _DEFAULTS.auth.retries), 1):
        yield ("retry", "auth", "retries"), f'must be 1 at least with auth.kind = "{kind}": {why}'


def _table(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = table.get(name)
    return value if isinstance(value, Mapping) else {}


def _is_number_below(value: object, least: int) -> bool:
    """Whether it is one that the table itself takes; another has a problem of its own."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < least
