"""A desk whose insurers are in memory: time may be virtual, everything else is the real thing."""

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import anyio

from osago_core.application import check
from osago_core.offer import Declined, DeclineReason, Offer
from osago_daemon.insurers.port import NotYet
from osago_daemon.quoting.appraisal import silent
from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.resilience.numbers import PacingNumbers, PipelineNumbers
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.polling.pacing import Pacer
from osago_daemon.storage.memory import MemoryHub, MemoryStore

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NUMBERS = PipelineNumbers(attempt_timeout_s=10.0)
EXAMPLE = Path(__file__).parents[2] / "examples" / "application.json"


def example():
    """The application that README quotes, as users write it."""
    return json.loads(EXAMPLE.read_text())


def example_application():
    """The same, checked."""
    return check(example(), today=START.date()).application


_numbers = count(1)


def another():
    """One that nobody has asked about yet, as users write it: a vehicle of its own."""
    application = example()
    application["vehicle"]["document"]["number"] = f"{next(_numbers):06}"
    return application


def another_application():
    """The same, checked."""
    return check(another(), today=START.date()).application


class Pretend:
    """An adapter that answers after some seconds, by one exchange and any number of polls."""

    def __init__(self, answer, *, after_s=0.0, polls=0, every_s=1.0):
        self.answer = answer
        self.after_s = after_s
        self.polls = polls
        self.every_s = every_s
        self.calls = []

    async def quote(self, call):
        self.calls.append(call)
        left = self.polls

        async def ask():
            nonlocal left
            await self._send()
            left -= 1
            return NotYet() if left else self.answer

        await call.attempt(self._send, repeatable=True)
        if left:
            await call.poll(ask)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def _send(self):
        await anyio.sleep(self.after_s)


def insurer_of(id_, adapter, numbers=NUMBERS):
    """An insurer that is polled at a fixed pace."""
    every_s = max(0.1, getattr(adapter, "every_s", 1.0))
    pacing = PacingNumbers(first_s=every_s, every_s=every_s, learn=False)
    return Insurer(id_, id_.title(), adapter, Pipeline(id_, numbers), Pacer(pacing))


def offer(premium="10000.00"):
    return Offer(premium=premium)


def decline(message="no"):
    return Declined(reason=DeclineReason.OTHER, message=message)


def virtual_hub():
    """What desks share, its wall clock beginning at START now."""
    began = anyio.current_time()
    return MemoryHub(wall=lambda: START.timestamp() + anyio.current_time() - began)


@asynccontextmanager
async def desk_on(hub, name="this", *, keeper=None, appraiser=silent, **adapters):
    """A desk with these insurers, one instance on the hub."""
    ids = count(1)
    store = MemoryStore(hub, name)
    await store.open()
    async with anyio.create_task_group() as tasks:
        yield QuoteDesk(
            tasks,
            [insurer_of(id_, adapter) for id_, adapter in adapters.items()],
            Surroundings(
                store,
                b"k" * 32,
                lambda: datetime.fromtimestamp(hub.wall(), UTC),
                keeper=keeper,
                new_id=lambda: f"q{next(ids)}",
                appraiser=appraiser,
            ),
        )


@asynccontextmanager
async def desk_of(*, appraiser=silent, **adapters):
    """A desk of its own with these insurers, on trio's clock."""
    async with desk_on(virtual_hub(), appraiser=appraiser, **adapters) as desk:
        yield desk


async def ended(run):
    """Wait until the run is done; its events as objects."""
    over = anyio.Event()
    run.watch(over, lambda: over.set() if run.done is not None else None)
    if run.done is None:
        await over.wait()
    run.unwatch(over)
    return [json.loads(line)["params"] for line in run.lines]
