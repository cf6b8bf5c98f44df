"""One insurer at work: takes applications, decides, tells. Knows no HTTP framework.

Everything it decides follows from (seed, insurer, content of the request, how often that content
has come): two sandboxes with the same seed give the same answers to the same requests.
"""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

from osago_core.moscow import moscow_day
from osago_sandbox import content
from osago_sandbox.api import Answer, ApiError, Asked, Insurer
from osago_sandbox.applications import Application, Applications
from osago_sandbox.form import Misfilled
from osago_sandbox.outcome import Outcome, Price, Refusal
from osago_sandbox.pricing import CannotPrice, price
from osago_sandbox.request import Request
from osago_sandbox.stats import Tally
from osago_sandbox.underwriting import first_refusal

EXCHANGE_S = 0.05
"""What any exchange takes at least, besides the time of deciding."""
FORCED_REFUSAL = "По результатам проверки в заключении договора отказано"
_MOST_CONTENTS = 100_000
_FIRST_NUMBER = 100_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Monotonic seconds and the time of day, from outside."""

    monotonic_s: Callable[[], float]
    now: Callable[[], datetime]


class Desk:
    """Serves one insurer's API. `tally` is what `/_control/stats` shows of it."""

    def __init__(self, insurer: Insurer, seed: int, latency_scale: float, clock: Clock) -> None:
        self.insurer = insurer
        self.tally = Tally()
        self._seed = seed
        self._scale = latency_scale
        self._clock = clock
        self._applications = Applications()
        self._taken = 0
        self._times_seen: dict[bytes, int] = {}

    async def create(self, asked: Asked, *, refuse: bool = False) -> Answer:
        """Start an application (or answer at once, if one-step). `refuse`: decline it anyway."""
        self._authorize(asked)
        body = content.parsed(asked.body)
        key = self.key_of(asked)
        known = self._applications.with_key(key, self._clock.monotonic_s())
        application = known or self._take(key, body, refuse=refuse)
        await asyncio.sleep(EXCHANGE_S * self._scale)
        if self.insurer.api.accepted is not None:
            return self.insurer.api.accepted(application)
        await asyncio.sleep(application.ready_at_s - self._clock.monotonic_s())
        return self._told(application)

    async def poll(self, asked: Asked, *, refuse: bool = False) -> Answer:
        """Tell how an application stands. `refuse`: say that it was declined."""
        self._authorize(asked)
        now_s = self._clock.monotonic_s()
        application = self._applications.with_id(asked.id, now_s)
        if application is None:
            raise ApiError(404, "not_found", "Расчёт не найден")
        await asyncio.sleep(EXCHANGE_S * self._scale)
        if refuse:
            return self.insurer.api.declined(application, Refusal(FORCED_REFUSAL))
        if self.insurer.api.pending is not None and now_s < application.ready_at_s:
            return self.insurer.api.pending(application)
        return self._told(application)

    def key_of(self, asked: Asked) -> str | None:
        """The idempotency key that a create carries, where the insurer looks for one."""
        if self.insurer.api.key_header is not None:
            return asked.headers.get(self.insurer.api.key_header)
        path = self.insurer.api.form.key
        if path is None:
            return None
        body = content.parsed(asked.body)
        value = body.get(path) if isinstance(body, dict) else None
        return value if isinstance(value, str) else None

    def error(self, error: ApiError) -> Answer:
        """The insurer's own dress for an error."""
        return Answer(error.status, self.insurer.api.error(error), error.headers)

    def _authorize(self, asked: Asked) -> None:
        if not self.insurer.auth.accepts(asked.headers, asked.query):
            raise ApiError(401, "unauthorized", "Доступ запрещён: проверьте учётные данные")

    def _take(self, key: str | None, body: Any, *, refuse: bool) -> Application:
        request = self._read(body)
        client = content.digest(body, self._no_content() | {self.insurer.api.form.start_date})
        outcome: Outcome = Refusal(FORCED_REFUSAL) if refuse else self._decide(request, client)
        now_s = self._clock.monotonic_s()
        self._taken += 1
        number = _FIRST_NUMBER + self._taken
        application = Application(
            id=str(number) if self.insurer.api.numbered else self._uuid(number),
            number=number,
            start_date=request.period.start_date,
            outcome=outcome,
            created_at_s=now_s,
            ready_at_s=now_s + self._latency_s(client),
        )
        self._applications.add(application, key)
        self.tally.started(self._content_today(body))
        return application

    def _read(self, body: Any) -> Request:
        try:
            return self.insurer.api.form.read(body)
        except Misfilled as misfilled:
            raise self._invalid(dict(misfilled.problems)) from None

    def _decide(self, request: Request, client: bytes) -> Outcome:
        today = moscow_day(self._clock.now())
        words = first_refusal(self.insurer.rules, request)
        try:
            offer = price(self.insurer.rates, request, today, self._dice("scoring", client))
        except CannotPrice as gap:
            if words is not None:
                return Refusal(words)
            path = getattr(self.insurer.api.form, gap.fact, gap.fact)
            raise self._invalid({str(path): gap.detail}) from None
        if words is not None:
            return Refusal(words, offer)
        unsure = self.insurer.preliminary_without_kbm and not request.kbm_known
        return replace(offer, preliminary=unsure)

    def _invalid(self, problems: dict[str, str]) -> ApiError:
        message = "Запрос заполнен неверно"
        return ApiError(self.insurer.api.invalid_status, "invalid", message, problems)

    def _latency_s(self, client: bytes) -> float:
        nth = self._times_seen.pop(client, 0) + 1
        self._times_seen[client] = nth
        if len(self._times_seen) > _MOST_CONTENTS:
            del self._times_seen[next(iter(self._times_seen))]
        return self.insurer.latency.draw_s(self._dice("latency", client, nth)) * self._scale

    def _told(self, application: Application) -> Answer:
        match application.outcome:
            case Price() as offer:
                return self.insurer.api.offer(application, offer)
            case Refusal() as refusal:
                return self.insurer.api.declined(application, refusal)

    def _content_today(self, body: Any) -> bytes:
        day = moscow_day(self._clock.now())
        return day.isoformat().encode() + content.digest(body, self._no_content())

    def _no_content(self) -> set[str]:
        form = self.insurer.api.form
        return {*form.contacts, *([form.key] if form.key else [])}

    def _uuid(self, number: int) -> str:
        return str(uuid.UUID(int=self._dice("id", number).getrandbits(128), version=4))

    def _dice(self, *what: object) -> Random:
        return Random(repr((self._seed, self.insurer.id, *what)))
