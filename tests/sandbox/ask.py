"""Asks the sandbox: by insurers.toml through the real adapter, and by hand over HTTP."""

import copy
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import aiohttp
import httpx

from osago_core.offer import Outcome
from osago_core.paths import shipped
from osago_daemon.insurers.port import NotYet
from osago_daemon.insurers.xml import read_xml
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.settings import InsurerSettings, load
from osago_sandbox import Sandbox
from osago_sandbox.config import SHIPPED_URL

IVANOV: Mapping[str, Any] = {
    "vehicle": {
        "category": "B",
        "use": "personal",
        "brand": "LADA",
        "model": "Granta",
        "year": 2020,
        "power_hp": 87,
        "vin": "XTA219010L0000001",
        "body_number": None,
        "chassis_number": None,
        "plate": "А123ВС77",
        "document": {
            "kind": "sts",
            "series": "7700",
            "number": "000001",
            "issue_date": "2020-05-05",
        },
        "max_mass_kg": None,
        "seats": None,
        "trailer": False,
        "registration": "russia",
        "diagnostic_card": None,
    },
    "owner": {
        "kind": "person",
        "last_name": "Иванов",
        "first_name": "Иван",
        "middle_name": "Иванович",
        "birth_date": "1985-02-01",
        "sex": "male",
        "passport": {"kind": "passport_rf", "series": "4510", "number": "123456"},
        "address": {
            "region": "Москва",
            "place": "Москва",
            "text": "г Москва, ул Тестовая, д 1, кв 1",
            "kladr": "7700000000000",
            "fias": None,
        },
        "phone": "+79990000001",
        "email": "ivanov@example.org",
        "inn": None,
    },
    "policyholder": "owner",
    "drivers": [
        {
            "last_name": "Иванов",
            "first_name": "Иван",
            "middle_name": "Иванович",
            "birth_date": "1985-02-01",
            "license": {"series": "9900", "number": "000001", "issue_date": "2015-06-01"},
            "driving_since": "2005-06-01",
            "kbm_class": "13",
        }
    ],
    "period": {"start_date": "2026-12-01", "months": 12, "use_months": 12},
}
"""An application nearly in normal form, see `Asker`: 41 years, Moscow, 87 hp, KBM class 13."""

COMPANY = {
    "kind": "company",
    "name": "ООО Ромашка",
    "inn": "7700000000",
    "address": IVANOV["owner"]["address"],
    "phone": "+79990000002",
    "email": "office@example.org",
}


def application(**changes: Any) -> dict[str, Any]:
    """Ivanov's application, changed by dotted path with `__` for the dot; `0` is a list index."""
    changed = copy.deepcopy(dict(IVANOV))
    for path, value in changes.items():
        *parents, last = path.split("__")
        node: Any = changed
        for name in parents:
            node = node[int(name)] if name.isdecimal() else node[name]
        node[last] = value
    return changed


def living_in(region: str, place: str | None) -> dict[str, Any]:
    """Ivanov somewhere else."""
    return application(
        owner__address__region=region, owner__address__place=place, owner__address__kladr=None
    )


@dataclass(frozen=True)
class Exchange:
    """What went over the wire, once. `body` is the answer's."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: Any
    sent: httpx.Request


@cache
def shipped_insurers() -> tuple[InsurerSettings, ...]:
    """The shipped file, read once: that takes longer than all else in most tests."""
    return load(shipped("insurers.toml")).insurers


class Wire(httpx.AsyncBaseTransport):
    """Real HTTP that remembers every exchange. What goes to the shipped address goes to `url`."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.exchanges: list[Exchange] = []
        self._session = session
        self._url = url

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with self._session.request(
            request.method,
            str(request.url).replace(SHIPPED_URL, self._url, 1),
            headers=list(request.headers.multi_items()),
            data=await request.aread(),
            allow_redirects=False,
        ) as answer:
            body = await answer.read()
        self.exchanges.append(
            Exchange(
                request.method,
                request.url.path,
                answer.status,
                answer.headers,
                parsed(answer.content_type, body),
                request,
            )
        )
        return httpx.Response(answer.status, headers=list(answer.headers.items()), content=body)


def parsed(content_type: str, body: bytes) -> Any:
    """JSON with its fractions as texts; XML the way that expressions see it; else as it is."""
    match content_type:
        case "application/json":
            return json.loads(body, parse_float=str)
        case "text/xml":
            return read_xml(body)
        case _:
            return body


@dataclass(frozen=True)
class Call:
    """One try and no policies, but for logging in once where that helps.

    A wait is over at once unless `at_wait` does something.
    """

    application: Mapping[str, Any]
    idempotency_key: str
    at_wait: Callable[[], Awaitable[None]] | None = None
    kept: Mapping[str, str] | None = None

    async def created(self, kept: Mapping[str, str]) -> None:
        pass

    async def attempt(
        self,
        send: Callable[[], Awaitable[Any]],
        *,
        log_in: Callable[[], Awaitable[None]] | None = None,
        **_: Any,
    ) -> Any:
        try:
            return await send()
        except Trouble as trouble:
            if trouble.kind is not TroubleKind.AUTH or log_in is None:
                raise
        await log_in()
        return await send()

    async def poll(self, ask: Callable[[], Awaitable[Any]], **how: Any) -> Any:
        answer: Any = NotYet()
        while isinstance(answer, NotYet):
            if self.at_wait is not None:
                await self.at_wait()
            answer = await self.attempt(ask, **how)
        return answer

    async def log_in(self, send: Callable[[], Awaitable[Any]]) -> Any:
        return await send()

    def mask(self, text: str) -> str:
        return text


class Asker:
    """Asks insurers the way insurers.toml says."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.wire = Wire(session, sandbox.url)
        self._adapters = {insurer.id: insurer.adapter(self.wire) for insurer in shipped_insurers()}
        self._asked = 0

    @property
    def insurers(self) -> list[str]:
        return list(self._adapters)

    @property
    def last(self) -> Exchange:
        return self.wire.exchanges[-1]

    async def __call__(
        self,
        insurer: str,
        what: Mapping[str, Any] = IVANOV,
        *,
        key: str | None = None,
        at_wait: Callable[[], Awaitable[None]] | None = None,
    ) -> Outcome:
        self._asked += 1
        if what["policyholder"] == "owner":  # always a party in normal form
            what = {**what, "policyholder": what["owner"], "policyholder_is_owner": True}
        call = Call(what, key or f"key-{self._asked}", at_wait)
        return await self._adapters[insurer].quote(call)
