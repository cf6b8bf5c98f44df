"""One whole insurers.toml as a daemon lives with it: loaded, built, asked by a desk over HTTP.

Only waiting is cut short: retries come at once, polls a tenth of a second apart.
"""

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio

from osago_core.application import check
from osago_core.moscow import moscow_day
from osago_daemon.insurers.transport import Transport
from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.quoting.insurer import Insurer, members_of
from osago_daemon.resilience.numbers import PacingNumbers
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.polling.pacing import Pacer
from osago_daemon.settings import load
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from tests.support.desk import ended

NOW = datetime(2026, 1, 10, 10, 0, tzinfo=UTC)
FILES = Path(__file__).parent / "insurers"
OUTSIDE = "https://api.example.org"
"""Where every file says that its insurer lives."""

_AT_ONCE = PacingNumbers(first_s=0.0, every_s=0.1, least_s=0.1, learn=False)
_OUTCOMES = {"offer", "declined", "failed"}

PERSON = {
    "last_name": "Тестов",
    "first_name": "Тест",
    "middle_name": "Тестович",
    "birth_date": "1985-01-01",
    "sex": "male",
}


def application(**changes):
    """What the shapes' made-up values are made of, as far as an application of ours may say them.

    `changes` go by path, with `__` for a dot.
    """
    raw = {
        "vehicle": {
            "category": "B",
            "use": "personal",
            "brand": "LADA",
            "model": "Granta",
            "year": 2020,
            "power_hp": 87,
            "vin": "XTA00000000000001",
            "plate": "А000АА77",
            "document": {
                "kind": "sts",
                "series": "7700",
                "number": "000001",
                "issue_date": "2020-05-05",
            },
        },
        "owner": {
            "kind": "person",
            **PERSON,
            "passport": {
                "kind": "passport_rf",
                "series": "4500",
                "number": "000001",
                "issue_date": "2015-01-01",
                "issued_by": "УФМС",
                "division_code": "000-000",
            },
            "address": {
                "region": "Москва",
                "place": "Москва",
                "text": "г Москва, ул Тестовая, д 1",
                "kladr": "7700000000000",
                "fias": "00000000-0000-0000-0000-000000000001",
            },
            "phone": "+79000000001",
            "email": "test@example.org",
        },
        "drivers": [
            {
                **PERSON,
                "license": {"series": "9900", "number": "000001", "issue_date": "2015-06-01"},
                "driving_since": "2005-06-01",
                "kbm_class": "13",
            }
        ],
        "period": {"start_date": "2026-02-01"},
    }
    for path, value in changes.items():
        at, *names = raw, *path.split("__")
        for name in names[:-1]:
            at = at[int(name) if name.isdigit() else name]
        at[names[-1]] = value
    checked = check(raw, today=moscow_day(NOW))
    assert not getattr(checked, "problems", ()), checked.problems
    return checked.application


class House:
    """What outlives a daemon: the file, the insurer's server, and what is written down."""

    def __init__(self, path, server, environ):
        began = anyio.current_time()
        self.server = server
        self.hub = MemoryHub(wall=lambda: NOW.timestamp() + anyio.current_time() - began)
        self._path = path
        self._environ = environ
        self._daemons = 0

    def now(self):
        return datetime.fromtimestamp(self.hub.wall(), UTC)

    @asynccontextmanager
    async def daemon(self, wrap=lambda transport: transport):
        """A desk as one daemon has it; `wrap` stands between it and the way out."""
        self._daemons += 1
        store = MemoryStore(self.hub, f"daemon-{self._daemons}")
        await store.open()
        settings = load(self._path, environ=self._environ).opened()
        async with Transport(settings.insurers[0].transport) as transport:
            insurers = [
                insurer
                for each in settings.insurers
                for insurer in self._insurers(each, wrap(transport))
            ]
            async with anyio.create_task_group() as tasks:
                yield QuoteDesk(tasks, insurers, Surroundings(store, b"k" * 32, self.now))
            await store.close()

    def _insurers(self, settings, transport):
        insurer = Insurer(
            settings.id,
            settings.name,
            settings.adapter(transport, self.now),
            Pipeline(settings.id, settings.pipeline, random_=lambda: 0.0),
            Pacer(_AT_ONCE),
            version=settings.version,
        )
        return members_of(insurer, settings.spec.members)

    async def quote(self, asked=None, *, deadline_s=5.0, **how):
        """What a client is told of each insurer: id → the event of its outcome."""
        async with self.daemon(**how) as desk:
            return await told(desk, asked or application(), deadline_s=deadline_s)

    async def answer(self, asked=None, **how):
        """The same where there is one insurer."""
        [answer] = (await self.quote(asked, **how)).values()
        return answer


async def told(desk, asked, *, deadline_s=5.0):
    """Ask everybody for this application."""
    run = desk.start(asked, insurers=list(desk.insurers), deadline_s=deadline_s, cache="use")
    return {e["insurer"]: e for e in await ended(run) if e["type"] in _OUTCOMES}


def price(event):
    """Premium, and whether it is final."""
    return event["premium"], event["final"]


def why(event):
    """Kind of outcome, its reason or kind, its words."""
    return event["type"], event.get("reason") or event.get("kind"), event["message"]


def differences(theirs, ours, path=""):
    """Path → (their value, ours), `...` where there is none."""
    if isinstance(theirs, dict) and isinstance(ours, dict) and theirs.keys() | ours.keys():
        pairs = {f".{name}": name for name in [*theirs, *(ours.keys() - theirs.keys())]}
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours) > 0:
        pairs = {f"[{i}]": i for i in range(len(theirs))}
    else:
        # By type as well: 1 is not true, and 87 is not 87.0.
        same = (type(theirs), theirs) == (type(ours), ours)
        return {} if same else {path.removeprefix("."): (theirs, ours)}
    found = {}
    for said, key in pairs.items():
        one, other = (_part(each, key) for each in (theirs, ours))
        found |= differences(one, other, path + said)
    return found


def _part(value, key):
    return value[key] if isinstance(value, list) else value.get(key, ...)
