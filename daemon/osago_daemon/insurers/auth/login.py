"""`kind = "login"`: a request with a user name and a password gives a token for a while."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import httpx
from pydantic import PlainValidator

from osago_daemon.insurers.auth.base import Auth
from osago_daemon.insurers.auth.login_request import LoginRequestAuth
from osago_daemon.insurers.auth.renewing import RenewingAuth
from osago_daemon.insurers.auth.sessions import Ask, LoginSession, Source
from osago_daemon.insurers.auth.tokens import (
    Token,
    evaluated,
    left_s,
    scope_of,
    seconds,
    token,
    token_text,
)
from osago_daemon.insurers.auth.visits import Exit
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.insurers.tables import (
    AnswerExpression,
    Located,
    is_framing_header,
    is_header_name,
    is_header_text,
    value_problem,
)

_ENDS = ("expires_in", "expires_at", "expires_in_s")


def _header(raw: Any) -> str:
    if not isinstance(raw, str) or (raw and not is_header_name(raw)):
        raise value_problem("not the name of a header")
    if is_framing_header(raw):
        raise value_problem("this header is written by the transport")
    return raw


def _scheme(raw: Any) -> str:
    if not isinstance(raw, str) or not is_header_text(raw):
        raise value_problem('expected what stands before the token, such as "Token", or ""')
    return raw


class LoginAuth(LoginRequestAuth, RenewingAuth):
    """A login of their own making."""

    kind: Literal["login"]
    token: AnswerExpression
    expires_in: AnswerExpression | None = None
    expires_at: AnswerExpression | None = None
    header: Annotated[str, PlainValidator(_header)] = "Authorization"
    """The header that carries the token; "" for none, where `auth.token` of requests says it."""
    scheme: Annotated[str | None, PlainValidator(_scheme)] = None
    """Before the token; left out: `Bearer` in `Authorization`, nothing in other headers."""

    @classmethod
    def raw_problems(cls, raw: Mapping[str, Any]) -> Iterator[Located]:
        """Adds: more than one end."""
        yield from super().raw_problems(raw)
        ends = [name for name in _ENDS if name in raw]
        for name in ends[1:]:
            yield (name,), f"`{ends[0]}` says already when the token ends"

    def build(self, secrets: Secrets) -> Auth:
        """Resolve the secrets; nothing is sent yet."""
        values = self.secret_values(secrets)
        return Auth(secrets=self.hidden(values), opens=partial(self._open, values))

    def _open(self, values: Mapping[str, str], way_out: Exit) -> LoginSession:
        source = _Login(self, lambda: self.request(way_out.base_url, values, way_out.now()))
        return LoginSession(source, self.refusals, way_out, self.hidden(values))

    def carried(self, text: str) -> Mapping[str, str]:
        """The header with the token."""
        if not self.header:
            return {}
        scheme = self.scheme
        if scheme is None:
            scheme = "Bearer" if self.header.lower() == "authorization" else ""
        return {self.header: f"{scheme} {text}" if scheme else text}

    def life_s(self, scope: Mapping[str, Any], now: datetime) -> float | None:
        """How long a token of this answer lasts; None where nobody says so readably."""
        if self.expires_in is not None:
            return seconds(evaluated(self.expires_in, scope))
        if self.expires_at is not None:
            return left_s(evaluated(self.expires_at, scope), now)
        return self.expires_in_s


class _Login(Source):
    def __init__(self, table: LoginAuth, request: Callable[[], httpx.Request]) -> None:
        self.answers = table.answers
        self._table = table
        self._request = request

    async def token(self, ask: Ask, now: Callable[[], datetime]) -> Token:
        """Ask for one."""
        asked_at = now()  # the end counts from when they made it, which may be as early as this
        scope = self._scope(await ask(self._request()))
        text = token_text(evaluated(self._table.token, scope))
        life_s = self._table.life_s(scope, asked_at)
        return token(self._table.carried(text), (text,), asked_at, life_s)

    def secrets_in(self, response: httpx.Response) -> tuple[str, ...]:
        """The token, wherever its answer is no good one for another reason."""
        text = evaluated(self._table.token, self._scope(response))
        return (text,) if isinstance(text, str) else ()

    def _scope(self, response: httpx.Response) -> Mapping[str, Any]:
        return scope_of(response, xml=self._table.xml is not None)
