"""`kind = "cookie"`: a login gives a session cookie. It goes to the insurer's own server only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Literal

import httpx

from osago_daemon.insurers.auth.base import Auth
from osago_daemon.insurers.auth.login_request import LoginRequestAuth
from osago_daemon.insurers.auth.renewing import RenewingAuth
from osago_daemon.insurers.auth.sessions import Ask, LoginSession, Source
from osago_daemon.insurers.auth.tokens import MAX_TOKEN_CHARS, Token, junk, seconds, token
from osago_daemon.insurers.auth.visits import Exit
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.insurers.tables import Located, is_header_name, is_header_text

MAX_COOKIES = 50


class CookieAuth(LoginRequestAuth, RenewingAuth):
    """A login as a browser does it."""

    kind: Literal["cookie"]
    cookie: str | None = None
    """The one that must be there; left out: any."""

    @classmethod
    def raw_problems(cls, raw: Mapping[str, Any]) -> Iterator[Located]:
        """Adds: another server, whose cookies the insurer's would never get."""
        yield from super().raw_problems(raw)
        if "url" in raw:
            yield ("url",), "a cookie goes back to the server that set it: use `path`"

    def build(self, secrets: Secrets) -> Auth:
        """Resolve the secrets; nothing is sent yet."""
        values = self.secret_values(secrets)
        return Auth(secrets=self.hidden(values), opens=partial(self._open, values))

    def _open(self, values: Mapping[str, str], way_out: Exit) -> LoginSession:
        source = _Cookies(self, lambda: self.request(way_out.base_url, values, way_out.now()))
        return LoginSession(source, self.refusals, way_out, self.hidden(values))


class _Cookies(Source):
    redirected = True  # to the page that a browser would see next

    def __init__(self, table: CookieAuth, request: Callable[[], httpx.Request]) -> None:
        self.answers = table.answers
        self._table = table
        self._request = request

    async def token(self, ask: Ask, now: Callable[[], datetime]) -> Token:
        """Log in, and keep the cookies."""
        asked_at = now()
        found = dict(set_cookies(await ask(self._request())))
        kept = {name: value for name, (value, _) in found.items() if value is not None}
        name = self._table.cookie
        if not kept or (name is not None and name not in kept):
            raise junk("no such cookie in the answer" if kept else "no cookie in the answer")
        lives = [life_s for n, (_, life_s) in found.items() if n == name and life_s is not None]
        life_s = lives[0] if lives else self._table.expires_in_s
        return token(_header(kept), tuple(kept.values()), asked_at, life_s)

    def secrets_in(self, response: httpx.Response) -> tuple[str, ...]:
        """The cookies, wherever their answer is no good one."""
        return tuple(value for _, (value, _) in set_cookies(response) if value is not None)

    def after(self, held: Token, response: httpx.Response) -> Token:
        """The cookies as a later answer sets them anew. One that ends the session is refused."""
        kept = dict(pair.split("=", 1) for pair in held.headers["Cookie"].split("; "))
        newer = dict(kept)
        for name, (value, _) in set_cookies(response):
            if value is not None and (name in kept or len(newer) < MAX_COOKIES):
                newer[name] = value
        if newer == kept:
            return held
        return replace(held, headers=_header(newer), secrets=tuple(newer.values()))


def set_cookies(response: httpx.Response) -> Iterator[tuple[str, tuple[str | None, float | None]]]:
    """Name → value (None: to be forgotten) and life in seconds, of every `Set-Cookie` (RFC 6265).

    One that no header could carry back is passed over.
    """
    for line in response.headers.get_list("set-cookie")[:MAX_COOKIES]:
        pair, *attributes = line.split(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        fits = is_header_name(name) and is_header_text(value) and len(value) <= MAX_TOKEN_CHARS
        if not equals or not fits:
            continue
        life_s = None
        for attribute in attributes:
            key, _, said = (part.strip() for part in attribute.partition("="))
            if key.lower() == "max-age":
                life_s = seconds(said)
        gone = not value or (life_s is not None and life_s <= 0)
        yield name, (None if gone else value, life_s)


def _header(kept: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())}
