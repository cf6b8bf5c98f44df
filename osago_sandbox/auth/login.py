"""A request with login and password gives a token, which ends soon: by the clock or by its use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from osago_sandbox.asked import Asked
from osago_sandbox.auth.base import ENDED, Refused
from osago_sandbox.clock import Clock

_MOST_TOKENS = 10_000
_TOKEN_BITS = 128


@dataclass(frozen=True, kw_only=True)
class Login:
    """A login of the insurer's own making; the token goes into a header.

    - `path`: where to log in, below the insurer's prefix; takes JSON with `login` and `password`.
    - `good_s`, `good_for`: seconds and requests, after which a token is refused. Several are good
      at a time.
    - `answer`: the body that hands the token out, by token and seconds.
    """

    path: str
    login: str
    password: str
    header: str
    good_s: int
    good_for: int
    answer: Callable[[str, int], Any]
    logs_in: bool = True

    def guard(self, seed: str, clock: Clock) -> "Tokens":
        """A guard that has handed out no token yet."""
        return Tokens(self, seed, clock)


@dataclass(slots=True)
class _Token:
    ends_at_s: float
    left: int


class Tokens:
    """The tokens of one desk."""

    def __init__(self, login: Login, seed: str, clock: Clock) -> None:
        self._login = login
        self._seed = seed
        self._clock = clock
        self._tokens: dict[str, _Token] = {}  # oldest first; also those that ended
        self._made = 0

    def log_in(self, body: Any) -> Any | None:
        """The body with a new token; None where login or password is wrong."""
        wanted = {"login": self._login.login, "password": self._login.password}
        if not isinstance(body, Mapping) or any(body.get(n) != v for n, v in wanted.items()):
            return None
        self._made += 1
        token = f"{Random(repr((self._seed, self._made))).getrandbits(_TOKEN_BITS):032x}"
        ends_at_s = self._clock.monotonic_s() + self._login.good_s
        self._tokens[token] = _Token(ends_at_s, self._login.good_for)
        if len(self._tokens) > _MOST_TOKENS:
            del self._tokens[next(iter(self._tokens))]
        return self._login.answer(token, self._login.good_s)

    def check(self, asked: Asked) -> Refused | None:
        """Refuse a token that nobody got, and one that is at its end; use up one of its times."""
        token = self._tokens.get(asked.headers.get(self._login.header, ""))
        if token is None:
            return Refused()
        token.left -= 1
        if token.left < 0 or self._clock.monotonic_s() >= token.ends_at_s:
            return Refused(ENDED, "token_expired")
        return None

    def expire(self, asked: Asked) -> Refused:
        """End the token of this request."""
        token = self._tokens.get(asked.headers.get(self._login.header, ""))
        if token is not None:
            token.left = 0
        return Refused(ENDED, "token_expired")

    def is_handshake(self, asked: Asked) -> bool:  # noqa: ARG002  # logging in has its own path
        """No request to another path is one."""
        return False
