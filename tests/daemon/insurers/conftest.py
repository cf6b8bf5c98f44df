import tomllib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from osago_daemon.insurers.exact import exact
from osago_daemon.insurers.port import NotYet
from osago_daemon.insurers.registry import Surroundings, build_adapter
from osago_daemon.insurers.rest import RestAdapter
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import Secrets

T = TypeVar("T")

NOW = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)  # already the 28th in Moscow

APPLICATION: dict[str, Any] = {
    "vehicle": {
        "category": "B",
        "use": "personal",
        "brand": "LADA",
        "model": "Granta",
        "year": 2020,
        "power_hp": 87.0,
        "vin": "XTA219010L0000001",
        "body_number": None,
        "plate": "А123ВС77",
        "document": {"kind": "sts", "series": "7700", "number": "000001"},
        "trailer": False,
    },
    "owner": {
        "kind": "person",
        "last_name": "Иванов",
        "first_name": "Иван",
        "birth_date": "1985-02-01",
        "phone": "+79990000001",
    },
    "policyholder": {"kind": "person", "last_name": "Иванов"},
    "policyholder_is_owner": True,
    "drivers": [
        {
            "first_name": "Иван",
            "birth_date": "1985-02-01",
            "license": {"series": "9900", "number": "000001"},
            "driving_since": "2005-06-01",
        },
        {
            "first_name": "Анна",
            "birth_date": "1990-03-05",
            "license": {"series": "9901", "number": "000002"},
            "driving_since": "2015-06-01",
        },
    ],
    "period": {"start_date": "2026-12-01", "months": 12},
}


class OneCall:
    """A `Call` without policies: every exchange runs once, polls follow at once.

    `hints` are the waits that the insurer asked for, before each poll; None where it named none.
    """

    def __init__(self, application: Mapping[str, Any]) -> None:
        self.application = exact(dict(application))
        self.idempotency_key = "key-1"
        self.kept: Mapping[str, str] | None = None
        self.written: list[Mapping[str, str]] = []
        self.repeatable: list[bool] = []
        self.hints: list[float | None] = []
        self.so_far: list[Any] = []

    def heard(self, several: Any) -> None:
        self.so_far.append(several.outcomes)

    async def created(self, kept: Mapping[str, str]) -> None:
        self.written.append(kept)

    async def attempt(self, send: Callable[[], Awaitable[T]], *, repeatable: bool, **_: Any) -> T:
        self.repeatable.append(repeatable)
        return await send()

    async def poll(
        self,
        ask: Callable[[], Awaitable[T | NotYet]],
        *,
        not_before_s: float | None = None,
        **_: Any,
    ) -> T:
        answer: T | NotYet = NotYet(not_before_s)
        while isinstance(answer, NotYet):
            self.hints.append(answer.retry_after_s)
            answer = await ask()
        return answer

    async def log_in(self, send: Callable[[], Awaitable[T]]) -> T:
        return await send()

    def mask(self, text: str) -> str:
        for personal in ("Иванов", "XTA219010L0000001", "79990000001"):
            text = text.replace(personal, "***")
        return text


@pytest.fixture
def application() -> dict[str, Any]:
    return APPLICATION


@pytest.fixture
def call(application) -> OneCall:
    return OneCall(application)


@pytest.fixture
def spec() -> Callable[[str], RestSpec]:
    """The model of a table; `name` and `base_url` are given unless the text has its own."""

    def spec_(toml: str) -> RestSpec:
        base = {"id": "sever", "name": "Север", "base_url": "http://127.0.0.1:8787/sever"}
        return RestSpec.model_validate({**base, **tomllib.loads(toml)})

    return spec_


@pytest.fixture
def adapter(spec, tmp_path: Path) -> Callable[..., RestAdapter]:
    """An adapter for a table over a transport, or over a handler that answers in its place."""

    def adapter_(toml: str, answering: Any, **environ: str) -> RestAdapter:
        transport = (
            answering
            if isinstance(answering, httpx.AsyncBaseTransport)
            else httpx.MockTransport(answering)
        )
        secrets = Secrets(tmp_path, environ)
        return build_adapter(spec(toml), Surroundings(transport, secrets, now=lambda: NOW))

    return adapter_
