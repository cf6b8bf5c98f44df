"""A login that gives a token: when it happens, for whom, and what becomes of a refused one."""

import anyio
import pytest
from aiohttp import web

from osago_core.offer import Offer
from osago_daemon.resilience.numbers import AuthRule, LimitNumbers, RetryNumbers
from osago_daemon.resilience.trouble import TroubleKind

pytestmark = pytest.mark.anyio

LOGIN = """
kind = "login"
path = "/login"
secrets = { password = "env:PASSWORD" }
body = { user = "'agent'", password = "secret.password" }
token = "body.token"
expires_in = "body.expires_in"
"""


async def test_one_login_serves_many_calls(house, server):
    sever = house()
    assert all([isinstance(await sever.quote(), Offer) for _ in range(3)])
    assert server.asked == ["/login", "/quotes", "/quotes", "/quotes"]
    assert await server.requests[0].json() == {"user": "agent", "password": "s3cret-canary"}


async def test_a_hundred_calls_at_once_cause_one_login(house, server):
    sever = house()
    await _all(100, sever.quote)
    assert (server.times("/login"), server.times("/quotes")) == (1, 100)


async def test_a_token_is_renewed_shortly_before_it_ends(house, server, clock):
    sever = house()
    await sever.quote()
    clock.after(569)
    await sever.quote()
    assert server.times("/login") == 1
    clock.after(1)
    await _all(10, sever.quote)
    assert (server.times("/login"), server.times("/quotes")) == (2, 12)


async def test_a_short_lived_token_has_a_short_margin(house, server, clock):
    @server.on("/login")
    async def login(_):
        body = {"token": f"token-{server.times('/login')}", "expires_in": "10"}
        return web.json_response(body)

    sever = house()
    await sever.quote()
    clock.after(8.9)
    await sever.quote()
    assert server.times("/login") == 1
    clock.after(0.2)
    await sever.quote()
    assert server.times("/login") == 2


@pytest.mark.parametrize(
    ("ends", "life_s"),
    [
        ('expires_at = "body.until"', 300),
        ("expires_in_s = 300", 300),
        ('expires_in = "body.until"', None),
        ('expires_at = "body.token"', None),
        ('expires_in = "upper(body.until)"', None),
        ("", None),
    ],
)
async def test_when_a_token_ends(house, server, clock, ends, life_s):
    @server.on("/login")
    async def answered(_):
        until = "2026-11-28T01:05:00+03:00"
        return web.json_response({"token": f"token-{server.times('/login')}", "until": until})

    sever = house(LOGIN.replace('expires_in = "body.expires_in"', ends))
    await sever.quote()
    clock.after(86_400 if life_s is None else life_s - 31)
    await sever.quote()
    assert server.times("/login") == 1
    clock.after(2)
    await sever.quote()
    assert server.times("/login") == (1 if life_s is None else 2)


async def test_milliseconds_since_1970(house, server, clock):
    @server.on("/login")
    async def answered(_):
        until = (clock.now.timestamp() + 300) * 1000
        return web.json_response({"token": f"token-{server.times('/login')}", "until": until})

    sever = house(LOGIN.replace('expires_in = "body.expires_in"', 'expires_at = "body.until"'))
    await sever.quote()
    clock.after(271)
    await sever.quote()
    assert server.times("/login") == 2


async def test_a_token_refused_in_the_middle_is_renewed_and_the_create_repeated_once(house, server):
    sever = house()
    await sever.quote()
    server.asked.append("/login")  # it knows of another login, so that ours is over
    assert isinstance(await sever.quote(), Offer)  # the create has no idempotency key
    assert server.asked[3:] == ["/quotes", "/login", "/quotes"]


async def test_a_hundred_refused_at_once_share_one_login(house, server):
    sever = house()
    await sever.quote()
    server.asked.clear()
    refused, everybody = 0, anyio.Event()
    accepted = server.answers["/quotes"]

    @server.on("/quotes")
    async def quotes(request):
        nonlocal refused
        if not everybody.is_set():
            refused += 1
            if refused == 100:
                server.asked.clear()
                server.asked.append("/login")
                everybody.set()
            await everybody.wait()
            return web.json_response({}, status=401)
        return await accepted(request)

    await _all(100, sever.quote)
    assert (server.times("/login"), server.times("/quotes")) == (2, 100)


async def test_two_refusals_in_a_row_are_auth(house, server):
    @server.on("/quotes")
    async def quotes(_):
        return web.json_response({"message": "no, token-2 is not welcome"}, status=401)

    trouble = await house().trouble()
    assert trouble.kind is TroubleKind.AUTH
    assert trouble.message == "HTTP 401: no, *** is not welcome"
    assert server.asked == ["/login", "/quotes", "/login", "/quotes"]


async def test_nobody_logs_in_again_where_the_numbers_say_so(house, server):
    sever = house(retry=RetryNumbers(auth=AuthRule(retries=0)))
    await sever.quote()
    server.asked.append("/login")
    assert (await sever.trouble()).kind is TroubleKind.AUTH
    assert server.asked[3:] == ["/quotes"]


OF_LIST = "log_in_again = [403, 440]"
SAID = "log_in_again_if = \"body.code == 'EXPIRED'\""


@pytest.mark.parametrize(
    ("again", "status", "body"),
    [
        (OF_LIST, 403, {}),
        (OF_LIST, 440, {}),
        (SAID, 200, {"code": "EXPIRED"}),
        (SAID, 200, {"code": "EXPIRED", "premium": 1}),
        (SAID, 401, None),
    ],
)
async def test_what_asks_to_log_in_again(house, server, again, status, body):
    @server.on("/quotes")
    async def quotes(_):
        return web.json_response(body, status=status)

    assert (await house(LOGIN + again).trouble()).kind is TroubleKind.AUTH
    assert server.asked == ["/login", "/quotes", "/login", "/quotes"]


