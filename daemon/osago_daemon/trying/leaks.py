"""Whether anything that must not be kept is left in a record, and where."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from osago_daemon.trying.masking import MIN_SECRET_CHARS, Masker, written
from osago_daemon.trying.replay import KEY

_OUR_OWN = frozenset({"insurer", "dictionaries", "format", "at"})
"""Parts that no person's values get into: they come from insurers.toml."""


def leak_in(document: Mapping[str, Any], masker: Masker) -> str:
    """The place of the first one, such as `exchanges[1].answer.body.json.fio`; empty: none.

    The key of every replay is ours, and holds the number of many an example's document.
    """
    for place, text in _texts(document, ""):
        if place.partition(".")[0].partition("[")[0] in _OUR_OWN:
            continue
        said = text.replace(KEY, "|")
        if masker.personal(said) != said:
            return place
    whole = json.dumps(document, ensure_ascii=False).casefold()
    for secret in masker.secrets:
        for form in written(secret):
            if len(form) >= MIN_SECRET_CHARS and form.casefold() in whole:
                return "a secret"
    return ""


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text, key or long number, with where it stands."""
    match value:
        case Mapping():
            for name, item in value.items():
                here = f"{place}.{name}".lstrip(".")
                yield here, str(name)
                yield from _texts(item, here)
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, f"{place}[{index}]")
        case str():
            yield place, value
        case int() | float() if len(str(value)) > len("12345"):
            yield place, str(value)
