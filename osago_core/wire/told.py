"""An outcome in the words of the wire, written once and told to any number of runs.

What is kept for the day is told again without being read: its line is spliced around it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from pydantic import BaseModel
from pydantic_core import to_json

from osago_core.offer import Declined, Failed, Offer, Outcome
from osago_core.wire.codec import splice_event
from osago_core.wire.events import Source
from osago_core.wire.tariff import Findings, OfferFindings

_WARNING = b'"severity":"warning"'
_NOTHING_FOUND = OfferFindings()

OutcomeType: TypeAlias = Literal["offer", "declined", "failed"]


class Written(NamedTuple):
    """An outcome."""

    type: OutcomeType
    premium: Decimal | None
    """Roubles; of an offer."""
    json: bytes
    """An object of the fields of `Offer`, `Declined` or `Failed`."""
    findings: bytes
    """An object of the fields of `OfferFindings` or `FailureFindings`."""

    @property
    def warned(self) -> bool:
        """Whether a check warns of it. In JSON nothing else reads like that."""
        return _WARNING in self.findings


class Envelope(NamedTuple):
    """What an outcome event says of the run, besides the outcome; fields as in the event."""

    quote_id: str
    seq: int
    at: datetime
    insurer: str
    insurer_name: str
    elapsed_ms: int
    source: Source
    answered_at: datetime | None
    attempts: int


def write(outcome: Outcome, findings: Findings | None = None) -> Written:
    """The outcome as it is told, with findings that are of its kind."""
    match outcome:
        case Offer(premium=premium):
            return Written("offer", premium, _json(outcome), _json(findings or _NOTHING_FOUND))
        case Declined():
            return Written("declined", None, _json(outcome), b"{}")
        case Failed():
            found = b"{}" if findings is None else _json(findings)
            return Written("failed", None, _json(outcome), found)


def encode_told(envelope: Envelope, written: Written) -> bytes:
    """The line of the `offer`, `declined` or `failed` event: what `encode_event` makes of it."""
    before = {
        "quote_id": envelope.quote_id,
        "seq": envelope.seq,
        "at": envelope.at,
        "type": written.type,
        "insurer": envelope.insurer,
        "elapsed_ms": envelope.elapsed_ms,
        "source": envelope.source.value,
    }
    if envelope.answered_at is not None:
        before["answered_at"] = envelope.answered_at
    before["attempts"] = envelope.attempts
    name = to_json({"insurer_name": envelope.insurer_name}) if written.type == "offer" else b"{}"
    return splice_event(to_json(before), written.json, name, written.findings)


def _json(model: BaseModel) -> bytes:
    return model.model_dump_json(exclude_none=True).encode()
