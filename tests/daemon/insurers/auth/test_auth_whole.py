"""Logins on the whole way: under the desk with its journal, and against the sandbox's faults."""

import tomllib

import aiohttp
import pytest
from aiohttp import web

from osago_core.offer import Offer
from osago_daemon.insurers.registry import Surroundings, build_adapter
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.insurers.transport import Transport
from osago_sandbox import Settings, insurers_toml, running
from tests.sandbox.ask import IVANOV
from tests.support.desk import another_application, desk_of, ended

pytestmark = pytest.mark.anyio


async def _outcomes(desk, times):
    runs = [
        desk.start(another_application(), insurers=["sever"], deadline_s=20.0, cache="use")
        for _ in range(times)
    ]
    events = [event for run in runs for event in await ended(run)]
    return [e for e in events if e["type"] in {"offer", "failed"}]


async def test_creates_without_a_key_under_the_desk_share_a_login(house, server):
    async with desk_of(sever=house().adapter) as desk:
        assert [e["type"] for e in await _outcomes(desk, 20)] == ["offer"] * 20
        assert (server.times("/login"), server.times("/quotes")) == (1, 20)
        server.asked[:] = ["/login"] * 4  # others have logged in since
        (event,) = await _outcomes(desk, 1)
        assert (event["type"], event["attempts"]) == ("offer", 2)
        assert server.asked[4:] == ["/quotes", "/login", "/quotes"]


async def test_a_create_whose_login_was_refused_is_no_doubtful_one(house, server):
    accepted = server.answers["/quotes"]

    @server.on("/quotes")
    async def quotes(_):
        return web.json_response({"message": "who?"}, status=401)

    async with desk_of(sever=house().adapter) as desk:
        application = another_application()
        kinds = []
        for _ in range(2):
            run = desk.start(application, insurers=["sever"], deadline_s=20.0, cache="use")
            kinds += [e.get("kind") for e in await ended(run) if e["type"] in {"offer", "failed"}]
            server.answers["/quotes"] = accepted
        assert kinds == ["auth", None]


@pytest.mark.parametrize("step", ["create", "poll"])
async def test_a_token_that_expires_at_the_sandbox(house, server, stack, tmp_path, step):
    @server.on("/login")
    async def login(_):
        return web.json_response({"token": "sandbox-sever"})

    sandbox = await stack.enter_async_context(running(Settings(port=0, latency_scale=0)))
    table = tomllib.loads(insurers_toml(sandbox.url))["insurers"]["sever"]
    login_url = f"{server.url}/login"
    table["auth"] = {"kind": "login", "url": login_url, "token": "body.token"}
    transport = await stack.enter_async_context(Transport())
    around = Surroundings(transport, Secrets(tmp_path, {}))
    sever = house()
    sever.adapter = build_adapter(RestSpec.model_validate({**table, "id": "sever"}), around)
    sever._application = IVANOV
    async with aiohttp.ClientSession(sandbox.url) as http:
        order = {"insurer": "sever", "fault": "token_expired", "times": 1, "step": step}
        assert (await http.post("/_control/faults", json=order)).status == 201
        assert isinstance(await sever.quote(), Offer)
        assert server.asked == ["/login"] * 2
        order["times"] = 2
        assert (await http.post("/_control/faults", json=order)).status == 201
        trouble = await sever.trouble()
        assert trouble.kind.value == "auth"
        assert "Срок действия токена истёк" in trouble.message
        assert server.asked == ["/login"] * 3
