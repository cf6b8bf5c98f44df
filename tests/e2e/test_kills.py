"""A daemon that is killed at random moments, again and again: nothing is lost, nothing sent twice.

`OSAGO_KILLS=100 pytest tests/e2e/test_kills.py` kills it a hundred times.
"""

import os
import random
from itertools import count

import anyio
import pytest

from tests.support.applications import application
from tests.support.crowd import Client, maybe_arrived, until
from tests.support.fleet import Served, serving
from tests.support.processes import Osago, sandbox_process

KILLS = int(os.environ.get("OSAGO_KILLS", "8"))
SEED = int(os.environ.get("OSAGO_SEED", "4"))
AT_ONCE = 6
WITHOUT_KEYS = {"kedr", "trakt"}

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.xdist_group("kills"),
    pytest.mark.timeout(60 + 5 * KILLS),
]


class Desk:
    """Keeps runs under way at one daemon until enough was killed."""

    def __init__(self, daemon, chance):
        self.clients = []
        self.killing = True
        self._daemon = daemon
        self._chance = chance
        self._numbers = count()
        self._heard = 0

    async def keep_busy(self):
        async with anyio.create_task_group() as tasks:
            for _ in range(AT_ONCE):
                tasks.start_soon(self._one_after_the_other)
            await self._kill()
            self.killing = False

    async def _one_after_the_other(self):
        while self.killing:
            wanted = application(next(self._numbers))
            client = Client(self._daemon.socket, wanted, on_event=self._hear)
            self.clients.append(client)
            await client.run()

    def _hear(self, _event):
        self._heard += 1

    async def _kill(self):
        for _ in range(KILLS):
            if self._chance.random() < 0.2:  # while it starts
                await anyio.sleep(self._chance.uniform(0, 0.8))
            else:
                await self._hear_some(self._chance.randrange(1, 60))
            self._daemon.kill()
            self._daemon.start()
            if self._chance.random() < 0.5:
                await self._look()
        await self._look()

    async def _hear_some(self, more):
        """A moment between events, or just after one."""
        then = self._heard + more
        await until(
            lambda: self._daemon.check_alive() and self._heard >= then,
            every_s=0.001,
        )
        await anyio.sleep(self._chance.uniform(0, 0.03))

    async def _look(self):
        status = await self._daemon.status()
        assert status["store"]["state"] == "ready", status["store"]
        assert "reason" not in status["store"], status["store"]


def in_time(client):
    """A slow insurer may not get to answer between two kills until the deadline."""
    return client.events[-1]["reason"] == "complete"


def is_reported(insurer, client, outcome):
    """Said as it is: nobody knows whether they have it, or no time was left."""
    if maybe_arrived(outcome):
        return insurer in WITHOUT_KEYS
    return outcome["kind"] == "timeout" and not in_time(client)


async def test_a_daemon_killed_at_random_moments_loses_no_run_and_sends_nothing_twice(home):
    with sandbox_process(home, latency_scale=0.03) as sandbox:
        daemon = Served(Osago(home, sandbox.config))
        desk = Desk(daemon, random.Random(SEED))
        with serving(daemon):
            await desk.keep_busy()
        insurers = sandbox.stats()
    assert daemon.kills == KILLS
    assert any(client.resumed for client in desk.clients), "the kills hit nobody"
    for client in desk.clients:
        client.check_delivery(insurers)
        assert client.events[-1]["reason"] in {"complete", "deadline"}
    assert sum(map(in_time, desk.clients)) > len(desk.clients) / 2
    for insurer, seen in insurers.items():
        outcomes = [(client, client.outcomes[insurer]) for client in desk.clients]
        failed = [pair for pair in outcomes if pair[1]["type"] == "failed"]
        assert all(is_reported(insurer, *pair) for pair in failed), failed
        assert seen["duplicate_creates"] == 0, insurer
        assert len(outcomes) - len(failed) <= seen["applications"] <= len(outcomes), insurer
    assert list((home / "state").glob("*.broken-*")) == []
    assert "run_lost" not in daemon.log
    assert "runs_not_read" not in daemon.log
    assert "level=error" not in daemon.log
