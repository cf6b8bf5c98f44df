"""`kind = "oauth2"`: a token of an authorization server (RFC 6749), by client or by password."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Literal
from urllib.parse import quote_plus, urlencode

import httpx
from pydantic import Field

from osago_daemon.insurers.auth.addresses import AddressedAuth
from osago_daemon.insurers.auth.base import Auth
from osago_daemon.insurers.auth.basic import basic_pair
from osago_daemon.insurers.auth.renewing import RenewingAuth
from osago_daemon.insurers.auth.sessions import Ask, LoginSession, Source
from osago_daemon.insurers.auth.tokens import Token, junk, scope_of, seconds, token, token_text
from osago_daemon.insurers.auth.visits import Exit
from osago_daemon.insurers.bodies import FORM
from osago_daemon.insurers.secrets import SecretReference, Secrets, TextOrSecret
from osago_daemon.insurers.tables import Located
from osago_daemon.resilience.trouble import Trouble, TroubleKind

_OURS = frozenset(
    {"grant_type", "client_id", "client_secret", "username", "password", "scope", "refresh_token"}
)


class OAuth2Auth(AddressedAuth, RenewingAuth):
    """The grants that need no person."""

    ascii_only: ClassVar[bool] = False  # they travel encoded
    kind: Literal["oauth2"]
    grant: Literal["client_credentials", "password"] = "client_credentials"
    client_id: TextOrSecret
    client_secret: SecretReference | None = None
    username: TextOrSecret | None = None
    password: SecretReference | None = None
    scope: str | None = None
    params: Mapping[str, str] = Field(default_factory=dict)
    """Constants beside them, such as `audience`."""
    credentials: Literal["basic", "body"] = "basic"

    @classmethod
    def raw_problems(cls, raw: Mapping[str, Any]) -> Iterator[Located]:
        """Adds: what a grant needs, or has no use for."""
        yield from super().raw_problems(raw)
        grant = raw.get("grant", "client_credentials")
        for name in ("username", "password"):
            if grant == "password" and name not in raw:
                yield (name,), 'is missing: grant = "password" needs it'
            elif grant == "client_credentials" and name in raw:
                yield (name,), 'has no use without grant = "password"'
        if grant == "client_credentials" and "client_secret" not in raw:
            yield ("client_secret",), "is missing"
        params = raw.get("params")
        for name in params if isinstance(params, Mapping) else ():
            if name in _OURS:
                yield ("params", name), "has a key of its own"

    def build(self, secrets: Secrets) -> Auth:
        """Resolve the secrets; nothing is sent yet."""

        def said(value: Any) -> str | None:
            return None if value is None else self.text(value, secrets)

        who = _Who(
            said(self.client_id) or "",
            said(self.client_secret),
            said(self.username),
            said(self.password),
        )
        hidden = tuple(s for s in (who.client_secret, who.password) if s is not None)
        return Auth(secrets=hidden, opens=partial(self._open, who, hidden))

    def _open(self, who: "_Who", hidden: tuple[str, ...], way_out: Exit) -> LoginSession:
        return LoginSession(_Grant(self, who, way_out.base_url), self.refusals, way_out, hidden)

    def form(self, who: "_Who") -> dict[str, str]:
        """What asks for a token without an earlier one."""
        form: dict[str, str] = {"grant_type": self.grant}
        if self.grant == "password":
            form |= {"username": who.username or "", "password": who.password or ""}
        return {**form, **({} if self.scope is None else {"scope": self.scope}), **self.params}


@dataclass(frozen=True, slots=True)
class _Who:
    client_id: str = field(repr=False)
    client_secret: str | None = field(repr=False)
    username: str | None = field(repr=False)
    password: str | None = field(repr=False)


class _Grant(Source):
    def __init__(self, table: OAuth2Auth, who: _Who, base_url: str) -> None:
        self._table = table
        self._who = who
        self._base_url = base_url
        self._refresh: str | None = None

    async def token(self, ask: Ask, now: Callable[[], datetime]) -> Token:
        """By the refresh token where there is one, else, or if that is refused, by the grant."""
        refresh, self._refresh = self._refresh, None
        if refresh is not None:
            form = {"grant_type": "refresh_token", "refresh_token": refresh}
            try:
                return self._read(await ask(self._request(form)), now(), refresh)
            except Trouble as trouble:
                if trouble.kind not in {TroubleKind.AUTH, TroubleKind.REJECTED}:
                    self._refresh = refresh  # it was not refused, so it may do next time
                    raise
        asked_at = now()
        return self._read(await ask(self._request(self._table.form(self._who))), asked_at)

    def _request(self, form: dict[str, str]) -> httpx.Request:
        who, headers = self._who, {"Accept": "application/json", "Content-Type": FORM}
        if self._table.credentials == "basic" and who.client_secret is not None:
            # Encoded before they are joined: RFC 6749, 2.3.1.
            pair = basic_pair(quote_plus(who.client_id), quote_plus(who.client_secret))
            headers["Authorization"] = f"Basic {pair}"
        else:
            form = {**form, "client_id": who.client_id}
            if who.client_secret is not None:
                form["client_secret"] = who.client_secret
        url = self._table.address(self._base_url)
        return httpx.Request("POST", url, headers=headers, content=urlencode(form).encode())

    def _read(self, response: httpx.Response, now: datetime, refresh: str | None = None) -> Token:
        body = scope_of(response)["body"]
        if not isinstance(body, Mapping):
            raise junk("the answer is no JSON object")
        text = token_text(body.get("access_token"))
        kind = body.get("token_type", "bearer")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise junk("a token of a type that is not Bearer")
        life_s = seconds(body.get("expires_in"))
        newer = body.get("refresh_token")
        found = token(
            {"Authorization": f"Bearer {text}"},
            (text, *((newer,) if isinstance(newer, str) else ())),
            now,
            self._table.expires_in_s if life_s is None else life_s,
        )
        self._refresh = newer if isinstance(newer, str) and newer else refresh
        return found
