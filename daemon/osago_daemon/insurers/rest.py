"""The declarative adapter: walks an insurer's steps and reads what comes of them.

Knows HTTP and the insurer's table; when and how often an exchange is tried belongs to the call.
"""

from collections.abc import Callable, Mapping
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
from osago_daemon.resilience.trouble import Trouble, TroubleKind

MAX_REDIRECTS = 3
_SEE_OTHER = 303
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
            "kept": {},
            "item": None,
            "index": None,
        }

    async def exchange(self, stop: Stop, sent: Prepared, visit: Visit, trip: Trip) -> Reading:
        """One request and its answer; raises `Trouble`."""
        response, body = await self._send(stop, sent, visit)
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

    async def _send(self, stop: Stop, sent: Prepared, visit: Visit) -> tuple[httpx.Response, bytes]:
        """The answer at the end of redirects, of which those within the same server count."""
        for _ in range(MAX_REDIRECTS):
            response, body = await self._send_once(stop, sent, visit)
            other = _redirected(sent, response)
            if other is None:
                return response, body
            sent = other
        raise bad_answer(f"more than {MAX_REDIRECTS - 1} redirects")

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
        text = self._session.mask(text)
        for secret in self._secrets.values():
            text = text.replace(secret, "***")
        return text

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

    def visit(self, call: Call) -> Visit:
        """Who we are, for one request."""
        return self._session.visit(call)


def _redirected(sent: Prepared, response: httpx.Response) -> Prepared | None:
    """The request that an answer sends us to; None where it is the answer.

    Only within the same server, and only where nothing is done twice by it: another host must not
    get what this one was to know.
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
    return sent.see_other(url, "GET")
