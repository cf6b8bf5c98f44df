"""An application of several steps that broke off: nothing of it is done a second time today."""

import tomllib
from itertools import pairwise

import anyio
import httpx
import pytest

from osago_daemon.insurers.auth import NoAuth
from osago_daemon.insurers.rest import RestAdapter
from osago_daemon.insurers.rest_spec import RestSpec
from tests.support.desk import another_application, desk_of, ended

pytestmark = pytest.mark.anyio

TABLE = """
id = "a"
name = "Брокер"
base_url = "http://127.0.0.1:1"
[[steps]]
name = "driver"
path = "/drivers"
keep = { driver = "body.id" }
[[steps]]
name = "calculation"
path = "/calculations"
body = { driver = "kept.driver" }
keep = { id = "body.id" }
[[steps]]
name = "result"
method = "GET"
path = "/calculations/{id}"
poll = {}
[answer]
state = "body.status"
states = { pending = ["wait"], offer = ["ok"] }
premium = "body.price"
"""


class Broker:
    """Takes everything once; `troubles` are told or raised in its place, by path."""

    def __init__(self, **troubles):
        self.troubles = {path: list(found) for path, found in troubles.items()}
        self.paths = []

    def __call__(self, request):
        path = request.url.path.strip("/").partition("/")
        self.paths.append(request.url.path)
        name = "result" if path[2] else path[0]
        trouble = self.troubles.get(name)
        if trouble and (found := trouble.pop(0)) is not None:
            if isinstance(found, Exception):
                raise found
            return httpx.Response(found)
        body = {"id": len(self.paths)} if name != "result" else {"status": "ok", "price": 5000}
        return httpx.Response(200, json=body)

    def adapter(self, table=TABLE):
        spec = RestSpec.model_validate(tomllib.loads(table))
        return RestAdapter(spec, httpx.MockTransport(self), auth=NoAuth(kind="none").build(None))


def start(desk, application):
    return desk.start(application, insurers=["a"], deadline_s=60.0, cache="use")


def outcome(events):
    """The event that says what came of it."""
    return next(e for e in events if e["type"] in {"offer", "declined", "failed"})


async def asked_twice(broker, table=TABLE):
    """What came of the first and of the second quote for one application."""
    application = another_application()
    async with desk_of(a=broker.adapter(table)) as desk:
        return [outcome(await ended(start(desk, application))) for _ in range(2)]


LOST = httpx.ReadError("lost")


async def test_a_step_whose_answer_was_lost_is_not_sent_again_nor_are_those_before_it():
    broker = Broker(calculations=[LOST])
    first, second = await asked_twice(broker)
    assert (first["kind"], second["kind"]) == ("connection", "connection")
    assert "may or may not have arrived" in second["message"]
    assert broker.paths == ["/drivers", "/calculations"]


async def test_a_step_that_may_be_repeated_is_and_those_before_it_are_not():
    broker = Broker(calculations=[LOST, LOST])
    table = TABLE.replace('name = "calculation"', 'name = "calculation"\nrepeatable = true')
    first, second = await asked_twice(broker, table)
    assert (first["type"], second["source"]) == ("offer", "cache")
    assert broker.paths == ["/drivers", *["/calculations"] * 3, "/calculations/4"]


async def test_a_step_that_was_never_sent_is_where_the_next_quote_goes_on():
    broker = Broker(calculations=[httpx.ConnectError("refused")] * 5)
    first, second = await asked_twice(broker)
    assert (first["kind"], second["type"]) == ("connection", "offer")
    assert broker.paths == ["/drivers", *["/calculations"] * 6, "/calculations/7"]


async def test_the_first_step_was_lost_and_nobody_goes_on():
    broker = Broker(drivers=[LOST])
    first, second = await asked_twice(broker)
    assert (first["kind"], second["kind"]) == ("connection", "connection")
    assert broker.paths == ["/drivers"]


