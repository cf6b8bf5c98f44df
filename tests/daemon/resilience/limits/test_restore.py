"""`insurers.restore` and what an insurer asked for."""

import os
from pathlib import Path

import anyio
import pytest

from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods import HANDLERS
from tests.support.desk import START, Pretend, another_application, desk_of, ended, offer

pytestmark = pytest.mark.anyio


async def test_restoring_an_insurer_did_not_lift_the_pause_it_had_asked_for():
    async with desk_of(a=Pretend(offer())) as desk:
        daemon = Daemon(desk, 1, START, Path("/i"), Path("/s"), Path("/d"))
        limiter = desk.insurers["a"].pipeline.limiter
        limiter.pause(86_400.0)
        run = desk.start(another_application(), insurers=["a"], deadline_s=1000, cache="use")
        await anyio.sleep(1.0)
        assert limiter.places.waiting == 1
        handler = HANDLERS["insurers.restore"]
        params = handler.method.params.model_validate({"insurer": "a"})
        began = anyio.current_time()
        await handler.handle(daemon, ClientView(uid=os.getuid()), params)
        await ended(run)
        assert anyio.current_time() - began < 60.0
        assert limiter.status(limiter.clock())[0].paused_for_s == 0
