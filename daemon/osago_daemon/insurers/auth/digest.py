"""`kind = "digest"`: HTTP Digest (RFC 7616), its nonces shared by all calls of an insurer.

The first request of all goes out bare and is refused with a challenge; it is repeated as any
refused request is. A nonce serves until they name another one.
"""

import secrets as randomness
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import httpx

from osago_daemon.insurers.auth.base import Auth
from osago_daemon.insurers.auth.basic import UserAuth
from osago_daemon.insurers.auth.challenges import (
    Challenge,
    Target,
    Who,
    authorization,
    challenge_of,
    next_nonce,
)
from osago_daemon.insurers.auth.visits import Exit, RenewingVisit, Session, Visit
from osago_daemon.insurers.port import Call
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.insurers.tables import is_header_text
from osago_daemon.resilience.trouble import Trouble, TroubleKind

_UNAUTHORIZED, _THEIR_TROUBLE = 401, 500


def new_cnonce() -> str:
    """128 bits that nobody foresees."""
    return randomness.token_hex(16)


class DigestAuth(UserAuth):
    """A password that never goes over the wire."""

    kind: Literal["digest"]

    def build(self, secrets: Secrets) -> Auth:
        """Resolve both."""
        who = Who(self.named(secrets), self.secret(self.password, secrets))
        return Auth(secrets=(who.password,), opens=partial(_open, who))


def _open(who: Who, _way_out: Exit) -> "DigestSession":
    return DigestSession(who)


@dataclass(slots=True)
class _Nonce:
    """A challenge, and how often it was answered."""

    challenge: Challenge
    count: int = 0
    accepted: bool = False


class DigestSession(Session):
    """The latest challenge of an insurer that was answered to its liking."""

    def __init__(self, who: Who, cnonce: Callable[[], str] = new_cnonce) -> None:
        super().__init__((who.password,))
        self._who = who
        self._cnonce = cnonce
        self.nonce: _Nonce | None = None

    def visit(self, call: Call) -> Visit:  # noqa: ARG002  # nothing is asked beside the request
        """A new request's."""
        return _DigestVisit(self)

    def answer(self, nonce: _Nonce, request: httpx.Request) -> str:
        """The `Authorization` of one attempt."""
        nonce.count += 1
        return authorization(
            nonce.challenge,
            self._who,
            Target(request.method, request.url.raw_path.decode("ascii")),
            count=nonce.count,
            cnonce=self._cnonce(),
        )


class _DigestVisit(RenewingVisit):
    """A request that answers a challenge: its own where it was refused, else the latest."""

    def __init__(self, session: DigestSession) -> None:
        super().__init__()
        self._session = session
        self._own: _Nonce | None = None
        self._used: _Nonce | None = None

    def headers(self, request: httpx.Request) -> Mapping[str, str]:
        """Bare where there was no challenge yet."""
        self._used, self._own = self._own or self._session.nonce, None
        if self._used is None:
            return {}
        return {"Authorization": self._session.answer(self._used, request)}

    def saw(self, response: httpx.Response) -> bool:
        """Whether it was refused for want of a (newer) answer to a challenge."""
        used = self._used
        self.refused = False
        if response.status_code != _UNAUTHORIZED:
            if used is not None and response.status_code < _THEIR_TROUBLE:
                used.accepted = True
                self._session.nonce = self._next(used, response)
            return False
        challenge = challenge_of(response.headers.get_list("www-authenticate"))
        if challenge is None:
            return False
        # A fresh nonce refused is a wrong password, which is not to be tried again and again.
        if used is None or used.accepted or challenge.stale:
            # This request answers the challenge that it got: servers may give each its own. Others
            # do once it was accepted.
            self._own = _Nonce(challenge)
            self.refused = True
        return self.refused

    def _next(self, used: _Nonce, response: httpx.Response) -> _Nonce:
        """The one that they want to see next."""
        said = response.headers.get("authentication-info")
        nonce = None if said is None else next_nonce(said)
        if nonce is None or not is_header_text(nonce):
            return used
        return _Nonce(replace(used.challenge, nonce=nonce), accepted=True)

    async def renew(self) -> None:
        """There is nothing to ask for: the challenge came with the refusal."""
        if self._own is None:
            raise Trouble(TroubleKind.AUTH, "refused without a challenge")
