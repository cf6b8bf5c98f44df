"""An insurer of one's own on a real socket, and who asks it under the real policies."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from osago_daemon.insurers.port import NotYet
from osago_daemon.insurers.registry import Surroundings, build_adapter
from osago_daemon.insurers.rest import RestAdapter
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.insurers.transport import Transport, TransportOptions
from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.exchange import Exchange
from osago_daemon.resilience.numbers import PipelineNumbers
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.trouble import Trouble

SECRET = "s3cret-canary"


class Clock:
    """A wall clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def after(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Caller:
    """A `Call` under an insurer's pipeline; polls follow at once."""

    kept = None

    def __init__(self, pipeline: Pipeline, application: dict[str, Any]) -> None:
        self.application = application
        self.idempotency_key = "key-1"
        self.heard: list[str] = []
        self._pipeline = pipeline

    def _exchange(self, send: Any, **more: Any) -> Exchange[Any]:
        return Exchange(send, deadline=Deadline.after(30), observer=self, **more)

    async def attempt(self, send: Any, *, repeatable: bool, log_in: Any = None) -> Any:
        exchange = self._exchange(send, repeatable=repeatable, log_in=log_in)
        return _value(await self._pipeline.run(exchange))

    async def log_in(self, send: Any) -> Any:
        return _value(await self._pipeline.run_beside(self._exchange(send)))

    async def poll(self, ask: Any, *, not_before_s: Any = None, log_in: Any = None) -> Any:
        answer: Any = NotYet(not_before_s)
        while isinstance(answer, NotYet):
            answer = await self.attempt(ask, repeatable=True, log_in=log_in)
        return answer

    async def created(self, kept: Any) -> None:
        pass

    def mask(self, text: str) -> str:
        return text.replace("XTA219010L0000001", "***")

    def queued(self, _free_in_s: float) -> None:
        self.heard.append("queued")

    def attempting(self) -> None:
        self.heard.append("attempting")

    def retrying(self, retrying: Any) -> None:
        self.heard.append(retrying.trouble.message)


def _value(result: Any) -> Any:
    if isinstance(result, Trouble):
        raise result
    return result.value


class Server:
    """Answers what a test says, keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.requests: list[web.Request] = []
        self.answers: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {}
        self.url = ""

    def on(self, path: str) -> Callable[[Any], Any]:
        def added(answer: Any) -> Any:
            self.answers[path] = answer
            return answer

        return added

    async def handle(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.asked.append(request.path)
        self.requests.append(request)
        return await self.answers[request.path](request)

    def times(self, path: str) -> int:
        return self.asked.count(path)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def start(stack: AsyncExitStack) -> Callable[[], Awaitable[Server]]:
    async def started() -> Server:
        server = Server()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", server.handle)
        runner = web.AppRunner(app, shutdown_timeout=0, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return server

    return started


@pytest.fixture
async def server(start) -> Server:
    """With an endpoint that wants `Bearer token-N` of the N-th login, and gives a price."""
    server = await start()

    @server.on("/quotes")
    async def quotes(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer token-{server.times('/login')}":
            return web.json_response({"message": "who are you?"}, status=401)
        return web.json_response({"premium": 1})

    @server.on("/login")
    async def login(_: web.Request) -> web.Response:
        return web.json_response(
            {"token": f"token-{server.times('/login')}", "expires_in": 600, "until": 0}
        )

    return server


LOGIN = """
kind = "login"
path = "/login"
secrets = { password = "env:PASSWORD" }
body = { user = "'agent'", password = "secret.password" }
token = "body.token"
expires_in = "body.expires_in"
"""
TABLE = """
base_url = "{url}"
[auth]
{auth}
[create]
path = "/quotes"
body = {{ vin = "vehicle.vin" }}
[answer]
premium = "body.premium"
error_message = "body.message"
"""


class House:
    """One adapter over the real transport, its pipeline, and calls of it."""

    def __init__(self, adapter: RestAdapter, pipeline: Pipeline, application: Any) -> None:
        self.adapter = adapter
        self.pipeline = pipeline
        self._application = application
        self.calls: list[Caller] = []

    async def quote(self) -> Any:
        call = Caller(self.pipeline, self._application)
        self.calls.append(call)
        return await self.adapter.quote(call)

    async def trouble(self) -> Trouble:
        with pytest.raises(Trouble) as caught:
            await self.quote()
        return caught.value


@pytest.fixture
def house(  # noqa: PLR0913, PLR0917  # what an insurer is made of
    server, spec, application, clock, stack, tmp_path
) -> Callable[..., House]:
    """Build the insurer for an `auth` table; `table` in the place of the usual one."""

    def built(auth: str = LOGIN, table: str = TABLE, **numbers: Any) -> House:
        transport = Transport(TransportOptions(max_body_bytes=4096))
        stack.push_async_callback(transport.aclose)
        around = Surroundings(transport, Secrets(tmp_path, {"PASSWORD": SECRET}), now=clock)
        pipeline = Pipeline("sever", PipelineNumbers(**numbers), random_=lambda: 0.0)
        adapter = build_adapter(spec(table.format(url=server.url, auth=auth)), around)
        assert isinstance(adapter, RestAdapter)
        return House(adapter, pipeline, application)

    return built