@pytest.mark.parametrize(
    ("again", "status", "body"),
    [
        ("", 403, '{"message": "not for you"}'),
        (OF_LIST, 401, "{}"),
        (SAID, 200, '{"code": "X", "premium": 1}'),
        (SAID, 200, "<html>"),
        ('log_in_again_if = "upper(body.code)"', 200, '{"code": 1, "premium": 1}'),
    ],
)
async def test_what_does_not(house, server, again, status, body):
    @server.on("/quotes")
    async def quotes(_):
        return web.Response(text=body, status=status)

    sever = house(LOGIN + again)
    if "premium" in body:
        assert isinstance(await sever.quote(), Offer)
    else:
        trouble = await sever.trouble()
        kind = TroubleKind.BAD_ANSWER if status == 200 else TroubleKind.AUTH
        assert (trouble.kind, "not for you" in trouble.message) == (kind, "not for you" in body)
    assert server.asked == ["/login", "/quotes"]


async def test_a_token_that_runs_out_while_the_request_waits_is_renewed_before_it_is_sent(
    house, server, clock
):
    sever = house()
    await sever.quote()
    call_attempt = sever.adapter._session.usable

    def late():
        clock.after(600)
        sever.adapter._session.usable = call_attempt
        return call_attempt()

    sever.adapter._session.usable = late
    assert isinstance(await sever.quote(), Offer)
    assert server.asked == ["/login", "/quotes", "/login", "/quotes"]


async def test_logins_count_against_the_limits_but_take_no_place(house, server):
    sever = house(limits=LimitNumbers(at_once=1, per_day=4))
    await sever.quote()
    server.asked.append("/login")
    trouble = await sever.trouble()  # refused, the fourth logs in, and there is no fifth
    assert trouble.kind is TroubleKind.OVER_LIMIT
    assert server.asked[3:] == ["/quotes", "/login"]


async def test_a_sick_login_is_tried_again_as_any_request(house, server):
    accepted = server.answers["/login"]

    @server.on("/login")
    async def login(request):
        if server.times("/login") < 3:
            return web.Response(status=500)
        return await accepted(request)

    assert isinstance(await house().quote(), Offer)
    assert server.asked == ["/login"] * 3 + ["/quotes"]


async def test_what_the_login_asks_for_goes_as_it_is_written(house, server):
    sever = house("""
    kind = "login"
    path = "/login?v=2"
    secrets = { password = "env:PASSWORD", user = "plain:Агент" }
    headers = { X-Api-Key = "secret.password", Accept = "'text/json'" }
    query = { u = "secret.user", none = "secret.password[5]", flag = "`true`" }
    form = { "имя" = "secret.user", pw = "secret.password", all = "[`1`, `2`]" }
    token = "body.token"
    """)
    await sever.quote()
    request = server.requests[0]
    assert list(request.query.items()) == [("v", "2"), ("u", "Агент"), ("flag", "true")]
    assert (request.method, request.headers["X-Api-Key"]) == ("POST", "s3cret-canary")
    assert request.headers.getall("Accept") == ["text/json"]
    form = await request.post()
    assert list(form.items()) == [
        ("имя", "Агент"),
        ("pw", "s3cret-canary"),
        ("all", "1"),
        ("all", "2"),
    ]


async def test_a_token_in_a_header_of_its_own(house, server):
    @server.on("/quotes")
    async def quotes(request):
        return web.json_response({"premium": 1, "seen": request.headers["X-Session"]})

    await house(LOGIN + 'header = "X-Session"').quote()
    await house(LOGIN + 'header = "X-Session"\nscheme = "Token"').quote()
    seen = [r.headers["X-Session"] for r in server.requests if r.path == "/quotes"]
    assert seen == ["token-1", "Token token-2"]


async def test_a_login_at_another_server_by_get(house, server, start):
    elsewhere = await start()

    @elsewhere.on("/in")
    async def answer(request):
        return web.json_response({"token": f"token-{len(request.query['p']) - 13}"})

    auth = f"""
    kind = "login"
    url = "{elsewhere.url}/in?a=1"
    method = "GET"
    secrets = {{ password = "env:PASSWORD" }}
    query = {{ p = "secret.password" }}
    token = "body.token"
    """
    assert isinstance(await house(auth).quote(), Offer)
    (request,) = elsewhere.requests
    assert (request.method, request.query_string) == ("GET", "a=1&p=s3cret-canary")
    assert server.asked == ["/quotes"]


async def test_the_next_one_who_waits_logs_in_where_the_first_is_cancelled(house, server):
    arrived, over, accepted = anyio.Event(), anyio.Event(), server.answers["/login"]

    @server.on("/login")
    async def login(request):
        if not arrived.is_set():
            arrived.set()
            await over.wait()
            return web.Response()
        server.asked.remove("/login")
        return await accepted(request)

    sever, scope = house(), anyio.CancelScope()

    async def first():
        with scope:
            await sever.quote()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(first)
        await arrived.wait()
        for _ in range(10):
            tasks.start_soon(sever.quote)
        await anyio.wait_all_tasks_blocked()
        scope.cancel()
    over.set()
    assert (server.times("/login"), server.times("/quotes")) == (1, 10)


async def _all(times, quote):
    async with anyio.create_task_group() as tasks:
        for _ in range(times):
            tasks.start_soon(quote)
