"""The declarative adapter: walks an insurer's steps and reads what comes of them.

Knows HTTP and the insurer's table; when and how often an exchange is tried belongs to the call.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import httpx

from osago_core.moscow import MOSCOW
from osago_core.offer import Outcome
from osago_daemon.insurers import errors, urls
from osago_daemon.insurers.answers import (
    Answer,
    AnswerReader,
    Reading,
)
from osago_daemon.insurers.attempts import attempt_at
from osago_daemon.insurers.auth import Auth, Exit, Visit
from osago_daemon.insurers.expressions import ExpressionError
from osago_daemon.insurers.flow import Step
from osago_daemon.insurers.offers import Scope, bad_answer
from osago_daemon.insurers.port import Call, Several
from osago_daemon.insurers.requests import Prepared
from osago_daemon.insurers.responses import headers_of
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.stops import Stop
from osago_daemon.insurers.walk import Trip, Walk
from osago_daemon.resilience.retry import NOT_ACTED_UPON
from osago_daemon.resilience.trouble import Trouble, TroubleKind

MAX_REDIRECTS = 2
_SEE_OTHER = 303
_AS_IF_NOTHING_HAPPENED = NOT_ACTED_UPON | {TroubleKind.REJECTED, TroubleKind.GONE}
_ELSEWHERE = frozenset({301, 302, 307, 308})


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Watcher(Protocol):
    """Looks on while an insurer is tried out."""

    def sending(self, step: str, request: httpx.Request) -> None:
        """A request as it goes out."""

    def answered(self, step: str, answer: Answer, reading: Reading | Trouble, scope: Scope) -> None:
        """What came back, and what that means. `scope` is what expressions see of it."""


class RestAdapter:
    """One insurer behind any number of steps. Holds no state of any call."""

    def __init__(
        self,
        spec: RestSpec,
        transport: httpx.AsyncBaseTransport,
        *,
        auth: Auth,
        now: Callable[[], datetime] = utc_now,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """`transport` is called directly and not closed here; `now` is aware.

        `secrets` are the values of `spec.secrets`.
        """
        self.watcher: Watcher | None = None
        self._spec = spec
        self._transport = transport
        self._now = now
        self._secrets = dict(secrets or {})
        self._session = auth.session(Exit(spec.base_url, transport, now))
        local = urls.is_loopback_url(spec.base_url)
        self._reader = AnswerReader(spec.id, spec.answer, now, local=local, offers=spec.offers)
        self._flow = spec.flow
        self._stops = [Stop.of(spec, step, auth) for step in self._flow]

    async def quote(self, call: Call) -> Outcome | Several:
        """Ask, step by step, until the insurer has decided.

        Raises `Trouble` when there is no answer.
        """
        try:
            await self._session.ready(call)
            return await Walk(self, call).decided()
        except ExpressionError as error:  # its text names the key and holds no personal data
            raise Trouble(TroubleKind.MISCONFIGURED, str(error)) from None

    def scope(self, call: Call) -> dict[str, Any]:
        """What the expressions of every request of a call see."""
        now = self._now().astimezone(MOSCOW)
        key = call.idempotency_key
        return {
            **call.application,
            "call": {
                "key": key,
                "uuid": key,
                "today": now.date().isoformat(),
                "now": now.isoformat(timespec="seconds"),
            },
            "secret": self._secrets,
            "auth": {},
            "attempt": {},
            "kept": {},
            "item": None,
            "index": None,
        }

    async def exchange(self, stop: Stop, sent: Prepared, visit: Visit, trip: Trip) -> Reading:
        """One request and its answer, at the end of redirects; raises `Trouble`."""
        return await self._exchange(stop, sent, visit, trip, hops=MAX_REDIRECTS)

    async def _exchange(
        self, stop: Stop, sent: Prepared, visit: Visit, trip: Trip, *, hops: int
    ) -> Reading:
        response, body = await self._send_once(stop, sent, visit)
        other = _redirected(sent, response, stop.builder.credentials)
        if other is None:
            return self._reading(stop, response, body, visit, trip)
        if not hops:
            raise bad_answer(f"more than {MAX_REDIRECTS} redirects")
        seeing = self._exchange(stop, other, visit, trip, hops=hops - 1)
        if sent.request().method == "GET" or stop.step.spec.is_repeatable:
            return await seeing
        return await self._acted_upon(seeing)

    async def _acted_upon(self, seeing: Awaitable[Reading]) -> Reading:
        """What comes of a request that was acted upon and sent us on to see what came of it.

        Whatever goes wrong on the way there, it must not be taken for one that never arrived.
        """
        try:
            return await seeing
        except Trouble as trouble:
            if trouble.kind not in _AS_IF_NOTHING_HAPPENED:
                raise
            raise Trouble(TroubleKind.RESET, trouble.message) from None

    def _reading(
        self, stop: Stop, response: httpx.Response, body: bytes, visit: Visit, trip: Trip
    ) -> Reading:
        refused = visit.saw(response)
        answer = Answer(response.status_code, headers_of(response), body)
        try:
            reading = self._read(stop, answer, trip)
        except Trouble as trouble:
            found = visit.troubled(trouble)
            self._watch_answer(stop, answer, found, trip)
            raise found from None
        self._watch_answer(stop, answer, reading, trip)
        if refused:
            text = f"HTTP {response.status_code}: an answer that asks to log in again"
            raise visit.troubled(Trouble(TroubleKind.AUTH, text))
        return reading

    async def _send_once(
        self, stop: Stop, sent: Prepared, visit: Visit
    ) -> tuple[httpx.Response, bytes]:
        plain = sent.request()
        signed = sent.signed(visit.headers(plain), visit.content(plain))
        if self.watcher is not None:
            self.watcher.sending(stop.step.name, signed)
        try:
            response = await self._transport.handle_async_request(signed)
            try:
                return response, await response.aread()
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            # Without the cause: it carries the request.
            raise errors.of_exception(error) from None

    def _read(self, stop: Stop, answer: Answer, trip: Trip) -> Reading:
        """What an answer means; its words without persons and without our secrets."""

        def mask(text: str) -> str:
            return self.mask(trip.mask(text))

        return self._reader.read(answer, mask, stop.stage, trip.said)

    def mask(self, text: str) -> str:
        """The text without our secrets, those that logins gave us among them."""
        return self._session.mask(text, self._secrets.values())

    def _watch_answer(
        self, stop: Stop, answer: Answer, reading: Reading | Trouble, trip: Trip
    ) -> None:
        if self.watcher is not None:
            scope = self._reader.scope(answer, stop.stage, trip.said)
            self.watcher.answered(stop.step.name, answer, reading, scope)

    @property
    def stops(self) -> list[Stop]:
        """Every step, ready to be asked."""
        return self._stops

    @property
    def flow(self) -> tuple[Step, ...]:
        """Every step in its order."""
        return self._flow

    def attempt(self) -> Mapping[str, str]:
        """What is another one with each attempt."""
        return attempt_at(self._now())

    def visit(self, call: Call) -> Visit:
        """Who we are, for one request."""
        return self._session.visit(call)


def _redirected(
    sent: Prepared, response: httpx.Response, credentials: Mapping[str, str]
) -> Prepared | None:
    """The request that an answer sends us to; None where it is the answer.

    `credentials` are what stands in the query of every request. Only within the same server, and
    only where nothing is done twice by it: another host must not get what this one was to know.
    """
    request = sent.request()
    status = response.status_code
    asks = status == _SEE_OTHER or (status in _ELSEWHERE and request.method == "GET")
    if not asks or "location" not in response.headers:
        return None
    try:
        url = urls.same_origin_link(response.headers["location"], seen_at=request.url)
    except urls.UrlError:
        return None
    return sent.see_other(url.copy_merge_params(credentials) if credentials else url)
