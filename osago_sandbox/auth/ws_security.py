"""WS-Security UsernameToken with PasswordDigest (OASIS UsernameToken Profile 1.1.1)."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from osago_sandbox import soap
from osago_sandbox.asked import Asked
from osago_sandbox.auth.base import ENDED, Refused
from osago_sandbox.clock import Clock

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DIGEST_TYPE = (
    "http://docs.oasis-open.org/wss/2004/01/"
    "oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
)
FRESH_FOR = timedelta(minutes=5)
"""What the profile recommends: older tokens are refused, and nonces remembered as long."""
AHEAD = timedelta(minutes=1)
"""A client's clock may be ahead of ours by so much."""


@dataclass(frozen=True, kw_only=True)
class WsSecurity:
    """A user name and base64(sha1(nonce + created + password)) in the envelope's header."""

    username: str
    password: str
    logs_in: bool = False

    def guard(self, seed: str, clock: Clock) -> "SeenNonces":  # noqa: ARG002  # nothing to make up
        """A guard that has seen no nonce yet."""
        return SeenNonces(self, clock)

    def digest(self, nonce: bytes, created: str) -> str:
        """The right password digest."""
        summed = hashlib.sha1(nonce + created.encode() + self.password.encode())  # noqa: S324  # the profile's
        return base64.b64encode(summed.digest()).decode()


class SeenNonces:
    """The nonces of the last minutes at one desk: none opens twice."""

    def __init__(self, auth: WsSecurity, clock: Clock) -> None:
        self._auth = auth
        self._clock = clock
        self._seen: dict[bytes, datetime] = {}  # oldest first

    def check(self, asked: Asked) -> Refused | None:
        """Refuse a wrong digest, a token that is too old, and a nonce for the second time."""
        envelope = soap.envelope_of(asked.body)
        token = None if envelope is None else envelope.find(_path("Security/UsernameToken"))
        nonce = None if token is None else self._nonce(token)
        if nonce is None or nonce in self._seen:
            return Refused()
        now = self._clock.now()
        self._forget(now)
        self._seen[nonce] = now
        return None

    def expire(self, asked: Asked) -> Refused:  # noqa: ARG002  # each token opens once anyway
        """Only say so."""
        return Refused(ENDED)

    def is_handshake(self, asked: Asked) -> bool:  # noqa: ARG002  # none is
        """Nobody has to ask how."""
        return False

    def _nonce(self, token: Element) -> bytes | None:
        """The nonce of a token that is right and fresh."""
        created = token.findtext(f"{{{WSU}}}Created", "")
        password = token.find(f"{{{WSSE}}}Password")
        try:
            nonce = base64.b64decode(token.findtext(f"{{{WSSE}}}Nonce", ""), validate=True)
        except ValueError:
            return None
        if not nonce or password is None or password.get("Type") != DIGEST_TYPE:
            return None
        if token.findtext(f"{{{WSSE}}}Username") != self._auth.username:
            return None
        right = password.text == self._auth.digest(nonce, created)
        return nonce if right and self._is_fresh(created) else None

    def _is_fresh(self, created: str) -> bool:
        try:
            at = datetime.fromisoformat(created)
        except ValueError:
            return False
        age = self._clock.now() - (at if at.tzinfo else at.replace(tzinfo=UTC))
        return -AHEAD <= age <= FRESH_FOR

    def _forget(self, now: datetime) -> None:
        # A token may be ahead by AHEAD when it comes first, and so be fresh for longer.
        while self._seen and now - next(iter(self._seen.values())) > FRESH_FOR + AHEAD:
            del self._seen[next(iter(self._seen))]


def _path(names: str) -> str:
    """Below the envelope, in its header."""
    parts = [f"{{{WSSE}}}{name}" for name in names.split("/")]
    return "/".join([f"{{{soap.ENVELOPE}}}Header", *parts])
