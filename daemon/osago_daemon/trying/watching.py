"""Looks on while an adapter speaks to an insurer, and writes down each exchange.

Works for any adapter by standing in the way out; the declarative engine also says which step a
request belongs to and what its answer means (`rest.Watcher`).
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import anyio
import httpx

from osago_core.offer import Declined, Offer
from osago_daemon.insurers import errors
from osago_daemon.insurers.answers import Accepted, Answer, Pending, Reading
from osago_daemon.insurers.flow import Step
from osago_daemon.insurers.port import Several
from osago_daemon.quoting.outcome import KINDS
from osago_daemon.resilience.trouble import Trouble
from osago_daemon.trying.exchanges import (
    answer_shown,
    cookies_of,
    link_shown,
    named_secrets_of,
    request_shown,
    tokens_of,
)
from osago_daemon.trying.masking import Masker
from osago_daemon.trying.readings import Readings

LOGIN, OTHER = "login", "request"
"""What requests are called that belong to no step: of an engine with steps, of one without."""

Document = dict[str, Any]


class Raw(NamedTuple):
    """An exchange as it was. Full of personal data and secrets: not to be shown or kept."""

    step: str
    request: httpx.Request
    response: httpx.Response | None

    def __repr__(self) -> str:
        return f"Raw({self.step!r})"


class Lookout(httpx.AsyncBaseTransport):
    """Stands in the way out, and is the `Watcher` of a declarative adapter."""

    def __init__(
        self,
        way_out: httpx.AsyncBaseTransport,
        masker: Masker,
        tell: Callable[[Document], None],
        *,
        flow: tuple[Step, ...] = (),
        readings: Readings | None = None,
    ) -> None:
        """`tell` is told of every exchange, as soon as all is known of it."""
        self.raw: list[Raw] = []
        self._out = way_out
        self._masker = masker
        self._tell = tell
        self._steps = {step.name: step for step in flow}
        self._readings = readings
        self._announced: tuple[str, httpx.Request] | None = None
        self._open: Document | None = None
        self._began = time.monotonic()

    def sending(self, step: str, request: httpx.Request) -> None:
        """See `rest.Watcher`."""
        self._announced = step, request

    def answered(
        self, step: str, answer: Answer, reading: Reading | Trouble, scope: Mapping[str, Any]
    ) -> None:
        """See `rest.Watcher`."""
        del answer  # seen on its way in
        if self._open is None:
            return
        self._open["reading"] = word_of(reading)
        if isinstance(reading, Trouble):
            self._open["trouble"] = self._troubled(reading)
        where = self._steps.get(step)
        if self._readings is not None and where is not None:
            self._hide_links(scope)
            polled = where.pace is not None
            waits = isinstance(reading, Pending)
            self._open["expressions"] = self._readings.of(
                where,
                scope,
                kept=isinstance(reading, Accepted) or (waits and not polled),
                decided=not isinstance(reading, Accepted | Pending),
            )
        self.flush()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and write down what came of it."""
        self.flush()
        step, login = self._step_of(request)
        begin = time.monotonic()
        entry: Document = {
            "step": step,
            "login": login,
            "request": request_shown(request, self._masker),
            "answer": None,
            "expressions": [],
            "at_ms": _ms(begin - self._began),
        }
        self._open = entry
        try:
            response = await self._out.handle_async_request(request)
            await response.aread()
        except httpx.HTTPError as error:
            self._gone(entry, step, request, begin)
            entry["trouble"] = self._troubled(errors.of_exception(error))
            self.flush()
            raise
        except anyio.get_cancelled_exc_class():
            self._gone(entry, step, request, begin)
            self.flush()
            raise
        entry["elapsed_ms"] = _ms(time.monotonic() - begin)
        self.raw.append(Raw(step, request, response))
        entry["answer"] = answer_shown(response, self._masker, login=login)
        return response

    def flush(self) -> None:
        """Tell what is open: nobody will say more of it."""
        entry, self._open = self._open, None
        if entry is None:
            return
        response = self.raw[-1].response if self.raw else None
        if entry["login"] and entry["answer"] is not None and response is not None:
            # By now the adapter knows which token it is, whatever that looks like.
            entry["answer"] = answer_shown(response, self._masker, login=True)
        self._tell(entry)

    async def aclose(self) -> None:
        """Close the way out."""
        await self._out.aclose()

    def _hide_links(self, scope: Mapping[str, Any]) -> None:
        """Known only now that the answer was read: show it anew."""
        links = list(self._readings.links(scope)) if self._readings is not None else []
        for link in links:
            self._masker.learn_link(link, link_shown(link))
        response = self.raw[-1].response
        if links and response is not None and self._open is not None:
            self._open["answer"] = answer_shown(response, self._masker, login=False)

    def _gone(self, entry: Document, step: str, request: httpx.Request, begin: float) -> None:
        entry["elapsed_ms"] = _ms(time.monotonic() - begin)
        self.raw.append(Raw(step, request, None))

    def _step_of(self, request: httpx.Request) -> tuple[str, bool]:
        if not self._steps:
            return OTHER, False
        if self._announced is not None and self._announced[1] is request:
            return self._announced[0], False
        return LOGIN, True

    def _troubled(self, trouble: Trouble) -> Document:
        kind = KINDS[trouble.kind].value
        return {"kind": kind, "message": self._masker.text(trouble.message)}


def word_of(reading: Reading | Trouble) -> str:
    """What an answer means, in one word."""
    match reading:
        case Pending():
            return "pending"
        case Accepted():
            return "accepted"
        case Offer(final=final):
            return "offer" if final else "preliminary"
        case Declined():
            return "declined"
        case Several():
            return "several"
        case _:
            return "trouble"


def secrets_in(raw: Raw, mask: Callable[[str], str] | None) -> list[str]:
    """The tokens and cookies that an answer gave; `mask` knows those in use."""
    if raw.response is None:
        return []
    tokens = tokens_of(raw.response, mask) if raw.step == LOGIN else ()
    return [*tokens, *named_secrets_of(raw.response), *cookies_of(raw.response)]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
