"""One login of an insurer, shared by all calls of the process.

Owns that there is one login under way at most, what becomes of those who wait for it, and when the
next one is due. How a kind logs in is its `Source`; how often a login is tried is the policies'.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeAlias

import anyio
import httpx

from osago_daemon.insurers import errors, values
from osago_daemon.insurers.auth.login_answers import LoginAnswers
from osago_daemon.insurers.auth.tokens import Token, evaluated, scope_of
from osago_daemon.insurers.auth.visits import Exit, RenewingVisit, Session, Visit
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.port import Call
from osago_daemon.insurers.responses import headers_of
from osago_daemon.resilience.trouble import Trouble, TroubleKind

PAUSE_S = 30.0
"""So long after they refused a login nobody tries again: the same password a third time locks
accounts, and a corrected one comes with a reload, which begins afresh."""

_OWN = frozenset({TroubleKind.BROKEN_OFF, TroubleKind.OVER_LIMIT})
"""Troubles of one caller's: the next one who waits tries for himself."""
_REFUSED = frozenset(
    {TroubleKind.AUTH, TroubleKind.REJECTED, TroubleKind.GONE, TroubleKind.BAD_ANSWER}
)
"""What another login would most probably meet again; many say "no" in a good answer."""
_NOT_ACCEPTED = "they refuse who we are"

Ask: TypeAlias = Callable[[httpx.Request], Awaitable[httpx.Response]]
"""Send a request of a login under the insurer's policies; raises `Trouble`."""


class Source(ABC):
    """How one kind logs in."""

    redirected = False
    """Whether a redirect is a good answer. It is never followed."""
    answers = LoginAnswers()
    """What else its answers say."""

    @abstractmethod
    async def token(self, ask: Ask, now: Callable[[], datetime]) -> Token:
        """Log in; raises `Trouble`."""

    def secrets_in(self, response: httpx.Response) -> tuple[str, ...]:  # noqa: ARG002  # for others
        """What of an answer must not be repeated."""
        return ()

    def after(self, held: Token, response: httpx.Response) -> Token:  # noqa: ARG002  # for cookies
        """What an answer to an ordinary request makes of the token."""
        return held


class Refusals:
    """Which answers say that the token is none any more."""

    def __init__(self, statuses: tuple[int, ...], said: Expression | None) -> None:
        """`said` over an answer: true (or anything but false, null and empty) says so as well."""
        self._statuses = frozenset(statuses)
        self._said = said

    def match(self, response: httpx.Response) -> bool:
        """Whether this one does."""
        if response.status_code in self._statuses:
            return True
        return self._said is not None and bool(evaluated(self._said, scope_of(response)))


