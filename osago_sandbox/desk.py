"""One insurer at work: takes applications, decides, tells. Knows no HTTP framework.

Everything it decides follows from (seed, insurer, content of the request, how often that content
has come): two sandboxes with the same seed give the same answers to the same requests.
"""

import asyncio
import logging
import uuid
from dataclasses import replace
from random import Random
from typing import Any

from osago_core.moscow import moscow_day
from osago_sandbox import content
from osago_sandbox.api import Answer, ApiError, Insurer
from osago_sandbox.applications import Application, Applications
from osago_sandbox.asked import Asked
from osago_sandbox.auth import Refused, Tokens
from osago_sandbox.clock import Clock
from osago_sandbox.form import Misfilled
from osago_sandbox.mistakes import Mistake, mistaken
from osago_sandbox.outcome import Outcome, Price, Refusal
from osago_sandbox.parts import Parts
from osago_sandbox.pricing import CannotPrice, price
from osago_sandbox.request import Request
from osago_sandbox.stats import Tally
from osago_sandbox.underwriting import first_refusal

EXCHANGE_S = 0.05
"""What any exchange takes at least, besides the time of deciding."""
FORCED_REFUSAL = "По результатам проверки в заключении договора отказано"
_MOST_CONTENTS = 100_000
_NUMBERS = range(100_000_000, 1_000_000_000)

log = logging.getLogger(__name__)


