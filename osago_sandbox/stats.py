"""What each insurer sees of its clients: the numbers behind `/_control/stats`."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

WINDOW_S = 1.0
MOST_CONTENTS = 200_000
_COUNTED = {"create": "creates", "poll": "polls", "login": "logins"}


class Tally:
    """One insurer's counts since the last clear.

    - `creates`: requests to the create (or one-step) endpoint, also those that were answered with
      an error or a fault, and repeats under the same idempotency key.
    - `polls`: requests for the state of an application.
    - `logins`: requests to log in, and those that brought nothing but the wish for a challenge.
    - `other_steps`: requests of the steps that come before a create, such as a vehicle's.
    - `applications`: applications (or quotes) that were really started, each content once a day.
    - `duplicate_creates`: creates that started a second application (or quote) for content this
      insurer had already taken on the same day. The content is the request body without the
      idempotency key and the contacts (phone, e-mail). A repeat under the same idempotency key is
      given the same application, and a request that was turned away starts none: neither counts.
    - `creates_without_key`: creates that carried no idempotency key.
    - `max_concurrent`: most requests of any kind in progress at one moment.
    - `max_per_second`: most requests of any kind that arrived within any one second.
    """

    def __init__(self) -> None:
        self._running = 0
        self.clear()

    def clear(self) -> None:
        """Start again from zero; requests in progress stay in progress."""
        self.creates = 0
        self.polls = 0
        self.logins = 0
        self.other_steps = 0
        self.applications = 0
        self.duplicate_creates = 0
        self.creates_without_key = 0
        self.max_concurrent = self._running
        self.max_per_second = 0
        self._arrivals: deque[float] = deque()
        self._contents: dict[bytes, None] = {}  # a set that knows its oldest member

    def step(self, step: str) -> None:
        """Count a request of this step."""
        name = _COUNTED.get(step, "other_steps")
        setattr(self, name, getattr(self, name) + 1)

    @contextmanager
    def request(self, now_s: float) -> Iterator[None]:
        """Count a request from its arrival to the end of its answer."""
        self._arrivals.append(now_s)
        while self._arrivals[0] <= now_s - WINDOW_S:
            self._arrivals.popleft()
        self._running += 1
        self.max_per_second = max(self.max_per_second, len(self._arrivals))
        self.max_concurrent = max(self.max_concurrent, self._running)
        try:
            yield
        finally:
            self._running -= 1

    def started(self, content: bytes) -> None:
        """Count an application that was really started, by its content."""
        if content in self._contents:
            self.duplicate_creates += 1
            return
        self.applications += 1
        if len(self._contents) >= MOST_CONTENTS:
            del self._contents[next(iter(self._contents))]
        self._contents[content] = None

    def as_json(self) -> dict[str, int]:
        """The counts under their public names."""
        names = (
            "creates",
            "polls",
            "logins",
            "other_steps",
            "applications",
            "duplicate_creates",
            "creates_without_key",
            "max_concurrent",
            "max_per_second",
        )
        return {name: getattr(self, name) for name in names}
