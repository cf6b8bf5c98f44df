"""Everything wrong or odd with an insurers.toml, as a document. Asks neither daemon nor insurer."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from osago_daemon.config.effective import leaves, references
from osago_daemon.config.oddities import OWN_TARIFF, TEXTS, oddities
from osago_daemon.config.reading import ConfigFile, read
from osago_daemon.config_problems import ConfigError, ConfigProblem
from osago_daemon.insurers.keys import Key, key_text
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.settings import INSURERS, TARIFF, load


def document(path: Path) -> dict[str, Any]:
    """`{"valid", "file", "insurers", "switched_off", "secrets", "problems", "warnings"}`.

    A secret is `{"reference", "found", "keys"}`, without its value; a problem and a warning have
    `line`, `column`, `key` and `text`, a warning also the `code` of its text.
    """
    problems = _problems(path)
    file = read(path)
    specs = tuple(file.specs.values()) if file else ()
    on = [spec for spec in specs if spec.enabled]
    return {
        "valid": not problems,
        "file": str(path),
        "insurers": len(on),
        "switched_off": len(specs) - len(on),
        "secrets": _secrets(on, {problem.key for problem in problems}),
        "problems": [_told(problem) for problem in problems],
        "warnings": sorted(_warnings(file, on), key=lambda each: each["line"] or 0) if file else [],
    }


def _problems(path: Path) -> tuple[ConfigProblem, ...]:
    try:
        load(path)
    except ConfigError as error:
        return error.problems
    return ()


def _told(problem: ConfigProblem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "column": problem.column,
        "key": problem.key,
        "text": problem.text,
    }


def _secrets(specs: Iterable[InsurerSpec], wrong: set[str]) -> list[dict[str, Any]]:
    """Every reference once. `load` has looked for them: one is found if its keys have no problem.

    So nothing is looked up twice, and no value gets here at all.
    """
    keys: dict[str, list[str]] = {}
    for spec in specs:
        for key, value in leaves(spec):
            for reference in references(value):
                keys.setdefault(str(reference), []).append(key_text((INSURERS, spec.id, *key)))
    return [
        {"reference": reference, "found": not _any_within(wrong, used), "keys": used}
        for reference, used in sorted(keys.items())
    ]


def _any_within(wrong: set[str], keys: Iterable[str]) -> bool:
    """Whether a problem stands at one of the keys, or at an item of a list there."""
    return any(each == key or each.startswith(f"{key}[") for key in keys for each in wrong)


def _warnings(file: ConfigFile, specs: Iterable[InsurerSpec]) -> Iterator[dict[str, Any]]:
    if file.tariff_directory is not None:
        yield _warning(file, (TARIFF, "directory"), OWN_TARIFF)
    for spec in specs:
        for key, code in oddities(spec):
            yield _warning(file, (INSURERS, spec.id, *key), code)


def _warning(file: ConfigFile, key: Key, code: str) -> dict[str, Any]:
    return {
        "line": file.lines.of(key),
        "column": None,
        "key": key_text(key),
        "code": code,
        "text": TEXTS[code],
    }
