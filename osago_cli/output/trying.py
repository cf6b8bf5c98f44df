"""An insurer tried out, in words: each exchange, what each expression gave, what came of it.

Polls that found nothing new are counted, not shown. Knows the program's documents, which hold
nothing personal and no secret.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from osago_cli import plurals
from osago_cli.client import Json
from osago_cli.exits import Exit
from osago_cli.locale import t, t_or
from osago_cli.output import checks, wording

Tell: TypeAlias = Callable[[Json], None]

_PENDING = "pending"
_INDENT = "   "
_SHOWN = frozenset("\t\u00a0\u2009\u202f")
"""No letters, and harmless: what stands between figures."""


class Report:
    """What is known so far of one insurer."""

    def __init__(self, ready: Json, *, dry_run: bool) -> None:
        """`ready` is the program's first document."""
        self.outcome: Json | None = None
        self._ready = ready
        self._dry_run = dry_run
        self._steps: list[Json] = []
        self._told_again: Json | None = None
        self._number = 0

    def add(self, document: Json) -> None:
        """Take a document."""
        if document["type"] == "outcome":
            self.outcome = document["outcome"]
        if document["type"] != "step":
            return
        entry = {name: value for name, value in document.items() if name != "type"}
        last = self._steps[-1] if self._steps else None
        if last is not None and _nothing_new(last, entry):
            again = last.setdefault("asked_again", {"times": 0, "elapsed_ms": 0})
            again["times"] += 1
            again["elapsed_ms"] = entry["at_ms"] + entry["elapsed_ms"] - last["at_ms"]
            return
        self._steps.append(entry)

    def document(self) -> Json:
        """Everything, as one."""
        return {
            "insurer": self._ready["insurer"],
            "application": "masked",
            "dry_run": self._dry_run,
            "steps": self._steps,
            "outcome": self.outcome,
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row for each expression over an answer."""
        for step in self._steps:
            for each in step["expressions"]:
                yield {**each, "step": step["step"], "value": wording_of(each["value"])}

    def exit(self) -> Exit:
        """0 where they understood us."""
        told = self.outcome or {}
        outcomes = told.get("outcomes", [told])
        answered = any(one.get("type") in {"offer", "declined"} for one in outcomes)
        return Exit.OK if answered else Exit.NO_OFFER_IN_TIME

    def head(self) -> Iterator[str]:
        """Who it is."""
        return map(printable, self._head())

    def lines(self, document: Json) -> Iterator[str]:
        """What is to be said at a document that was added just now."""
        return map(printable, self._lines(document))

    def end(self) -> Iterator[str]:
        """What came of it, as far as that is known."""
        return map(printable, self._end())

    def _head(self) -> Iterator[str]:
        place = _place(self._ready["file"], self._ready["line"])
        yield t("trying.head", name=self._ready["name"], insurer=self._ready["insurer"], at=place)
        if self._ready["secrets"]:
            yield t("config.secrets", references=", ".join(self._ready["secrets"]))
        if self._dry_run:
            yield t("trying.dry")

    def _lines(self, document: Json) -> Iterator[str]:
        if document["type"] == "outcome":
            yield from self._polled()
        if document["type"] != "step" or self._number == len(self._steps):
            return
        yield from self._polled()
        self._number = len(self._steps)
        yield ""
        yield from self._step(self._steps[-1])

    def _end(self) -> Iterator[str]:
        yield from self._polled()
        if self.outcome is None:
            return
        yield ""
        for outcome in self.outcome.get("outcomes", [self.outcome]):
            name = outcome.get("insurer_name", self._ready["name"])
            yield f"{name}: {_outcome(outcome)}"
            yield from _details(outcome)
            if outcome.get("line"):
                yield f"{_INDENT}{_place(self._ready['file'], outcome['line'])}: {outcome['key']}"

    def _polled(self) -> Iterator[str]:
        """How often it was asked again in vain since what was shown last."""
        last = self._steps[self._number - 1] if self._number else {}
        again = last.get("asked_again")
        if again is None or again is self._told_again:
            return
        self._told_again = again
        key = f"trying.again_{plurals.form(again['times'])}"
        yield _INDENT + t(key, count=again["times"], time=wording.seconds(again["elapsed_ms"]))

    def _step(self, step: Json) -> Iterator[str]:
        name = t("trying.login") if step["login"] else step["step"]
        head = f"{self._number}. {name}"
        request = step["request"]
        if request is None:
            words = t("trying.skipped") if step.get("skipped") else step.get("problem", "")
            yield f"{head}: {_located(self._ready['file'], step, words)}"
            return
        yield f"{head}: {request['method']} {request['url']}"
        yield from _message(request)
        yield from (_INDENT + text for text in _notes(step))
        if step["answer"] is not None:
            elapsed = wording.seconds(step["elapsed_ms"])
            yield f"{_INDENT}HTTP {step['answer']['status']}, {elapsed}"
            yield from _message(step["answer"])
        yield from self._expressions(step)
        trouble = step.get("trouble")
        if trouble is not None:
            kind = t_or(f"failed.{trouble['kind']}", trouble["kind"])
            yield f"{_INDENT}→ {kind}: {trouble['message']}"
        elif step.get("reading"):
            yield f"{_INDENT}→ {t('trying.' + step['reading'])}"

    def _expressions(self, step: Json) -> Iterator[str]:
        rows = [
            (_place(self._ready["file"], each["line"]), self._key(each), each)
            for each in step["expressions"]
        ]
        places = max((len(place) for place, _, _ in rows), default=0)
        keys = max((len(key) for _, key, _ in rows), default=0)
        for place, key, each in rows:
            yield f"{_INDENT}{place:<{places}}  {key:<{keys}}  {_gave(each)}"

    def _key(self, each: Json) -> str:
        key = str(each["key"]).removeprefix(f"insurers.{self._ready['insurer']}.")
        return key if each.get("item") is None else f"{key} [{each['item']}]"


def _nothing_new(last: Json, entry: Json) -> bool:
    return (
        last["step"] == entry["step"]
        and last.get("reading") == _PENDING
        and entry.get("reading") == _PENDING
    )


def _notes(step: Json) -> Iterator[str]:
    if "when" in step:
        yield t("trying.when", expression=step["when"])
    if "requests" in step:
        count = step["requests"]
        yield t("trying.each_unknown") if count is None else t("trying.each", count=count)
    if step.get("before_login"):
        yield t("trying.before_login")


def _message(message: Json) -> Iterator[str]:
    indent = _INDENT + "  "
    for name, value in message["headers"].items():
        yield f"{indent}{name}: {value}"
    body = message["body"]
    if body["kind"] == "binary":
        yield indent + t("trying.binary", size=body["size"])
        return
    for line in _lines_of(body["text"]):
        yield indent + line
    if body["cut"]:
        yield indent + t("trying.cut", count=body["cut"])


def _lines_of(text: str) -> list[str]:
    """Only by what ends a line for a terminal: what else `splitlines` knows is shown as it is."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def _gave(each: Json) -> str:
    """`body.status = "processing" → pending`; an error in its place."""
    expression = " ".join(str(each["expression"]).split())
    text = f"{expression} = {wording_of(each['value'])}"
    came_to = each.get("came_to")
    if came_to is not None and str(came_to) != str(each["value"]):
        text += f" → {came_to}"
    return f"{text}  ! {each['error']}" if each.get("error") else text


def printable(line: str) -> str:
    r"""With what would steer a terminal, or hide, as `\x1b`: insurers answer whatever they like."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() or char in _SHOWN else _code(char) for char in line)


def _code(char: str) -> str:
    return char.encode("unicode_escape").decode()


def wording_of(value: Any) -> str:
    """A value as JSON."""
    import json

    return json.dumps(value, ensure_ascii=False)


def _outcome(outcome: Json) -> str:
    match outcome["type"]:
        case "offer":
            by = wording.offered_by(outcome)
            price = t("trying.offer_value", premium=wording.price(outcome))
            return f"{price}, {by}" if by else price
        case "declined":
            return t("line.declined", reason=wording.refusal(outcome))
        case _:
            return t("line.failed", reason=_failure(outcome))


def _failure(outcome: Mapping[str, Any]) -> str:
    """Kind and words: whoever tries an insurer out wants both, in whatever language."""
    kind = t_or(f"failed.{outcome['kind']}", outcome["kind"])
    return f"{kind}: {outcome['message']}" if outcome["message"] else kind


def _details(outcome: Json) -> Iterator[str]:
    if outcome["type"] != "offer":
        return
    for check in outcome.get("checks", ()):
        yield _INDENT + checks.full(check)
    standing = checks.standing(outcome, checks.warnings(outcome))
    if standing:
        yield _INDENT + standing
    for name in ("insurer_quote_id", "payment_url", "valid_until"):
        if outcome.get(name):
            yield f"{_INDENT}{name} = {outcome[name]}"


def _located(file: str, step: Json, text: str) -> str:
    return f"{_place(file, step['line'])}: {text}" if step.get("line") else text


def _place(file: str, line: int | None) -> str:
    name = Path(file).name
    return f"{name}:{line}" if line else name
