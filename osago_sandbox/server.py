"""The web server: one port, `/ID/…` per insurer, `/_control/…` for who runs the sandbox."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from osago_sandbox.clock import Clock
from osago_sandbox.control import Control
from osago_sandbox.desk import Desk
from osago_sandbox.faults import FaultBoard
from osago_sandbox.front import Front
from osago_sandbox.insurers import INSURERS
from osago_sandbox.profiles import PROFILES

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8787
DEFAULT_SEED = 1
SHUTDOWN_S = 0.1
"""How long answers under way may take when the server stops; hanging ones never end."""

access_log = logging.getLogger("osago_sandbox.access")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the sandbox is run. `port` 0 picks a free one; `latency_scale` 0 answers at once."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    seed: int = DEFAULT_SEED
    latency_scale: float = 1.0
    profile: str = "calm"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox. `url` has no slash at its end; an insurer's base URL is `url/ID`."""

    url: str
    port: int


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Sandbox]:
    """Serve until the block ends. Raises OSError where the port can't be had.

    Needs an asyncio event loop (aiohttp). From synchronous code or trio, give it a thread of its
    own: `portal.wrap_async_context_manager(running(settings))` of an anyio blocking portal.
    """
    runner = web.AppRunner(
        _build_app(settings),
        access_log=None,
        handler_cancellation=True,  # a client that left ends its `hang`
        shutdown_timeout=SHUTDOWN_S,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        port = runner.addresses[0][1]
        yield Sandbox(url=base_url(settings.host, port), port=port)
    finally:
        await runner.cleanup()


def base_url(host: str, port: int) -> str:
    """Where clients on this machine reach a sandbox that listens on `host`."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # named, not bound
    reachable = everywhere.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _build_app(settings: Settings) -> web.Application:
    clock = Clock(monotonic_s=time.monotonic, now=lambda: datetime.now(UTC))
    desks = [Desk(insurer, settings.seed, settings.latency_scale, clock) for insurer in INSURERS]
    board = FaultBoard({desk.insurer.id: desk.insurer.steps for desk in desks})
    weather = PROFILES[settings.profile].weather(settings.seed, settings.latency_scale)
    app = web.Application(middlewares=[_log_access])
    app.add_routes(Control(board, desks).routes())
    for desk in desks:
        app.add_routes(Front(desk, board, weather, clock).routes())
    return app


@web.middleware
async def _log_access(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    status = 0  # the connection ended without an answer
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    else:
        return response
    finally:
        # The path only: a query may carry an API key, a body is a person.
        access_log.info("%s %s %s", request.method, request.path, status)
