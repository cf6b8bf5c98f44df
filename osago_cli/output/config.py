"""What `osago config` found, in words, as TOML, and as rows for programs."""

import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osago_cli.client import Json
from osago_cli.locale import t, t_or
from osago_cli.output import toml_text
from osago_cli.output.columns import PIPE_COLUMNS


def findings(found: Json) -> Iterator[str]:
    """A line for each problem and warning; where there is no problem, what the file holds."""
    for problem in found["problems"]:
        yield _located(found["file"], problem, problem["text"])
    for warning in found["warnings"]:
        text = t_or(f"config.warning.{warning['code']}", warning["text"])
        yield t("check.warning", text=_located(found["file"], warning, text))
    if not found["valid"]:
        return
    counts = {"on": found["insurers"], "off": found["switched_off"]}
    yield t("config.valid", file=found["file"], **counts)
    references = [secret["reference"] for secret in found["secrets"] if secret["found"]]
    if references:
        text = t("config.secrets", references=", ".join(references))
        yield from textwrap.wrap(
            text, _width(), subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
        )


def effective(found: Json, *, origin: bool) -> Iterator[str]:
    """Every value as TOML, tables in the order of the file."""
    yield f"# {found['file']}"
    # What the file does not say of the tariff has no value of ours to show.
    parts = [("tariff", [value for value in found["tariff"] if value["value"] is not None])]
    yield from _dictionaries(found, origin=origin)
    parts += [(f"insurers.{each['id']}", each["values"]) for each in found["insurers"]]
    for table, values in parts:
        entries = [
            toml_text.Entry(
                tuple(value["key"]), value["value"], _origin(found, value) if origin else None
            )
            for value in values
        ]
        yield from toml_text.lines(table, entries, t("config.not_set"), _width())


def nested(found: Json, *, origin: bool) -> Json:
    """`{"file", "tariff", "dictionaries", "insurers": {id: {…}}}`; with origins, key → origin.

    A dictionary is `{"source", "line", "count", "entries": {name: value}}`.
    """
    document: dict[str, Any] = {
        "file": found["file"],
        "tariff": _tree(found["tariff"]),
        "insurers": {each["id"]: _tree(each["values"]) for each in found["insurers"]},
    }
    if dictionaries := found.get("dictionaries"):
        keys = ("source", "line", "count", "entries")
        document["dictionaries"] = {
            each["name"]: {key: each[key] for key in keys} for each in dictionaries
        }
    if origin:
        document["origins"] = {
            f"insurers.{row['insurer']}.{row['key']}" if row["insurer"] else row["key"]: row[
                "origin"
            ]
            for row in rows(found)
        }
    return document


def rows(found: Json) -> Iterator[dict[str, Any]]:
    """A row for each value: insurer, dotted key, value, origin. Codes, in no language."""
    for value in found["tariff"]:
        yield _row(found, "", ["tariff", *value["key"]], value)
    for each in found["insurers"]:
        for value in each["values"]:
            yield _row(found, each["id"], value["key"], value)


def _dictionaries(found: Json, *, origin: bool) -> Iterator[str]:
    """A line for each, as their entries may be thousands."""
    for each in found.get("dictionaries", ()):
        text = t("config.dictionary", count=each["count"])
        if each["source"]:
            text += f", {each['source']}"
        place = f"  # {_place(found, each)}" if origin and each["line"] else ""
        yield f"# [dictionaries.{each['name']}]: {text}{place}"


def _row(found: Json, insurer: str, key: list[str], value: Json) -> dict[str, Any]:
    return {
        "insurer": insurer,
        "key": toml_text.dotted(key),
        "value": value["value"],
        "origin": _place(found, value) or "default",
    }


def _origin(found: Json, value: Json) -> str:
    return _place(found, value) or t("config.default")


def _place(found: Json, value: Json) -> str | None:
    return f"{Path(found['file']).name}:{value['line']}" if value["line"] else None


def _tree(values: list[Json]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for value in values:
        *above, last = value["key"]
        table = tree
        for part in above:
            table = table.setdefault(part, {})
        table[last] = value["value"]
    return tree


def _located(file: str, item: Json, text: str) -> str:
    """`insurers.toml:12: insurers.sever.create.path: …`, as a compiler says it."""
    place = ":".join(str(part) for part in (file, item["line"], item["column"]) if part)
    return ": ".join(part for part in (place, item["key"], text) if part)


def _width() -> int:
    return shutil.get_terminal_size((PIPE_COLUMNS, 24)).columns
