"""A daemon on a real socket over an insurers.toml that can be reloaded, and its insurers' HTTP."""

import os
from contextlib import asynccontextmanager

import anyio
from aiohttp import web
from anyio.abc import SocketListener

from osago_daemon.quoting.clock import utc_now
from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.quoting.health import HealthKeeper
from osago_daemon.quoting.rates import RatesKeeper
from osago_daemon.reloading import Reloaded, Reloader, Rosters, drafted
from osago_daemon.server.context import Daemon
from osago_daemon.server.listener import listening
from osago_daemon.server.session import accept_clients
from osago_daemon.settings import load
from osago_daemon.storage.memory import MemoryHub, MemoryStore


class Insurers:
    """Offers the premium that stands in the path: `/12000` offers 12,000 roubles."""

    def __init__(self):
        self.url = ""
        self.asked = []
        """Path and token of every request."""
        self.open = anyio.Event()
        self.open.set()

    async def answer(self, request):
        self.asked.append((request.path, request.headers.get("Authorization")))
        if request.path.startswith("/held"):
            await self.open.wait()
        return web.json_response({"premium": request.path.split("/")[-1]})

    def table(self, id_, path="/12000", more="", name=None):
        """A one-step insurer."""
        return (
            f'[insurers.{id_}]\nname = "{name or id_.title()}"\nbase_url = "{self.url}"\n{more}\n'
            f'[insurers.{id_}.create]\npath = "{path}"\nbody = {{ vin = "vehicle.vin" }}\n'
            f'headers = {{ Idempotency-Key = "call.key" }}\n'
            f'[insurers.{id_}.answer]\npremium = "body.premium"\n\n'
        )


@asynccontextmanager
async def insurers():
    """Some on a port of their own."""
    found = Insurers()
    app = web.Application()
    app.router.add_post("/{path:.*}", found.answer)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    found.url = f"http://{host}:{port}"
    try:
        yield found
    finally:
        found.open.set()
        await runner.cleanup()


@asynccontextmanager
async def house(file, socket):
    """What `main.serve` builds, but for signals, disks and housekeeping."""
    store = MemoryStore(MemoryHub())
    await store.open()
    rosters = Rosters(store, max_connections=1000)
    rosters.begin(await drafted(lambda _: load(file)))
    with listening(socket) as taken:
        async with (
            await SocketListener.from_socket(taken.raw) as listener,
            anyio.create_task_group() as runs,
            anyio.create_task_group() as clients,
        ):
            known = rosters.present.insurers
            health = HealthKeeper(store, known, wall_clock=utc_now, instance="this")
            rates = RatesKeeper(store, [insurer.id for insurer in known])
            desk = QuoteDesk(runs, known, Surroundings(store, b"k" * 32, utc_now))
            del known
            reloader = Reloader(
                file, rosters, Reloaded(desk, health, rates, store), runs, wall_clock=utc_now
            )
            daemon = Daemon(
                desk=desk,
                pid=os.getpid(),
                started_at=utc_now(),
                insurers_file=file,
                socket=socket,
                state_dir=socket.parent,
                reloader=reloader,
            )
            reloader.on_tariff = daemon.use_tariff
            accepting = await clients.start(accept_clients, listener, daemon, clients)
            yield daemon
            accepting.cancel()
            desk.drain()
            daemon.hang_up()
            await desk.landed()
        await rosters.aclose()
