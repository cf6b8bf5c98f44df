"""The applications an insurer has on its desk; forgotten after some minutes."""

from dataclasses import dataclass
from datetime import date

from osago_sandbox.outcome import Outcome

KEPT_S = 600.0
MOST_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Application:
    """One accepted application. `ready_at_s` and `created_at_s` are monotonic times.

    `content` is the digest of what was asked for.
    """

    id: str
    number: int
    content: bytes
    start_date: date
    outcome: Outcome
    created_at_s: float
    ready_at_s: float


class Applications:
    """One insurer's applications by id and by idempotency key, bounded in age and number."""

    def __init__(self) -> None:
        self._by_id: dict[str, tuple[Application, str | None]] = {}  # oldest first
        self._by_key: dict[str, Application] = {}

    def add(self, application: Application, key: str | None) -> None:
        """Remember a new application, under its idempotency key if it came with one."""
        self._forget(application.created_at_s)
        self._by_id[application.id] = (application, key)
        if key is not None:
            self._by_key[key] = application

    def with_id(self, id_: str | None, now_s: float) -> Application | None:
        """The application of this id, if it is still remembered."""
        self._forget(now_s)
        entry = self._by_id.get(id_) if id_ is not None else None
        return entry[0] if entry else None

    def with_key(self, key: str | None, now_s: float) -> Application | None:
        """The application that was created under this idempotency key."""
        self._forget(now_s)
        return self._by_key.get(key) if key is not None else None

    def _forget(self, now_s: float) -> None:
        while self._by_id:
            application, key = next(iter(self._by_id.values()))
            if len(self._by_id) <= MOST_KEPT and now_s - application.created_at_s < KEPT_S:
                return
            del self._by_id[application.id]
            if key is not None:
                self._by_key.pop(key, None)
