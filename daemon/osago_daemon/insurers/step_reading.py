"""What the expressions of an insurer's table read that is not there where they stand.

Works on the raw table, as `consistency.py` does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.names import ANSWER, REQUEST, did_you_mean
from osago_daemon.insurers.raw import RawTable, names_under, reads, steps_of, table_of
from osago_daemon.insurers.tables import Located, texts_in

_CONDITIONS = ("each", "when")
_EXPRESSIONS = (
    *("path_params", "headers", "query", "body", "form", "multipart", "xml", "soap_header"),
    *_CONDITIONS,
)
_OF_ITEMS = ("item", "index")
_OF_OFFERS = ("items", "insurer")
NO_EXPRESSIONS = frozenset({"states", "decline_reasons", "error_kinds", "money", "format"})
"""Of the table `answer`."""
_WITH_TOKEN = ("login", "oauth2")


@dataclass(slots=True)
class _Seen:
    """What a step's expressions may read."""

    secrets: set[str]
    has_token: bool
    kept: set[str] = field(default_factory=set)
    """By earlier steps."""


def problems(insurer: RawTable) -> Iterator[Located]:
    """Every name that is read where it has no value, whatever the application."""
    secrets = {str(name) for name in table_of(insurer, "secrets")}
    seen = _Seen(secrets, table_of(insurer, "auth").get("kind") in _WITH_TOKEN)
    for key, step in steps_of(insurer):
        for name in _EXPRESSIONS:
            for below, text in texts_in(step.get(name), (*key, name)):
                yield from _named(below, text, seen)
                yield from _placed(below, text, name, each="each" in step)
        yield from _kept(texts_in(step.get("keep"), (*key, "keep")), seen.kept, "earlier step")
        seen.kept |= {str(name) for name in table_of(step, "keep")}
    yield from _of_answers(insurer, seen.kept)


def _named(key: Key, text: str, seen: _Seen) -> Iterator[Located]:
    """What nobody has kept or named."""
    for name in names_under("kept", text, REQUEST):
        if name not in seen.kept:
            hint = did_you_mean(name, seen.kept, before="kept.")
            yield key, f"kept.{name} is kept by no earlier step{hint}"
    for name in names_under("secret", text, REQUEST):
        if name not in seen.secrets:
            hint = did_you_mean(name, seen.secrets, before="secret.")
            yield key, f"secret.{name} is not in `secrets` of this insurer{hint}"
    if not seen.has_token and any(names_under("auth", text, REQUEST)):
        yield key, "auth.token is what `auth` of the kind login or oauth2 brings"


def _placed(key: Key, text: str, part: str, *, each: bool) -> Iterator[Located]:
    """What is there in other parts, or in other steps, only."""
    if part != "headers" and reads("request", text, REQUEST):
        yield key, "`request` is what is sent: only `headers` see it"
    for name in _OF_ITEMS:
        if not each and reads(name, text, REQUEST):
            yield key, f"`{name}` is one of `each`, and this step has no `each`"
        elif part in _CONDITIONS and reads(name, text, REQUEST):
            yield key, f"`{name}` is one of `each`: what decides about the whole step sees none"


def _of_answers(insurer: RawTable, kept: set[str]) -> Iterator[Located]:
    answer, offers = table_of(insurer, "answer"), table_of(insurer, "offers")
    for name in answer:
        if name not in NO_EXPRESSIONS:
            key = ("answer", str(name))
            yield from _kept(texts_in(answer[name], key), kept, "step")
    for name in _OF_OFFERS:
        yield from _kept(texts_in(offers.get(name), ("offers", name)), kept, "step")


def _kept(texts: Iterator[Located], kept: set[str], by: str) -> Iterator[Located]:
    """Of expressions over answers."""
    for key, text in texts:
        for name in names_under("kept", text, ANSWER):
            if name not in kept:
                hint = did_you_mean(name, kept, before="kept.")
                yield key, f"kept.{name} is kept by no {by}{hint}"
