"""Plays a recorded walk again: the requests must be those recorded, the outcome must be the same.

Opens no connection, sleeps never, and needs no secret. For tests of an insurer's table, and for
`osago insurers record`, which writes nothing that does not replay.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from osago_core.application import Application
from osago_core.offer import Outcome
from osago_daemon.insurers import dictionary_tables, look_ups
from osago_daemon.insurers.decoding import decode_json
from osago_daemon.insurers.exact import for_json
from osago_daemon.insurers.port import Several
from osago_daemon.insurers.registry import DEFAULT_KIND, Surroundings, build_adapter, found
from osago_daemon.insurers.secrets import SecretRef, Secrets
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.quoting.outcome import checked, failed_by
from osago_daemon.resilience.trouble import Trouble
from osago_daemon.trying.calls import OneWalk

FORMAT = 1
KEY = "00000000-0000-4000-8000-000000000000"
"""The idempotency key of every replay."""
STAND_IN = "stand-in"
"""What every secret is."""

_EVER_NEW = re.compile(
    r"<((?:\w+:)?(?:Nonce|Created|Expires|Password|MessageID))\b[^>]*>[^<]*</\1>", re.IGNORECASE
)
"""What a message of WS-Security has of its own each time."""

Document = dict[str, Any]


class ReplayError(AssertionError):
    """What is sent is not what was recorded, or what comes of it."""

    def __init__(self, step: str, why: str) -> None:
        """`why` repeats no value."""
        super().__init__(f"{step}: {why}")
        self.step = step
        self.why = why


@dataclass(frozen=True, slots=True)
class StandIns(Secrets):
    """Secrets that open nothing."""

    def resolve(self, reference: SecretRef) -> SecretStr:
        """See `Secrets`."""
        del reference
        return SecretStr(STAND_IN)


class Replay(httpx.AsyncBaseTransport):
    """Answers from a record, in its order, and looks at what is sent."""

    def __init__(self, exchanges: Sequence[Document], *, checking: bool = True) -> None:
        """`checking`: what is sent must be what the record says."""
        self.sent: list[httpx.Request] = []
        self._exchanges = exchanges
        self._checking = checking
        self.differing: ReplayError | None = None
        """The first difference; the engine makes a trouble of whatever a transport raises."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The next answer."""
        number = len(self.sent)
        self.sent.append(request)
        if number >= len(self._exchanges):
            raise self._differs("the end", "one request more than was recorded")
        exchange = self._exchanges[number]
        if self._checking and (why := difference(exchange["request"], request_of(request))):
            raise self._differs(exchange["step"], why)
        answer = exchange["answer"]
        return httpx.Response(
            answer["status"],
            headers=[tuple(pair) for pair in answer["headers"]],
            content=bytes_of(answer["body"]),
            request=request,
        )

    def over(self) -> None:
        """Raises `ReplayError` for what differed, and for answers that nobody asked for."""
        if self.differing is not None:
            raise self.differing
        if len(self.sent) < len(self._exchanges):
            step = self._exchanges[len(self.sent)]["step"]
            raise ReplayError(step, "was not asked for")

    def _differs(self, step: str, why: str) -> httpx.HTTPError:
        self.differing = self.differing or ReplayError(step, why)
        return httpx.ConnectError("not as it was recorded")


def read(path: Path) -> Document:
    """A record."""
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    if document.get("format") != FORMAT:
        raise ValueError(f"{path.name}: not a record of format {FORMAT}")
    return document


async def replay(record: Document) -> Outcome | Several:
    """Walk once more; the outcome. Raises `ReplayError` where anything differs."""
    transport = Replay(record["exchanges"])
    outcome = await walked(record, transport)
    transport.over()
    told = outcome_of(outcome)
    if told != record["outcome"]:
        raise ReplayError("outcome", _different_fields(record["outcome"], told))
    return outcome