class Desk:
    """Serves one insurer's API. `tally` is what `/_control/stats` shows of it."""

    def __init__(self, insurer: Insurer, seed: int, latency_scale: float, clock: Clock) -> None:
        self.insurer = insurer
        self.tally = Tally()
        self._seed = seed
        self._scale = latency_scale
        self._clock = clock
        self._guard = insurer.auth.guard(repr((seed, insurer.id)), clock)
        self._applications = Applications()
        self._parts = Parts(insurer.api, self._part_id)
        self._times_seen: dict[bytes, int] = {}
        self._refused: set[str] = set()
        self._mistakes: dict[str, Mistake] = {}

    async def create(
        self, asked: Asked, *, refuse: bool = False, mistake: Mistake | None = None
    ) -> Answer:
        """Start an application (or answer at once, if one-step).

        `refuse`: decline it anyway; `mistake`: price it wrongly. Both hold also for an application
        that was taken earlier and comes again under its key, until `pardon`.
        """
        self._authorize(asked)
        body = self._parts.put_in(self._body(asked), self._clock.monotonic_s())
        key = self.key_of(asked)
        known = self._applications.with_key(key, self._clock.monotonic_s())
        if known is not None and known.content != self._content(body):
            raise self._key_reused()
        application = known or self._take(key, body)
        if refuse:
            self._refused.add(application.id)
        if mistake is not None:
            self._mistakes[application.id] = mistake
        await asyncio.sleep(EXCHANGE_S * self._scale)
        if self.insurer.api.accepted is not None:
            return self.insurer.api.accepted(application)
        await asyncio.sleep(application.ready_at_s - self._clock.monotonic_s())
        return self._told(application)

    async def poll(
        self, asked: Asked, *, refuse: bool = False, mistake: Mistake | None = None
    ) -> Answer:
        """Tell how an application stands.

        `refuse`: say this time that it was declined. `mistake`: price it wrongly, from now until
        `pardon`, so that a poll before the price is there does not use the order up.
        """
        self._authorize(asked)
        now_s = self._clock.monotonic_s()
        application = self._applications.with_id(asked.id, now_s)
        if application is None:
            raise ApiError(404, "not_found", "Расчёт не найден")
        if mistake is not None:
            self._mistakes[application.id] = mistake
        await asyncio.sleep(EXCHANGE_S * self._scale)
        if refuse:
            return self._told(application, refuse=True)
        if self.insurer.api.pending is not None and now_s < application.ready_at_s:
            return self.insurer.api.pending(application)
        return self._told(application)

    async def take_part(self, asked: Asked) -> Answer:
        """Keep a part of an application that is sent ahead, such as its vehicle."""
        self._authorize(asked)
        body, key = self._body(asked), self.key_of(asked)
        now_s = self._clock.monotonic_s()
        if self._parts.is_another(body, key, now_s):
            raise self._key_reused()
        answer = self._parts.take(body, key, now_s)
        await asyncio.sleep(EXCHANGE_S * self._scale)
        return answer

    async def log_in(self, asked: Asked) -> Answer:
        """Hand out a token."""
        body = self._body(asked)
        handed = self._guard.log_in(body) if isinstance(self._guard, Tokens) else None
        await asyncio.sleep(EXCHANGE_S * self._scale)
        if handed is None:
            raise self._refused_login(Refused())
        return Answer(200, handed)

    def expired(self, asked: Asked) -> ApiError:
        """What the request shows has ended before its time."""
        return self._refused_login(self._guard.expire(asked))

    def is_handshake(self, asked: Asked) -> bool:
        """Whether a request only asks how to log in."""
        return self._guard.is_handshake(asked)

    def pardon(self) -> None:
        """Take refusals and mistakes on order back: every application is what it was without."""
        self._refused.clear()
        self._mistakes.clear()

    def key_of(self, asked: Asked) -> str | None:
        """The idempotency key that a create carries, where the insurer looks for one."""
        if self.insurer.api.key_header is not None:
            return asked.headers.get(self.insurer.api.key_header)
        path = self.insurer.api.form.key
        if path is None:
            return None
        try:
            body = self._body(asked)
        except ApiError:
            return None
        value = body.get(path) if isinstance(body, dict) else None
        return value if isinstance(value, str) else None

    def error(self, error: ApiError) -> Answer:
        """The insurer's own dress for an error."""
        return Answer(error.status, self.insurer.api.error(error), error.headers)

    def _authorize(self, asked: Asked) -> None:
        refused = self._guard.check(asked)
        if refused is not None:
            raise self._refused_login(refused)

    def _refused_login(self, refused: Refused) -> ApiError:
        status = self.insurer.api.unauthorized_status
        return ApiError(status, refused.code, refused.message, headers=refused.headers)

    def _body(self, asked: Asked) -> Any:
        try:
            return self.insurer.api.codec.read(asked)
        except Misfilled as misfilled:
            raise self.insurer.api.invalid(misfilled.problems) from None

    def _take(self, key: str | None, body: Any) -> Application:
        request = self._read(body)
        client = content.digest(body, self._no_content() | {self.insurer.api.form.start_date})
        outcome = self._decide(request, client)
        asked_for = self._content(body)
        nth = self._nth(asked_for)
        now_s = self._clock.monotonic_s()
        id_, number = self._identity(asked_for, nth)
        application = Application(
            id=id_,
            number=number,
            content=asked_for,
            start_date=request.period.start_date,
            outcome=outcome,
            created_at_s=now_s,
            ready_at_s=now_s + self._latency_s(asked_for, nth),
        )
        self._applications.add(application, key)
        self.tally.started(moscow_day(self._clock.now()).isoformat().encode() + asked_for)
        return application

    def _read(self, body: Any) -> Request:
        try:
            return self.insurer.api.form.read(body)
        except Misfilled as misfilled:
            raise self.insurer.api.invalid(misfilled.problems) from None

    def _decide(self, request: Request, client: bytes) -> Outcome:
        today = moscow_day(self._clock.now())
        words = first_refusal(self.insurer.rules, request)
        try:
            offer = price(self.insurer.rates, request, today, self._dice("scoring", client))
        except CannotPrice as gap:
            if words is not None:
                return Refusal(words)
            path = getattr(self.insurer.api.form, gap.fact, gap.fact)
            raise self.insurer.api.invalid({str(path): gap.detail}) from None
        if words is not None:
            return Refusal(words, offer)
        unsure = self.insurer.preliminary_without_kbm and not request.kbm_known
        return replace(offer, preliminary=unsure)

    def _key_reused(self) -> ApiError:
        error = self.insurer.api.key_reused()
        log.info("%s: an idempotency key with another content: %s", self.insurer.id, error.status)
        return error

    def _nth(self, asked_for: bytes) -> int:
        nth = self._times_seen.pop(asked_for, 0) + 1
        self._times_seen[asked_for] = nth
        if len(self._times_seen) > _MOST_CONTENTS:
            del self._times_seen[next(iter(self._times_seen))]
        return nth

    def _latency_s(self, asked_for: bytes, nth: int) -> float:
        return self.insurer.latency.draw_s(self._dice("latency", asked_for, nth)) * self._scale

    def _identity(self, asked_for: bytes, nth: int) -> tuple[str, int]:
        dice = self._dice("id", asked_for, nth)
        number = dice.choice(_NUMBERS)
        if not self.insurer.api.numbered:
            return str(uuid.UUID(int=dice.getrandbits(128), version=4)), number
        while self._applications.with_id(str(number), self._clock.monotonic_s()) is not None:
            number = dice.choice(_NUMBERS)
        return str(number), number

    def _part_id(self, told: bytes) -> str:
        dice = self._dice("part", told, self._nth(b"part" + told))
        return str(uuid.UUID(int=dice.getrandbits(128), version=4))

    def _told(self, application: Application, *, refuse: bool = False) -> Answer:
        if refuse or application.id in self._refused:
            return self.insurer.api.declined(application, Refusal(FORCED_REFUSAL))
        mistake = self._mistakes.get(application.id)
        match mistaken(application.outcome, mistake, self.insurer.rates):
            case Price() as offer:
                return self.insurer.api.offer(application, offer)
            case Refusal() as refusal:
                return self.insurer.api.declined(application, refusal)

    def _content(self, body: Any) -> bytes:
        return content.digest(body, self._no_content())

    def _no_content(self) -> set[str]:
        form = self.insurer.api.form
        return {*form.contacts, *([form.key] if form.key else [])}

    def _dice(self, *what: object) -> Random:
        return Random(repr((self._seed, self.insurer.id, *what)))
