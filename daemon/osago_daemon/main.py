"""The composition root: builds everything, starts it in order, stops it in reverse."""

import gc
import os
import resource
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import structlog
from anyio.abc import SocketListener

from osago_core import __version__
from osago_daemon.insurers.transport import Transport, TransportOptions
from osago_daemon.quoting.clock import utc_now
from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.quoting.explain import explain
from osago_daemon.quoting.health import HealthKeeper
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.rates import RatesKeeper
from osago_daemon.quoting.tariff_appraiser import TariffAppraiser
from osago_daemon.resilience.numbers import PipelineNumbers
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.polling.pacing import Pacer
from osago_daemon.server.context import Daemon
from osago_daemon.server.listener import listening
from osago_daemon.server.session import accept_clients
from osago_daemon.settings import InsurerSettings, Settings, load
from osago_daemon.storage.address import StoreAddress
from osago_daemon.storage.keyfile import load_or_create_key
from osago_daemon.storage.limits import SharedLimits, refresh
from osago_daemon.storage.opening import instance_name, open_store
from osago_daemon.storage.port import Store
from osago_daemon.storage.runlog import RunLog
from osago_daemon.storage.seal import Seal
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

STOP_S = 5.0
"""How long clients have, after SIGTERM, to take what they are still to be told, and insurers to
answer what must not be broken off."""

HOUSEKEEPING_S = 1.0
"""How old the news of the limits may be when the store goes away."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where things are."""

    socket: Path
    insurers: Path
    state_dir: Path
    store: StoreAddress


async def serve(options: Options) -> None:
    """Run the daemon until SIGTERM or SIGINT.

    Raises ConfigError, SocketRefusedError, StoreRefusedError, OSError and ValueError where it
    can't start.
    """
    settings = load(options.insurers)
    secret = load_or_create_key(options.state_dir / "fingerprint.key")
    seal = Seal(secret)
    name = instance_name(options.socket)
    max_files = _allow_many_files()
    with (
        listening(options.socket) as taken,
        anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals,
    ):
        async with (
            await SocketListener.from_socket(taken.raw) as listener,
            open_store(options.store, name, seal) as store,
            _insurers(settings, max_files // 2, store) as (insurers, limits),
            anyio.create_task_group() as runs,
        ):
            run_log = RunLog(_beside(options.socket), seal, wall_clock=utc_now)
            health = HealthKeeper(store, insurers, wall_clock=utc_now, instance=name)
            rates = RatesKeeper(store, [insurer.id for insurer in insurers])
            await health.restore()
            await rates.restore()
            await refresh(limits, store)
            runs.start_soon(health.keep)
            runs.start_soon(rates.keep)
            runs.start_soon(_keep_house, limits, store, run_log)
            appraiser = TariffAppraiser(settings.tariff, rates.rates)
            around = Surroundings(store, secret, utc_now, run_log, appraiser=appraiser)
            desk = QuoteDesk(runs, insurers, around)
            store.listeners.append(desk.store_changed)
            for run in run_log.recover():
                desk.resume(run)
            daemon = Daemon(
                desk=desk,
                pid=os.getpid(),
                started_at=utc_now(),
                insurers_file=options.insurers.absolute(),
                socket=options.socket.absolute(),
                state_dir=options.state_dir.absolute(),
                max_clients=max_files // 2,
                book=settings.tariff,
            )
            async with anyio.create_task_group() as clients:
                accepting = await clients.start(accept_clients, listener, daemon, clients)
                _settle_memory()
                log.info("ready", version=__version__, insurers=len(insurers))
                signal_ = await anext(signals)
                log.info("stopping", signal=signal_.name, runs=daemon.desk.active)
                accepting.cancel()
                taken.withdraw()
                daemon.desk.drain()
                daemon.hang_up()
                clients.cancel_scope.deadline = anyio.current_time() + STOP_S
                landing = anyio.CancelScope()
                runs.start_soon(_hasten, signals, clients.cancel_scope, landing)
            with landing:
                landing.deadline = anyio.current_time() + STOP_S
                await desk.landed()
            await health.save()
            await rates.save()
            run_log.close()
            runs.cancel_scope.cancel()
    log.info("stopped")


async def _hasten(signals: AsyncIterator[signal.Signals], *waits: anyio.CancelScope) -> None:
    """End now at the second signal, told or not."""
    await anext(signals)
    for wait in waits:
        wait.cancel()


def _beside(path: Path) -> Path:
    """Where runs are kept over a crash: in the runtime directory, which is memory."""
    return path.absolute().with_name(f"{path.name}.runs")


async def _keep_house(limits: list[SharedLimits], store: Store, run_log: RunLog) -> None:
    while True:
        await anyio.sleep(HOUSEKEEPING_S)
        await refresh(limits, store)
        run_log.sweep()


@asynccontextmanager
async def _insurers(
    settings: Settings, max_connections: int, store: Store
) -> AsyncIterator[tuple[list[Insurer], list[SharedLimits]]]:
    """Every insurer with its adapter; those with equal options share one transport.

    None of them may take more than its part of the connections that there can be. With their
    limits, which hold for all instances on the store.
    """
    each = max(1, max_connections // len(settings.insurers))
    async with AsyncExitStack() as stack:
        transports: dict[TransportOptions, Transport] = {}
        insurers: list[Insurer] = []
        limits: list[SharedLimits] = []
        for insurer in settings.insurers:
            if insurer.transport not in transports:
                transport = Transport(insurer.transport)
                transports[insurer.transport] = await stack.enter_async_context(transport)
            numbers = _within(insurer.pipeline, each)
            counts = SharedLimits(insurer.id, numbers.limits, store, clock=time.monotonic)
            insurers.append(_insurer(insurer, transports[insurer.transport], numbers, counts))
            limits.append(counts)
        yield insurers, limits


def _insurer(
    settings: InsurerSettings,
    transport: Transport,
    numbers: PipelineNumbers,
    limits: SharedLimits,
) -> Insurer:
    # Not the loop's clock: uvloop's stands still within a turn and knows milliseconds only.
    pipeline = Pipeline(settings.id, numbers, clock=time.monotonic, limits_store=limits)
    pipeline.breaker.announcer.on_bug = _report
    return Insurer(
        id=settings.id,
        name=settings.name,
        adapter=settings.adapter(transport),
        pipeline=pipeline,
        pacer=Pacer(settings.pacing),
        kind=settings.spec.adapter,
        version=settings.version,
        explained=explain(pipeline, settings.pipeline, settings.pacing, settings.line_of),
    )


def _report(bug: Exception) -> None:
    report_bug(bug)


def _within(numbers: PipelineNumbers, max_at_once: int) -> PipelineNumbers:
    if numbers.limits.at_once <= max_at_once:
        return numbers
    limits = numbers.limits.model_copy(update={"at_once": max_at_once})
    return numbers.model_copy(update={"limits": limits})


def _allow_many_files() -> int:
    """Thousands of connections at once: use what the system allows us, not its low default."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _settle_memory() -> None:
    """Keep the collector off what lives forever (27-53 % less CPU at thousands of tasks)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1000)