async def walked(record: Document, transport: httpx.AsyncBaseTransport) -> Outcome | Several:
    """The outcome of the record's application at its insurer over a transport."""
    spec = spec_of(record)
    at = datetime.fromisoformat(record["at"])
    around = Surroundings(transport, StandIns(Path("/nowhere")), lambda: at)
    call = OneWalk(
        Application.model_validate(record["application"]),
        key=KEY,
        pacing=spec.pacing,
        attempt_timeout_s=spec.attempt_timeout_s,
        sleep=_never,
    )
    try:
        return checked(await build_adapter(spec, around).quote(call), spec.members)
    except Trouble as trouble:
        return failed_by(trouble, at)


def spec_of(record: Document) -> InsurerSpec:
    """The insurer's table as it was recorded."""
    table = record["insurer"]
    kind = found(table.get("adapter", DEFAULT_KIND))
    if kind is None:
        raise ReplayError("insurer", "its kind of adapter is not installed")
    words = dictionary_tables.read(record.get("dictionaries", {}), Path("/nowhere"))
    with look_ups.using(words.dictionaries):
        spec: InsurerSpec = kind.kind.spec.model_validate(table)
    return spec


def request_of(request: httpx.Request) -> Document:
    """`{"method", "path", "body"}` of what is sent; the path with its query."""
    return {
        "method": request.method,
        "path": request.url.raw_path.decode("ascii"),
        "body": body_of(request.content),
    }


def body_of(raw: bytes) -> Any:
    """`{"json": …}`, `{"text": …}`, or null where there is none. ValueError for what is no text."""
    if not raw:
        return None
    try:
        return {"json": json.loads(json.dumps(decode_json(raw), default=for_json))}
    except ValueError:
        return {"text": raw.decode("utf-8")}


def bytes_of(body: Any) -> bytes:
    """The other way round."""
    if body is None:
        return b""
    if "json" in body:
        return json.dumps(body["json"], ensure_ascii=False).encode()
    return str(body["text"]).encode()


def difference(recorded: Document, sent: Document) -> str:
    """Where the two requests differ, in words without a value; empty where they don't."""
    for part in ("method", "path"):
        if recorded[part] != sent[part]:
            return f"another {part} is sent than was recorded"
    return _differing(_settled(recorded["body"]), _settled(sent["body"]), "body")


def _settled(body: Any) -> Any:
    if isinstance(body, dict) and "text" in body:
        return _EVER_NEW.sub(r"<\1/>", str(body["text"]))
    return body["json"] if isinstance(body, dict) else body


def _differing(recorded: Any, sent: Any, place: str) -> str:
    if isinstance(recorded, dict) and isinstance(sent, dict):
        names = recorded.keys() | sent.keys()
        pairs = [(f"{place}.{name}", recorded.get(name), sent.get(name)) for name in sorted(names)]
    elif isinstance(recorded, list) and isinstance(sent, list) and len(recorded) == len(sent):
        both = enumerate(zip(recorded, sent, strict=True))
        pairs = [(f"{place}[{index}]", one, other) for index, (one, other) in both]
    else:
        return "" if recorded == sent else f"{place} is not what was recorded"
    return next(filter(None, (_differing(r, s, p) for p, r, s in pairs)), "")


def outcome_of(outcome: Outcome | Several) -> Document:
    """As a record holds it. Of a failure what does not depend on the hour."""
    if isinstance(outcome, Several):
        members = {id_: outcome_of(one) for id_, one in outcome.outcomes.items()}
        return {"type": "several", "outcomes": members}
    told = json.loads(outcome.model_dump_json(exclude_none=True))
    told.pop("retry_at", None)
    return {"type": type(outcome).__name__.lower(), **told}


def _different_fields(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    names = [n for n in sorted(recorded.keys() | now.keys()) if recorded.get(n) != now.get(n)]
    return f"{', '.join(names)}: not as recorded"


async def _never(_: float) -> None:
    """Nobody waits for a record."""
