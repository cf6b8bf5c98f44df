"""One absolute moment after which nothing below may start, wait or go on.

It may be put off while it lasts, never brought forward: whoever looks at it again sees the later
one.

Times are seconds on anyio's clock, so that the same code runs on a virtual one.
"""

from dataclasses import dataclass, field

import anyio


@dataclass(slots=True)
class Deadline:
    """The moment `at`, on the clock of `anyio.current_time`."""

    at: float
    _scopes: list[anyio.CancelScope] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The moment `seconds` from now."""
        return cls(anyio.current_time() + seconds)

    def left_s(self) -> float:
        """Seconds until the deadline; never negative."""
        return max(0.0, self.at - anyio.current_time())

    def put_off(self, at: float) -> None:
        """Let it be `at`, where that is later."""
        self.at = max(self.at, at)
        for scope in self._scopes:
            scope.deadline = self.at

    def scope(self) -> anyio.CancelScope:
        """A scope that is cancelled at the deadline."""
        scope = anyio.CancelScope(deadline=self.at)
        self._scopes.append(scope)
        return scope
