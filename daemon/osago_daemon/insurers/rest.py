"""The declarative REST adapter: create an application, poll for its offer if need be, read it.

Knows HTTP and the insurer's table; when and how often an exchange is tried belongs to the call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from osago_core import __version__
from osago_core.moscow import moscow_day
from osago_core.offer import Declined, Offer, Outcome
from osago_daemon.insurers import errors, urls, values
from osago_daemon.insurers.answers import (
    Answer,
    AnswerReader,
    Mask,
    Pending,
    Scope,
    bad_answer,
)
from osago_daemon.insurers.auth import Auth, Exit, Visit
from osago_daemon.insurers.consistency import LINK
from osago_daemon.insurers.expressions import ExpressionError
from osago_daemon.insurers.port import Call, NotYet
from osago_daemon.insurers.requests import Prepared, RequestBuilder
from osago_daemon.insurers.responses import headers_of
from osago_daemon.insurers.rest_spec import PollSpec, RestSpec
from osago_daemon.resilience.trouble import Trouble, TroubleKind

MAX_KEPT_CHARS = 2000
"""An id, or a link."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class RestAdapter:
    """One insurer behind one or two JSON endpoints. Holds no state of any call."""

    def __init__(
        self,
        spec: RestSpec,
        transport: httpx.AsyncBaseTransport,
        *,
        auth: Auth,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`transport` is called directly and not closed here; `now` is aware."""
        constants = {
            "Accept": "application/json",
            "User-Agent": f"osago/{__version__}",
            **spec.headers,
        }
        self._spec = spec
        self._transport = transport
        self._now = now
        self._session = auth.session(Exit(spec.base_url, transport, now))
        local = urls.is_loopback_url(spec.base_url)
        self._reader = AnswerReader(spec.id, spec.answer, now, local=local)
        self._create_url = urls.join(spec.base_url, spec.create.path)
        table = ("insurers", spec.id)
        self._create = RequestBuilder(
            (*table, "create"), spec.create, constants=constants, auth=auth
        )
        self._repeatable = spec.create.repeatable
        self._poll: _Poll | None = None
        if spec.poll is not None:
            builder = RequestBuilder((*table, "poll"), spec.poll, constants=constants, auth=auth)
            self._poll = _Poll(spec.poll, builder, spec.base_url, self._create_url)

    async def quote(self, call: Call) -> Outcome:
        """Ask, and poll until the insurer has decided. Raises `Trouble` when there is no answer."""
        try:
            return await self._quote(call)
        except ExpressionError as error:  # its text names the key and holds no personal data
            raise Trouble(TroubleKind.MISCONFIGURED, str(error)) from None

    async def _quote(self, call: Call) -> Outcome:
        scope = self._scope(call)
        await self._session.ready(call)
        if call.kept is not None:
            return await self._polled(call, _Started(self._polling(), call.kept), scope)
        reading = await self._created(call, scope)
        if isinstance(reading, _Started):
            return await self._polled(call, reading, scope)
        return reading

    async def _created(self, call: Call, scope: Scope) -> "Offer | Declined | _Started":
        """The first step. Its request goes out of memory before the polls, which last longer."""
        request = self._create.build(self._create_url, scope)
        visit = self._session.visit(call)

        async def create() -> Offer | Declined | _Started:
            reading = await self._exchange(request, call.mask, visit)
            if not isinstance(reading, Pending):
                return reading
            started = self._started(reading)
            await call.created(started.kept)
            return started

        log_in = visit.log_in if visit.can_log_in else None
        return await call.attempt(create, repeatable=self._repeatable, log_in=log_in)

    async def _polled(self, call: Call, started: "_Started", scope: Scope) -> Outcome:
        request = started.poll.request(started.kept, {**scope, "kept": started.kept})

        visit = self._session.visit(call)

        async def ask() -> Offer | Declined | NotYet:
            reading = await self._exchange(request, call.mask, visit)
            return NotYet(reading.retry_after_s) if isinstance(reading, Pending) else reading

        log_in = visit.log_in if visit.can_log_in else None
        return await call.poll(ask, not_before_s=started.not_before_s, log_in=log_in)

    async def _exchange(
        self, request: Prepared, mask: Mask, visit: Visit
    ) -> Pending | Offer | Declined:
        """One request and its answer; raises `Trouble`."""
        signed = request.signed(visit.headers(request.request()))
        try:
            response = await self._transport.handle_async_request(signed)
            try:
                body = await response.aread()
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            # Without the cause: it carries the request.
            raise errors.of_exception(error) from None
        refused = visit.saw(response)
        try:
            reading = self._read(response, body, mask)
        except Trouble as trouble:
            raise visit.troubled(trouble) from None
        if refused:
            text = f"HTTP {response.status_code}: an answer that asks to log in again"
            raise visit.troubled(Trouble(TroubleKind.AUTH, text))
        return reading

    def _read(
        self, response: httpx.Response, body: bytes, mask: Mask
    ) -> Pending | Offer | Declined:
        """What an answer means; its words without persons and without our secrets."""
        answer = Answer(response.status_code, headers_of(response), body)
        return self._reader.read(answer, lambda text: self._session.mask(mask(text)))

    def _started(self, pending: Pending) -> "_Started":
        """What polling needs out of the answer that started the application."""
        poll = self._polling()
        kept = {}
        for name, expression in self._spec.create.keep.items():
            try:
                kept[name] = values.identifier(expression.evaluate(pending.scope), MAX_KEPT_CHARS)
            except ValueError as error:
                raise bad_answer(f"keep.{name}: {error}") from None
        return _Started(poll, kept, pending.retry_after_s)

    def _polling(self) -> "_Poll":
        if self._poll is None:
            text = "they decide later, but the configuration has no poll"
            raise Trouble(TroubleKind.MISCONFIGURED, text)
        return self._poll

    def _scope(self, call: Call) -> Scope:
        today = moscow_day(self._now()).isoformat()
        return {
            **call.application,
            "call": {"key": call.idempotency_key, "today": today},
            "kept": {},
        }


@dataclass(frozen=True, slots=True)
class _Poll:
    """The second endpoint."""

    spec: PollSpec
    builder: RequestBuilder
    base_url: str
    create_url: httpx.URL

    def request(self, kept: Mapping[str, str], scope: Scope) -> Prepared:
        """The same request for every poll of one application."""
        try:
            if self.spec.path == LINK:
                url = urls.same_origin_link(kept["link"], seen_at=self.create_url)
            else:
                url = urls.join(self.base_url, urls.fill(self.spec.path, kept))
        except urls.UrlError as error:
            raise bad_answer(f"keep: {error}") from None
        except KeyError as missing:  # written down under another insurers.toml
            raise bad_answer(f"keep: {missing} was not kept when it was created") from None
        return self.builder.build(url, scope)


@dataclass(frozen=True, slots=True)
class _Started:
    """An application that the insurer is working on."""

    poll: _Poll
    kept: Mapping[str, str] = field(repr=False)
    not_before_s: float | None = None
    """How long they want to be left alone at first."""
