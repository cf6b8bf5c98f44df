"""The composition root: builds everything, starts it in order, stops it in reverse."""

import gc
import os
import resource
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import structlog
from anyio.abc import SocketListener

from osago_core import __version__
from osago_daemon.config_problems import ConfigError
from osago_daemon.drafting import Draft
from osago_daemon.hangup import Terminal
from osago_daemon.quoting.clock import utc_now
from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.quoting.health import HealthKeeper
from osago_daemon.quoting.rates import RatesKeeper
from osago_daemon.quoting.tariff_appraiser import TariffAppraiser
from osago_daemon.reloading import Reloaded, Reloader, Rosters, drafted
from osago_daemon.server.context import Daemon
from osago_daemon.server.listener import listening
from osago_daemon.server.session import accept_clients
from osago_daemon.settings import Settings, load
from osago_daemon.storage.address import StoreAddress
from osago_daemon.storage.keyfile import load_or_create_key
from osago_daemon.storage.limits import refresh
from osago_daemon.storage.opening import instance_name, open_store
from osago_daemon.storage.port import Store
from osago_daemon.storage.runlog import RunLog
from osago_daemon.storage.seal import Seal

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


async def serve(options: Options, terminal: Terminal) -> None:
    """Run the daemon until SIGTERM or SIGINT; SIGHUP makes it read its file again.

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
        anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals,
    ):
        draft = await _first_draft(settings, signals, terminal)
        del settings  # or it would stay for ever, whatever file is read later
        if draft is None:
            return
        async with (
            await SocketListener.from_socket(taken.raw) as listener,
            open_store(options.store, name, seal) as store,
            _insurers(draft, max_files // 2, store) as rosters,
            anyio.create_task_group() as runs,
        ):
            del draft
            run_log = RunLog(_beside(options.socket), seal, wall_clock=utc_now)
            health = HealthKeeper(
                store, rosters.present.insurers, wall_clock=utc_now, instance=name
            )
            rates = RatesKeeper(store, [insurer.id for insurer in rosters.present.insurers])
            await health.restore()
            await rates.restore()
            await refresh(rosters.limits, store)
            runs.start_soon(health.keep)
            runs.start_soon(rates.keep)
            runs.start_soon(_keep_house, rosters, store, run_log)
            desk = QuoteDesk(
                runs,
                rosters.present.insurers,
                Surroundings(
                    store,
                    secret,
                    utc_now,
                    run_log,
                    appraiser=TariffAppraiser(rosters.present.tariff.book, rates.rates),
                ),
            )
            store.listeners.append(desk.store_changed)
            for run in run_log.recover():
                desk.resume(run)
            reloader = Reloader(
                options.insurers,
                rosters,
                Reloaded(desk, health, rates, store),
                runs,
                wall_clock=utc_now,
            )
            daemon = Daemon(
                desk=desk,
                pid=os.getpid(),
                started_at=utc_now(),
                insurers_file=options.insurers.absolute(),
                socket=options.socket.absolute(),
                state_dir=options.state_dir.absolute(),
                max_clients=max_files // 2,
                book=rosters.present.tariff.book,
                reloader=reloader,
            )
            reloader.on_tariff, reloader.on_idle = daemon.use_tariff, _settle_memory
            async with anyio.create_task_group() as clients:
                accepting = await clients.start(accept_clients, listener, daemon, clients)
                _settle_memory()
                log.info("ready", version=__version__, insurers=len(desk.insurers))
                again = partial(runs.start_soon, reloader.reload_and_log)
                stop = await _stopped_by(signals, terminal, again)
                log.info("stopping", signal=stop.name, runs=daemon.desk.active)
                accepting.cancel()
                taken.withdraw()
                daemon.desk.drain()
                reloader.give_up()
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


async def _first_draft(
    settings: Settings, signals: AsyncIterator[signal.Signals], terminal: Terminal
) -> Draft | None:
    """What the file asks for; None where a signal ends us before. Raises ConfigError.

    Programs that give secrets may hang.
    """
    stopped = anyio.Event()
    found: Draft | ConfigError | None = None

    async def listen() -> None:
        stop = await _stopped_by(signals, terminal, lambda: _refuse_reload("starting"))
        log.info("stopping", signal=stop.name, runs=0)
        stopped.set()
        tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        try:
            found = await drafted(lambda _: settings)
        except ConfigError as error:  # would leave the group as one of several
            found = error
        tasks.cancel_scope.cancel()
    if stopped.is_set():
        log.info("stopped")
        return None
    if isinstance(found, ConfigError):
        raise found
    return found


async def _stopped_by(
    signals: AsyncIterator[signal.Signals], terminal: Terminal, reload: Callable[[], object]
) -> signal.Signals:
    """The signal that ends it all. A SIGHUP has the file read again, unless the terminal went."""
    while (signal_ := await anext(signals)) is signal.SIGHUP and not terminal.is_gone():
        reload()
    return signal_


def _refuse_reload(reason: str) -> None:
    log.error("reload_refused", reason=reason)


async def _hasten(signals: AsyncIterator[signal.Signals], *waits: anyio.CancelScope) -> None:
    """End now at the second signal, told or not."""
    while await anext(signals) is signal.SIGHUP:
        _refuse_reload("draining")
    for wait in waits:
        wait.cancel()


def _beside(path: Path) -> Path:
    """Where runs are kept over a crash: in the runtime directory, which is memory."""
    return path.absolute().with_name(f"{path.name}.runs")


async def _keep_house(rosters: Rosters, store: Store, run_log: RunLog) -> None:
    while True:
        await anyio.sleep(HOUSEKEEPING_S)
        await refresh(rosters.limits, store)
        run_log.sweep()


@asynccontextmanager
async def _insurers(draft: Draft, max_connections: int, store: Store) -> AsyncIterator[Rosters]:
    """Every insurer with its adapter, this file's and those of files to come."""
    rosters = Rosters(store, max_connections=max_connections)
    rosters.begin(draft)
    del draft
    try:
        yield rosters
    finally:
        await rosters.aclose()


def _allow_many_files() -> int:
    """Thousands of connections at once: use what the system allows us, not its low default."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _settle_memory() -> None:
    """Keep the collector off what lives forever (27-53 % less CPU at thousands of tasks).

    Again after a reload: of what was kept from it then, the insurers that are gone may be left.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1000)
