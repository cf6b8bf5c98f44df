"""`kind = "ws_security"`: a user name and a password inside the SOAP message.

OASIS Web Services Security 1.1, UsernameToken Profile 1.1. Who we are is said anew for each
attempt: servers remember nonces and refuse the one they have seen.
"""

import base64
import hashlib
import secrets as randomness
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Final, Literal

import httpx

from osago_daemon.insurers.auth.base import Auth, AuthTable
from osago_daemon.insurers.auth.visits import Exit, Session, Visit
from osago_daemon.insurers.port import Call
from osago_daemon.insurers.secrets import (
    SecretReference,
    Secrets,
    TextOrSecret,
)
from osago_daemon.insurers.tables import Located
from osago_daemon.insurers.xml import add_soap_header, is_writable, soap_header_block
from osago_daemon.resilience.trouble import Trouble, TroubleKind

LIFE = timedelta(minutes=5)
"""What the profile recommends as the least that servers accept; a message is sent at once."""

KIND = "ws_security"
_DIGEST: Final = "digest"

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_NAMESPACES = {
    "wsse": f"{_OASIS}wssecurity-secext-1.0.xsd",
    "wsu": f"{_OASIS}wssecurity-utility-1.0.xsd",
}
_PASSWORD = f"{_OASIS}username-token-profile-1.0#Password"
_BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
_NO_PLACE = "ws_security says who we are inside a SOAP message: this step needs `soap` and `xml`"


def new_nonce() -> bytes:
    """128 bits that nobody foresees."""
    return randomness.token_bytes(16)


def password_digest(nonce: bytes, created: str, password: str) -> str:
    """Base64(SHA-1(nonce + created + password)), as the profile has it."""
    said = nonce + created.encode() + password.encode()
    return base64.b64encode(hashlib.sha1(said).digest()).decode()  # noqa: S324  # the only one


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """Who we are, and how it is said."""

    username: str
    password: str = field(repr=False)
    digest: bool

    def header(self, nonce: bytes, now: datetime) -> bytes:
        """The `wsse:Security` of one message. `now` is aware."""
        created = _moment(now)
        kind, password = "Text", self.password
        if self.digest:
            kind, password = "Digest", password_digest(nonce, created, self.password)
        token = {
            "wsse:Username": self.username,
            "wsse:Password": {"@Type": f"{_PASSWORD}{kind}", "#text": password},
            "wsse:Nonce": {"@EncodingType": _BASE64, "#text": base64.b64encode(nonce).decode()},
            "wsu:Created": created,
        }
        security = {
            "@soap:mustUnderstand": "1",
            "wsu:Timestamp": {"wsu:Created": created, "wsu:Expires": _moment(now + LIFE)},
            "wsse:UsernameToken": token,
        }
        return soap_header_block({"wsse:Security": security}, _NAMESPACES)


def _moment(moment: datetime) -> str:
    """In UTC with milliseconds, which every server reads."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


class WsSecurityAuth(AuthTable):
    """A UsernameToken. The digest keeps the password off the wire."""

    kind: Literal["ws_security"]
    ascii_only: ClassVar[bool] = False
    username: TextOrSecret
    """Plain text or a reference."""
    password: SecretReference  # printable, as every secret is, and so what XML can carry
    """Where the password is."""
    password_type: Literal["digest", "text"] = _DIGEST
    """What goes over the wire: a digest of the password, or itself."""

    @classmethod
    def raw_problems(cls, raw: Mapping[str, Any]) -> Iterator[Located]:
        """A user name in the file that no message can carry."""
        username = raw.get("username")
        if isinstance(username, str) and not is_writable(username):
            yield ("username",), "has characters that XML can't carry"

    def build(self, secrets: Secrets) -> Auth:
        """Resolve both."""
        token = UsernameToken(
            self.text(self.username, secrets),
            self.secret(self.password, secrets),
            self.password_type == _DIGEST,
        )
        return Auth(secrets=(token.password,), opens=partial(_open, token))


def _open(token: UsernameToken, way_out: Exit) -> "WsSecuritySession":
    return WsSecuritySession(token, way_out.now)


class WsSecuritySession(Session):
    """The token for all messages of an insurer."""

    def __init__(
        self,
        token: UsernameToken,
        now: Callable[[], datetime],
        nonce: Callable[[], bytes] = new_nonce,
    ) -> None:
        super().__init__((token.password,))
        self._visit = _WsSecurityVisit(token, now, nonce)

    def visit(self, call: Call) -> Visit:  # noqa: ARG002  # the same for all, as it keeps nothing
        """A new request's."""
        return self._visit


class _WsSecurityVisit(Visit):
    def __init__(
        self, token: UsernameToken, now: Callable[[], datetime], nonce: Callable[[], bytes]
    ) -> None:
        self._token = token
        self._now = now
        self._nonce = nonce

    def content(self, request: httpx.Request) -> bytes | None:
        """The message with a header that no other attempt has had."""
        if not request.content:
            return None  # they redirected us to where there is no message any more
        header = self._token.header(self._nonce(), self._now())
        try:
            return add_soap_header(request.content, header)
        except ValueError:
            raise Trouble(TroubleKind.MISCONFIGURED, _NO_PLACE) from None


def soap_problems(raw: Mapping[str, Any]) -> Iterator[Located]:
    """Of an insurer's raw table: steps that have no place for its `ws_security`."""
    auth = raw.get("auth")
    if not isinstance(auth, Mapping) or auth.get("kind") != KIND:
        return
    steps = raw.get("steps")
    several = enumerate(steps) if isinstance(steps, list) else ()
    for key, step in (
        *(((name,), raw.get(name)) for name in ("create", "poll")),
        *((("steps", i), step) for i, step in several),
    ):
        if isinstance(step, Mapping) and "soap" not in step:
            yield (*key, "soap"), f"is missing: {_NO_PLACE}"
