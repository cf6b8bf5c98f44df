"""HTTP Digest (RFC 7616) with SHA-256 and `qop=auth`; nonces go stale by the clock and by use."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from osago_sandbox.asked import Asked
from osago_sandbox.auth.base import ENDED, WRONG, Refused
from osago_sandbox.clock import Clock

_SCHEME = re.compile(r"digest\s+", re.IGNORECASE)
_PARAMETER = re.compile(r'([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_COUNT = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)
_MOST_NONCES = 10_000
_NONCE_BITS = 128


@dataclass(frozen=True, kw_only=True)
class Digest:
    """User name and password that never go over the wire.

    A nonce is good for `good_s` seconds and `good_for` requests; then the challenge says `stale`.
    """

    username: str
    password: str
    realm: str
    good_s: float
    good_for: int
    logs_in: bool = True

    def guard(self, seed: str, clock: Clock) -> "Nonces":
        """A guard that has challenged nobody yet."""
        return Nonces(self, seed, clock)

    def response(self, method: str, given: Mapping[str, str]) -> str:
        """What the client should have answered to the challenge whose parameters it repeats."""
        one = _hash(f"{self.username}:{self.realm}:{self.password}")
        two = _hash(f"{method}:{given['uri']}")
        middle = ":".join(given[name] for name in ("nonce", "nc", "cnonce", "qop"))
        return _hash(f"{one}:{middle}:{two}")


@dataclass(slots=True)
class _Nonce:
    ends_at_s: float
    counts: set[int] = field(default_factory=set)


class Nonces:
    """The nonces of one desk."""

    def __init__(self, digest: Digest, seed: str, clock: Clock) -> None:
        self._digest = digest
        self._seed = seed
        self._clock = clock
        self._nonces: dict[str, _Nonce] = {}  # oldest first
        self._made = 0

    def check(self, asked: Asked) -> Refused | None:
        """Refuse with a challenge whoever did not answer one as it should be."""
        given = _parameters(asked.headers.get("Authorization", ""))
        if not self._is_right(asked, given):
            return self._challenge(WRONG)
        nonce = self._nonces.get(given["nonce"])
        count = int(given["nc"], 16)
        stale = nonce is None or self._clock.monotonic_s() >= nonce.ends_at_s
        if nonce is None or stale or count in nonce.counts or count > self._digest.good_for:
            return self._challenge(ENDED, stale=True)
        nonce.counts.add(count)
        return None

    def expire(self, asked: Asked) -> Refused:
        """Forget the nonce of this request."""
        given = _parameters(asked.headers.get("Authorization", ""))
        self._nonces.pop(given.get("nonce", ""), None)
        return self._challenge(ENDED, stale=True)

    def is_handshake(self, asked: Asked) -> bool:
        """Whoever shows nothing can only want the challenge."""
        return _SCHEME.match(asked.headers.get("Authorization", "")) is None

    def _is_right(self, asked: Asked, given: Mapping[str, str]) -> bool:
        wanted = {
            "username": self._digest.username,
            "realm": self._digest.realm,
            "uri": asked.target,
            "qop": "auth",
            "algorithm": "SHA-256",
        }
        if any(given.get(name) != value for name, value in wanted.items()):
            return False
        if not given.get("nonce") or not given.get("cnonce"):
            return False
        if _COUNT.fullmatch(given.get("nc", "")) is None:
            return False
        return given.get("response") == self._digest.response(asked.method, given)

    def _challenge(self, message: str, *, stale: bool = False) -> Refused:
        self._made += 1
        nonce = f"{Random(repr((self._seed, self._made))).getrandbits(_NONCE_BITS):032x}"
        self._nonces[nonce] = _Nonce(self._clock.monotonic_s() + self._digest.good_s)
        if len(self._nonces) > _MOST_NONCES:
            del self._nonces[next(iter(self._nonces))]
        parameters = f'realm="{self._digest.realm}", qop="auth", algorithm=SHA-256, nonce="{nonce}"'
        if stale:
            parameters += ", stale=true"
        return Refused(message, headers={"WWW-Authenticate": f"Digest {parameters}"})


def _parameters(header: str) -> dict[str, str]:
    """`name=value` of an Authorization header; empty where its scheme is another."""
    scheme = _SCHEME.match(header)
    if scheme is None:
        return {}
    found = _PARAMETER.finditer(header, scheme.end())
    return {m[1].lower(): re.sub(r"\\(.)", r"\1", m[2]) if m[3] is None else m[3] for m in found}


def _hash(text: str) -> str:
    # What came as no UTF-8 is hashed as it came, and so is wrong.
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