class LoginSession(Session):
    """A token, and the one login that renews it."""

    def __init__(
        self, source: Source, refusals: Refusals, way_out: Exit, secrets: tuple[str, ...]
    ) -> None:
        super().__init__(secrets)
        self._source = source
        self.refusals = refusals
        self._out = way_out
        self._token: Token | None = None
        self._refused: Token | None = None
        self._lock = anyio.Lock()
        self._ended = 0
        self._failure: Trouble | None = None
        self._paused_at: datetime | None = None
        self._words = ""
        """Theirs, of the latest answer to a login."""

    async def ready(self, call: Call) -> None:
        """Be logged in, with a token that does not end at once; raises `Trouble`."""
        held = self._token
        if held is not None and held is not self._refused and not self._due(held.renew_at):
            return
        try:
            await self.renew(call, held)
        except Trouble:
            if held is None or held is self._refused or self._due(held.ends_at):
                raise
            # The old one still does for this request.

    def visit(self, call: Call) -> Visit:
        """A new request's."""
        return _TokenVisit(self, call)

    def mask(self, text: str, more: Iterable[str] = ()) -> str:
        """Without the token as well."""
        held = self._token
        return super().mask(text, [*more, *(() if held is None else held.secrets)])

    def usable(self) -> Token:
        """The token to send now; raises `Trouble` of kind AUTH where a login must come first."""
        held = self._token
        if held is None or held is self._refused or self._due(held.ends_at):
            raise Trouble(TroubleKind.AUTH, "the token ran out before the request could go out")
        return held

    @property
    def held(self) -> Token | None:
        """The token as it is."""
        return self._token

    def saw(self, used: Token, response: httpx.Response) -> None:
        """Take note of an accepted request's answer."""
        if self._token is used:
            self._token = self._source.after(used, response)

    async def renew(self, call: Call, stale: Token | None, *, refused: bool = False) -> None:
        """Have a newer token than `stale`, by a login of ours or of whoever was first.

        Raises `Trouble`: kind AUTH where the login failed, for all who waited for it.
        """
        if refused and stale is self._token:
            self._refused = stale
        seen = self._ended
        async with self._lock:
            if self._token is not stale:
                return
            if self._failure is not None and (self._ended != seen or self._pausing()):
                raise _copy(self._failure)
            await self._log_in(call)

    async def _log_in(self, call: Call) -> None:
        try:
            token = await self._source.token(partial(self._ask, call), self._out.now)
        except Trouble as trouble:
            if trouble.kind in _OWN:
                raise
            text = f"logging in: {self._with_words(trouble)}"
            again_s = trouble.retry_after_s
            self._failure = Trouble(TroubleKind.AUTH, text, retry_after_s=again_s)
            self._paused_at = self._out.now() if trouble.kind in _REFUSED else None
            self._ended += 1
            raise _copy(self._failure) from None
        self._token, self._failure = token, None
        self._ended += 1

    async def _ask(self, call: Call, request: httpx.Request) -> httpx.Response:
        async def send() -> httpx.Response:
            self._words = ""
            try:
                response = await self._out.transport.handle_async_request(request)
                try:
                    await response.aread()
                finally:
                    await response.aclose()
            except httpx.HTTPError as error:
                raise errors.of_exception(error) from None  # the cause carries the request
            self._check(response)
            return response

        return await call.log_in(send)

    def _check(self, response: httpx.Response) -> None:
        """Raises `Trouble` for an answer in which there is nothing to log in with."""
        source = self._source
        words = self.mask(source.answers.words(response), source.secrets_in(response))
        self._words = values.shortened(words, errors.MAX_WORDS_CHARS)
        if source.answers.refuse(response):  # first, as it may come with any status
            raise Trouble(TroubleKind.AUTH, self._words or _NOT_ACCEPTED)
        if response.is_success or (source.redirected and response.is_redirect):
            return
        said = headers_of(response).get("retry-after")
        after_s = errors.retry_after_s(said, self._out.now())
        raise errors.of_status(response.status_code, after_s, self._words)

    def _with_words(self, trouble: Trouble) -> str:
        """What a trouble is, and what they said where they seemed to be content."""
        if trouble.kind is not TroubleKind.BAD_ANSWER or self._words in trouble.message:
            return trouble.message
        return f"{trouble.message}: {self._words}"

    def _due(self, at: datetime | None) -> bool:
        return at is not None and self._out.now() >= at

    def _pausing(self) -> bool:
        if self._paused_at is None:
            return False
        # A wall clock that was set back ends the pause instead of drawing it out.
        return 0 <= (self._out.now() - self._paused_at).total_seconds() < PAUSE_S


class _TokenVisit(RenewingVisit):
    """A request that carries the session's token."""

    def __init__(self, session: LoginSession, call: Call) -> None:
        super().__init__()
        self._session = session
        self._call = call
        self._used: Token | None = None

    def headers(self, request: httpx.Request) -> Mapping[str, str]:  # noqa: ARG002  # any request's
        """The token's."""
        return self._usable().headers

    def values(self) -> Mapping[str, str]:
        """The token itself, for insurers that want it elsewhere."""
        return {"token": self._usable().text}

    def _usable(self) -> Token:
        self._used = self._session.held
        self.refused = True  # where there is none to send
        self._used = self._session.usable()
        self.refused = False
        return self._used

    def saw(self, response: httpx.Response) -> bool:
        """Whether the token was refused."""
        self.refused = self._session.refusals.match(response)
        if not self.refused and self._used is not None:
            self._session.saw(self._used, response)
        return self.refused

    async def renew(self) -> None:
        """A newer token than the one that was sent."""
        try:
            await self._session.renew(self._call, self._used, refused=True)
        except Trouble as trouble:
            # The request itself was refused: whatever it is, nothing was acted upon.
            after_s = trouble.retry_after_s
            raise Trouble(TroubleKind.AUTH, trouble.message, retry_after_s=after_s) from None


def _copy(trouble: Trouble) -> Trouble:
    """One for each who raises it: frames gather on what is raised twice."""
    return Trouble(trouble.kind, trouble.message, retry_after_s=trouble.retry_after_s)
