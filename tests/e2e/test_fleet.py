"""Four daemons on one store, killed all the time: every insurer sees every application once."""

import os
import random
import re
import tempfile
from functools import partial
from pathlib import Path

import anyio
import pytest

from tests.support.applications import application
from tests.support.crowd import Client, maybe_arrived, said, until
from tests.support.fleet import Served, serving
from tests.support.processes import Osago, sandbox_process
from tests.support.valkey import valkey

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("fleet"), pytest.mark.timeout(120)]

SEED = int(os.environ.get("OSAGO_SEED", "4"))
DAEMONS = 4
CLIENTS = 200
APPLICATIONS = 50
AT_ONCE = 80
KILLS = 6
PER_SECOND = 16
"""Of each insurer: 50 creates and their polls take several times that."""

WITHOUT_KEYS = {"kedr", "trakt"}


@pytest.fixture(scope="module")
def brisk():
    with (
        tempfile.TemporaryDirectory(prefix="osago-") as folder,
        sandbox_process(Path(folder), latency_scale=0.02) as sandbox,
    ):
        yield sandbox


@pytest.fixture(params=["disk", "redis"])
def fleet(request, home, brisk):
    """Daemons with their own sockets and everything else in common."""
    brisk.forget_stats()
    config = home / "insurers.toml"
    config.write_text(limited(brisk.config.read_text()))
    if request.param == "disk":
        with serving(*_daemons(home, config, f"disk:{home}/store")) as daemons:
            yield daemons
        return
    with (
        valkey(home) as server,
        serving(*_daemons(home, config, server.url)) as daemons,
    ):
        yield daemons


def _daemons(home, config, store):
    return [Served(Osago(home, config, f"{n}.sock", store)) for n in range(DAEMONS)]


def limited(toml):
    """The same with a limit for every insurer that bites."""
    bare = re.sub(r"^limits = .*\n", "", toml, flags=re.MULTILINE)
    limits = f"limits = {{ per_second = {PER_SECOND} }}\n"
    return re.sub(r"^(\[insurers\.\w+\]\n)", rf"\1{limits}", bare, flags=re.MULTILINE)


class Crowd:
    """Clients in random order at random daemons, and how far they are."""

    def __init__(self, seed, fleet):
        self.chance = random.Random(seed)
        self.fleet = fleet
        self.heard = 0
        wanted = [n % APPLICATIONS for n in range(CLIENTS)]
        self.chance.shuffle(wanted)
        self.clients = [(n, self._client(n)) for n in wanted]

    def _client(self, number):
        daemon = self.chance.choice(self.fleet)
        return Client(daemon.socket, application(number), on_event=self._count)

    def _count(self, _event):
        self.heard += 1

    async def come_and_go(self):
        few = anyio.CapacityLimiter(AT_ONCE)

        async def one(client):
            async with few:
                await client.run()

        async with anyio.create_task_group() as tasks:
            for _, client in self.clients:
                tasks.start_soon(one, client)
            tasks.start_soon(self._kill)

    def _came_to(self, moment):
        return self.heard >= moment or all(client.done for _, client in self.clients)

    async def _kill(self):
        """Whenever so many events were heard."""
        for moment in sorted(self.chance.sample(range(50, CLIENTS * 15), KILLS)):
            await until(partial(self._came_to, moment), every_s=0.005)
            daemon = self.chance.choice(self.fleet)
            daemon.kill()
            daemon.start()


async def test_four_daemons_and_kills_every_insurer_sees_every_application_once(fleet, brisk):
    insurers = list(brisk.stats())
    crowd = Crowd(SEED, fleet)
    await crowd.come_and_go()
    assert any(client.resumed for _, client in crowd.clients), "the kills hit nobody"
    assert any(client.queued for _, client in crowd.clients), "the limits did not bite"
    for _, client in crowd.clients:
        client.check_delivery(insurers)
        assert client.events[-1]["reason"] == "complete"
    told = told_of(crowd.clients)
    differing = {key: words for key, words in told.items() if len(words) > 1}
    assert differing == {}
    doubts = {key for key, words in told.items() if any(word[1] == "connection" for word in words)}
    for insurer, seen in brisk.stats().items():
        unsure = sum(key[1] == insurer for key in doubts)
        assert insurer in WITHOUT_KEYS or not unsure
        assert seen["duplicate_creates"] == 0, insurer
        assert APPLICATIONS - unsure <= seen["applications"] <= APPLICATIONS, insurer
        assert (seen["creates_without_key"] > 0) == (insurer in WITHOUT_KEYS)
        assert seen["max_per_second"] <= PER_SECOND, insurer
    for daemon in fleet:
        assert (await daemon.status())["store"]["state"] == "ready"


def told_of(clients):
    """What was said of each application by each insurer, to all who asked."""
    told = {}
    for number, client in clients:
        for insurer, outcome in client.outcomes.items():
            assert outcome["type"] != "failed" or maybe_arrived(outcome), outcome
            told.setdefault((number, insurer), set()).add(said(outcome))
    return told
