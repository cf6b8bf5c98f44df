"""Example applications as every test of this folder takes them: fresh copies, to be changed."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

EXAMPLES = Path(__file__).parents[3] / "examples"

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 11, 22)


@pytest.fixture(scope="session")
def example() -> Callable[..., dict[str, Any]]:
    """Load an example by name and set the given dotted paths in it (`...` removes a key)."""
    loaded: dict[str, Any] = {}

    def load(name: str = "application", changes: dict[str, Any] | None = None) -> dict[str, Any]:
        if name not in loaded:
            loaded[name] = json.loads((EXAMPLES / f"{name}.json").read_bytes())
        application = deepcopy(loaded[name])
        for path, value in (changes or {}).items():
            put(application, path, value)
        return application

    return load


def put(application: Any, path: str, value: Any) -> None:
    *parents, last = path.replace("[", ".").replace("]", "").split(".")
    for step in parents:
        application = application[int(step) if step.isdigit() else step]
    if value is ...:
        del application[last]
    else:
        application[int(last) if last.isdigit() else last] = value
