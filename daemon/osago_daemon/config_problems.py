"""What is wrong with a configuration file, in words for the person who wrote it.

Turns pydantic's reports into problems with key and text. Never shows a value of the file, which
may be a secret in the wrong place.
"""

import builtins
import collections.abc
import difflib
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.tables import Located, type_name

_EXPECTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One mistake: `insurers.toml:12: insurers.sever.create.path: is missing`."""

    file: Path
    line: int | None
    key: str
    text: str
    column: int | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return ": ".join(part for part in (place, self.key, self.text) if part)


class ConfigError(Exception):
    """A file that can't be used, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        """In the order in which they are to be read."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` where a known word is close, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else ""


def unknown_key(name: str, known: Iterable[str]) -> str:
    """The text for a key that nobody reads."""
    known = sorted(known)
    return "unknown key" + (nearest(name, known) or f"; there is {', '.join(known)}")


def explain(error: ValidationError, model: type[BaseModel]) -> Iterator[Located]:
    """Key below the model's table and text for each problem."""
    for line in error.errors(include_url=False):
        key, table = _place(line["loc"], model)
        kind, text = line["type"], line["msg"]
        if kind.startswith("union_tag_"):
            key = (*key, "kind")
            text = "is missing" if kind == "union_tag_not_found" else "unknown kind"
            text += f"; there is {', '.join(_members(table))}"
        elif kind == "extra_forbidden":
            known = _fields(table) if _is_model(table) else ()
            text = unknown_key(str(key[-1]), known)
        else:
            text = _text(kind, text, line["input"])
        yield key, text


def _text(kind: str, text: str, given: object) -> str:
    if kind == "missing":
        return "is missing"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {type_name(given)}"
    if kind in {"enum", "literal_error"}:
        words = re.findall(r"'([^']*)'", text)
        close = nearest(given, words) if isinstance(given, str) else ""
        return f"expected one of {', '.join(words)}{close}"
    return re.sub(r"^[A-Z][a-z]+(?= should)", "it", text)


def _place(loc: Key, model: type[BaseModel]) -> tuple[Key, Any]:
    """The key without pydantic's additions, and the annotation of the table around it."""
    key: list[str | int] = []
    annotation: Any = model
    around: Any = model
    for part in loc:
        annotation = _bare(annotation)
        if part == "[key]":
            continue
        if (member := _members(annotation).get(str(part))) is not None:
            annotation = member
            continue
        around = annotation
        key.append(part)
        annotation = _below(annotation, part)
    bare = _bare(annotation)
    return tuple(key), bare if _members(bare) else around


def _below(annotation: Any, part: str | int) -> Any:
    """The annotation of a key of a table, or of an item of a list of them."""
    if _is_model(annotation):
        return _fields(annotation).get(str(part))
    arguments = typing.get_args(annotation)
    match typing.get_origin(annotation):
        case builtins.tuple:
            return arguments[0]
        case collections.abc.Mapping:
            return arguments[1]
    return None


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(model: type[BaseModel]) -> Mapping[str, Any]:
    """Key in the file → annotation. `id` is the table's name, not a key."""
    return {
        field.alias or name: field.annotation
        for name, field in model.model_fields.items()
        if name != "id"
    }


def _bare(annotation: Any) -> Any:
    """`X | None` as X."""
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        parts = [part for part in typing.get_args(annotation) if part is not type(None)]
        return parts[0] if len(parts) == 1 else annotation
    return annotation


def _members(annotation: Any) -> Mapping[str, type[BaseModel]]:
    """Kind → model, of a union of tables that are told apart by `kind`."""
    if typing.get_origin(annotation) not in {typing.Union, types.UnionType}:
        return {}
    return {
        kind: part
        for part in typing.get_args(annotation)
        if _is_model(part) and "kind" in part.model_fields
        for kind in typing.get_args(part.model_fields["kind"].annotation)
    }
