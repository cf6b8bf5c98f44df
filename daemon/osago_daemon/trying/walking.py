"""One application walked through one insurer's steps, and what came of it as a daemon tells it."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import anyio
import httpx

from osago_core.application import Application
from osago_core.moscow import moscow_day
from osago_core.offer import Outcome
from osago_core.pricing.estimates import LearnedRates
from osago_core.tariff import TariffBook
from osago_core.wire.told import write
from osago_daemon.insurers.port import Adapter, Several
from osago_daemon.insurers.rest import RestAdapter, utc_now
from osago_daemon.quoting.outcome import checked, failed_by, failed_by_bug
from osago_daemon.quoting.tariff_appraiser import TariffAppraisal, TariffAppraiser
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.telemetry.bugs import report_bug
from osago_daemon.trying.calls import OneWalk
from osago_daemon.trying.exchanges import link_shown
from osago_daemon.trying.masking import Masker
from osago_daemon.trying.opening import Tried
from osago_daemon.trying.readings import Readings
from osago_daemon.trying.watching import Document, Lookout

_TOO_LATE = "not decided within the deadline"
Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk that is over."""

    outcome: Outcome | Several
    trouble: Trouble | None
    """Why there is no answer."""
    told: Document
    """The outcome as it is shown."""
    lookout: Lookout
    masker: Masker


@dataclass(frozen=True, slots=True)
class Trip:
    """Whose application goes where, and how."""

    tried: Tried
    application: Application
    deadline_s: float
    tell: Callable[[Document], None]
    """Of every exchange."""
    now: Now = utc_now
    key: str = ""
    """The idempotency key; empty: a new one, so that nobody takes it for an earlier application."""


async def walk(trip: Trip, transport: httpx.AsyncBaseTransport) -> Walked:
    """Go once from the first step to the outcome. Sends real requests."""
    tried = trip.tried
    masker = Masker(trip.application, tried.secret_values)
    rest = tried.rest
    lookout = Lookout(
        transport,
        masker,
        trip.tell,
        flow=() if rest is None else rest.flow,
        readings=None if rest is None else Readings(rest, tried.place, masker),
    )
    adapter = tried.adapter(lookout, lookout, trip.now)
    if isinstance(adapter, RestAdapter):
        masker.also = adapter.mask
    call = call_of(trip)
    trouble: Trouble | None = None
    outcome: Outcome | Several
    try:
        outcome = checked(await _bounded(adapter, call, trip.deadline_s), tried.spec.members)
    except Trouble as found:
        trouble, outcome = found, failed_by(found, trip.now())
    except Exception as bug:  # noqa: BLE001  # of a plug-in, or our own; its text may be personal
        outcome = failed_by_bug(report_bug(bug))
    lookout.flush()
    told = outcome_shown(trip, outcome, masker)
    if trouble is not None and trouble.kind is TroubleKind.MISCONFIGURED:
        told |= _place_of(tried, trouble.message)
    return Walked(outcome, trouble, told, lookout, masker)


def call_of(trip: Trip) -> OneWalk:
    """The call of a trip."""
    spec = trip.tried.spec
    return OneWalk(
        trip.application,
        key=trip.key or str(uuid.uuid4()),
        pacing=spec.pacing,
        attempt_timeout_s=spec.attempt_timeout_s,
    )


async def _bounded(adapter: Adapter, call: OneWalk, deadline_s: float) -> Outcome | Several:
    with anyio.move_on_after(deadline_s):
        return await adapter.quote(call)
    raise Trouble(TroubleKind.TIMEOUT, _TOO_LATE)


def outcome_shown(trip: Trip, outcome: Outcome | Several, masker: Masker) -> Document:
    """As a daemon tells it, with what the tariff says of an offer."""
    book = TariffBook()
    appraisal = TariffAppraiser(book, LearnedRates())(trip.application, moscow_day(trip.now()))
    if not isinstance(outcome, Several):
        return _shown(trip.tried.id, outcome, appraisal, masker)
    names = trip.tried.spec.members
    return {
        "type": "several",
        "outcomes": [
            {"insurer": id_, "insurer_name": names.get(id_, id_)}
            | _shown(id_, one, appraisal, masker)
            for id_, one in outcome.outcomes.items()
        ],
    }


def _shown(insurer: str, outcome: Outcome, appraisal: TariffAppraisal, masker: Masker) -> Document:
    written = write(outcome, appraisal.of(insurer, outcome))
    told: dict[str, Any] = {"type": written.type, **json.loads(written.json)}
    if "payment_url" in told:
        told["payment_url"] = link_shown(told["payment_url"])
    for name in ("insurer_quote_id", "message", "offered_by"):
        if name in told:
            told[name] = masker.text(told[name])
    return {**told, **json.loads(written.findings)}


def _place_of(tried: Tried, message: str) -> Document:
    """Where the expression stands that could not be said: the message begins with its key."""
    text = message.partition(": ")[0]
    line = tried.file.lines.of(key_of(text))
    return {"key": text, "line": line} if line is not None else {}


def key_of(text: str) -> tuple[str | int, ...]:
    """A dotted key without quotes in it, as `key_text` writes it."""
    key: list[str | int] = []
    for part in text.split("."):
        name, *indexes = part.replace("]", "").split("[")
        key.append(name.strip('"'))
        key += [int(index) for index in indexes if index.isdecimal()]
    return tuple(key)