async def test_what_they_refused_is_where_the_next_quote_goes_on():
    broker = Broker(calculations=[400])
    first, second = await asked_twice(broker)
    assert (first["kind"], second["type"]) == ("rejected_request", "offer")
    assert broker.paths == ["/drivers", "/calculations", "/calculations", "/calculations/3"]


async def test_what_they_know_nothing_of_any_more_begins_anew():
    broker = Broker(result=[500, 500, 500] * 40 + [404])
    application = another_application()
    async with desk_of(a=broker.adapter()) as desk:
        first = outcome(await ended(start(desk, application)))
        broker.troubles["result"] = [404]
        second = outcome(await ended(start(desk, application)))
    assert (first["type"], second["type"]) == ("failed", "offer")
    assert broker.paths.count("/drivers") == broker.paths.count("/calculations") == 2


ONE = """
id = "a"
name = "x"
base_url = "http://127.0.0.1:1"
create.path = "/create"
answer.premium = "body.price"
"""


def adapter(table, handler):
    spec = RestSpec.model_validate(tomllib.loads(table))
    return RestAdapter(spec, httpx.MockTransport(handler), auth=NoAuth(kind="none").build(None))


@pytest.mark.parametrize(
    "second",
    [
        httpx.ConnectError("x"),
        httpx.Response(429),
        httpx.Response(503, headers={"Retry-After": "1"}),
        httpx.Response(401),
        httpx.Response(404),
        httpx.Response(400),
    ],
)
async def test_what_sent_us_on_was_done_whatever_comes_of_looking(second):
    asked = []

    def handler(request):
        asked.append(request.method)
        if request.method == "POST":
            return httpx.Response(303, headers={"Location": "/made/1"})
        if isinstance(second, Exception):
            raise second
        return second

    application = another_application()
    async with desk_of(a=adapter(ONE, handler)) as desk:
        for _ in range(3):
            assert outcome(await ended(start(desk, application)))["type"] == "failed"
    assert asked.count("POST") == 1


async def test_a_check_by_hand_of_a_later_step_is_not_asked_about_by_doing_it_again():
    table = TABLE.replace("[answer]", '[[steps]]\nname = "book"\npath = "/book"\n[answer]').replace(
        'offer = ["ok"]', 'offer = ["ok"], manual_check = ["hold"]'
    )
    paths = []

    def handler(request):
        paths.append(request.url.path)
        status = "hold" if request.url.path == "/book" else "ok"
        return httpx.Response(200, json={"id": 1, "status": status})

    application = another_application()
    async with desk_of(a=adapter(table, handler)) as desk:
        assert outcome(await ended(start(desk, application)))["reason"] == "manual_check"
        await anyio.sleep(16 * 60)
        assert outcome(await ended(start(desk, application)))["source"] == "cache"
    assert paths.count("/book") == 1


async def test_a_get_that_is_no_mere_question_is_not_asked_twice():
    table = TABLE.replace('name = "driver"', 'name = "driver"\nmethod = "GET"\nrepeatable = false')
    broker = Broker(calculations=[400, 400])
    await asked_twice(broker, table)
    assert broker.paths == ["/drivers", "/calculations", "/calculations"]


async def test_polls_after_going_on_begin_with_what_was_begun_now():
    waits = []

    def handler(request):
        name = request.url.path.strip("/")
        if name == "calculations" and len(waits) < 1:
            waits.append(None)
            return httpx.Response(400)
        if "/" in name:
            waits.append(anyio.current_time())
            done = len(waits) > 3
            return httpx.Response(200, json={"status": "ok" if done else "wait", "price": 1})
        return httpx.Response(200, json={"id": 1})

    application = another_application()
    async with desk_of(a=adapter(TABLE, handler)) as desk:
        await ended(start(desk, application))
        await anyio.sleep(3600)
        began = anyio.current_time()
        assert outcome(await ended(start(desk, application)))["type"] == "offer"
    assert waits[1] - began < 2.0  # not an hour late, nor at once as if an hour had passed
    assert waits[1] - began >= 1.0
    assert [round(b - a, 3) for a, b in pairwise(waits[1:])] == [1.0, 1.0]
