"""Each fault, seen from a raw socket: what really goes over the wire."""

import asyncio
import json
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from osago_core.offer import Declined
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_sandbox import Settings, running
from osago_sandbox.faults import FAULTS
from osago_sandbox.insurers import INSURERS
from tests.sandbox.ask import application

pytestmark = pytest.mark.anyio

# An application with a mistake is enough where only the wire matters; a whole one stands in ask.py.
BODY = b"{}"
REQUEST = (
    b"POST /filin/quote HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%b"
) % (len(BODY), BODY)


@pytest.fixture
def order(http):
    async def put(fault, insurer="filin", **more):
        wanted = {"insurer": insurer, "fault": fault, **more}
        async with http.post("/_control/faults", json=wanted) as answer:
            assert answer.status == 201, await answer.text()
            return await answer.json()

    return put


@asynccontextmanager
async def raw(sandbox):
    """A socket that has sent a request to filin."""
    address = urlsplit(sandbox.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(REQUEST)
    await writer.drain()
    try:
        yield reader
    finally:
        writer.close()


async def received(sandbox):
    """Head and body of filin's answer, read to the end of the connection."""
    async with raw(sandbox) as reader:
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
    return head.decode(), body


async def counts(http, insurer):
    async with http.get("/_control/stats") as answer:
        return (await answer.json())["insurers"][insurer]


def length(head):
    return int(head.lower().split("content-length: ")[1].split("\r\n")[0])


@pytest.mark.parametrize(
    ("wanted", "status", "header"),
    [
        ({"fault": "http_500"}, 500, None),
        ({"fault": "http_503"}, 503, None),
        ({"fault": "http_503", "retry_after_s": 7}, 503, "Retry-After: 7"),
        ({"fault": "http_429"}, 429, None),
        ({"fault": "http_429", "retry_after_s": 0.5}, 429, "Retry-After: 1"),
        ({"fault": "redirect"}, 302, "Location: https://elsewhere.example/"),
        ({"fault": "redirect", "location": "http://other/"}, 302, "Location: http://other/"),
        ({"fault": "token_expired"}, 401, None),
    ],
)
async def test_requests_turned_away(sandbox, order, wanted, status, header):
    await order(**wanted)
    head, body = await received(sandbox)
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert isinstance(json.loads(body), dict)
    if header is None:
        assert "Retry-After" not in head
    else:
        assert header in head.split("\r\n")


async def test_reset_is_a_reset_after_the_request_was_read(sandbox, order, http):
    await order("reset")
    with pytest.raises(ConnectionResetError):
        await received(sandbox)
    assert (await counts(http, "filin"))["creates"] == 1


async def test_reset_leaves_the_application_with_the_insurer(ask, http, order):
    await order("reset", insurer="sever", times=1, step="create")
    with pytest.raises(OSError):  # noqa: PT011  # whatever the client makes of a reset
        await ask("sever", key="the-key")
    await ask("sever", key="other-key")
    seen = await counts(http, "sever")
    assert (seen["creates"], seen["duplicate_creates"]) == (2, 1)


async def test_hang_says_nothing(order, sandbox, http):
    await order("hang")
    async with raw(sandbox) as reader:
        answer = asyncio.ensure_future(reader.read(1))
        while (await counts(http, "filin"))["creates"] == 0:
            pass
        assert await counts(http, "filin") == {
            "creates": 1,
            "polls": 0,
            "logins": 0,
            "other_steps": 0,
            "duplicate_creates": 0,
            "creates_without_key": 1,
            "applications": 0,
            "max_concurrent": 1,
            "max_per_second": 1,
        }
        assert not answer.done()
        answer.cancel()


async def test_a_hanging_request_does_not_keep_the_server_from_stopping():
    async with running(Settings(port=0, latency_scale=0)) as sandbox:
        hang = b'{"insurer": "filin", "fault": "hang"}'
        address = urlsplit(sandbox.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            b"POST /_control/faults HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b"
            % (len(hang), hang)
        )
        await reader.readuntil(b"}")
        writer.write(REQUEST)
        await writer.drain()
    assert b"HTTP" not in (await reader.read(-1)).partition(b"}")[2]
    writer.close()


async def test_drip_sends_the_whole_body(sandbox, order):
    await order("drip", every_s=0)
    head, body = await received(sandbox)
    assert length(head) == len(body)


async def test_a_drip_is_slow(sandbox, order):
    await order("drip", every_s=1000)
    async with raw(sandbox) as reader:
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.read(100) == b"{"


async def test_garbage_is_not_json(sandbox, order):
    await order("garbage")
    head, body = await received(sandbox)
    assert head.startswith("HTTP/1.1 200 ")
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


async def test_garbage_is_not_even_http(sandbox, order):
    await order("garbage", form="http")
    head, _ = await received(sandbox)
    assert not head.startswith("HTTP")


async def test_truncated_is_half_of_what_was_announced(sandbox, order):
    await order("truncated")
    head, body = await received(sandbox)
    assert len(body) == length(head) // 2


async def test_huge_does_not_end_soon(sandbox, order):
    await order("huge")
    async with raw(sandbox) as reader:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"content-length" not in head.lower()
        await reader.readexactly(5_000_000)


async def test_huge_has_a_size(sandbox, order):
    await order("huge", size_mb=0.5)
    _, body = await received(sandbox)
    assert 500_000 < len(body) < 510_000


async def test_latency_comes_first_and_the_answer_is_right(ask, order):
    await order("latency", latency_s=0.001, insurer="kedr")
    assert (await ask("kedr")).premium


async def test_decline_refuses_who_would_be_insured(ask, order):
    await order("decline", insurer="*")
    for insurer in ask.insurers:
        assert isinstance(await ask(insurer), Declined)


async def test_an_offer_made_before_was_declined_by_order_and_stands_again_after(ask, order, http):
    for insurer in ("barsuk", "sever"):  # one step, and two
        offered = await ask(insurer, key="the-key")
        await order("decline", insurer=insurer, times=1)
        assert isinstance(await ask(insurer, key="the-key"), Declined)
        await http.delete("/_control/faults")
        assert await ask(insurer, key="the-key") == offered


async def test_a_decline_can_wait_for_the_poll(ask, order):
    await order("decline", insurer="sever", step="poll", times=1)
    assert isinstance(await ask("sever"), Declined)
    assert (await ask("sever")).premium


async def test_an_error_comes_in_the_insurers_own_dress(ask, order):
    await order("token_expired", insurer="*")
    bodies = []
    for insurer in ask.insurers:
        with pytest.raises(Trouble) as caught:
            await ask(insurer)
        assert caught.value.kind is TroubleKind.AUTH
        bodies.append(tuple(ask.last.body))
    assert len(set(bodies)) > 7


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("http_500", TroubleKind.SERVER_ERROR),
        ("http_503", TroubleKind.SERVER_ERROR),
        ("http_429", TroubleKind.THROTTLED),
        ("redirect", TroubleKind.BAD_ANSWER),
        ("garbage", TroubleKind.BAD_ANSWER),
        ("truncated", None),
        ("reset", None),
    ],
)
async def test_each_fault_is_met_at_each_insurer_at_each_step(ask, http, order, fault, kind):
    for insurer in INSURERS:
        for step in insurer.steps:
            if step == "login":  # whose refusals are told as such: below
                continue
            await order(fault, insurer=insurer.id, step=step)
            with pytest.raises(Trouble if kind else Exception) as caught:
                await ask(insurer.id)
            assert kind is None or caught.value.kind is kind, (insurer.id, step)
            await http.delete("/_control/faults")
        assert await ask(insurer.id)


@pytest.mark.parametrize("fault", ["http_500", "http_503", "garbage", "truncated", "reset"])
@pytest.mark.parametrize("insurer", ["lukomor", "trakt"])
async def test_a_login_that_fails_leaves_nothing_behind(ask, http, order, insurer, fault):
    await order(fault, insurer=insurer, step="login")
    with pytest.raises(Exception):  # noqa: B017, PT011  # whatever the client makes of it
        await ask(insurer)
    seen = await counts(http, insurer)
    assert (seen["logins"], seen["creates"], seen["applications"]) == (1, 0, 0)


@pytest.mark.parametrize("step", ["create", "poll"])
@pytest.mark.parametrize("insurer", ["lukomor", "trakt"])
async def test_what_ends_in_the_middle_of_a_quote_is_renewed_in_it(ask, http, order, insurer, step):
    await ask(insurer, application(vehicle__year=2019))
    await order("token_expired", insurer=insurer, step=step, times=1)
    assert (await ask(insurer)).premium
    seen = await counts(http, insurer)
    # A stale challenge brings the next one along.
    assert seen["logins"] == {"lukomor": 2, "trakt": 1}[insurer]
    assert seen["duplicate_creates"] == 0


async def test_orders_of_an_application_wait_for_its_create(ask, order):
    await order("decline", insurer="omut", times=1)
    assert isinstance(await ask("omut", key="one"), Declined)
    await order("kopecks", insurer="omut", times=1)
    wrong = await ask("omut", key="two")
    assert wrong.premium > (await ask("omut", key="three")).premium * 50


async def test_huge_xml_is_xml_after_all(ask, order):
    await order("huge", insurer="verst", size_mb=0.1, times=1)
    assert (await ask("verst")).premium


async def test_times_are_counted_down(sandbox, order, http):
    await order("http_500", times=2)
    statuses = [(await received(sandbox))[0].split(" ")[1] for _ in range(3)]
    assert statuses == ["500", "500", "400"]
    async with http.get("/_control/faults") as answer:
        assert await answer.json() == {"faults": []}


async def test_the_oldest_order_comes_first(sandbox, order):
    await order("http_500", times=1)
    await order("http_429", insurer="*", times=1)
    statuses = [(await received(sandbox))[0].split(" ")[1] for _ in range(3)]
    assert statuses == ["500", "429", "400"]


async def test_a_step_spares_the_other_one(ask, order):
    await order("http_500", insurer="sever", step="poll")
    with pytest.raises(Trouble):
        await ask("sever")
    created, polled = ask.wire.exchanges
    assert (created.status, polled.status) == (202, 500)


async def test_one_insurers_fault_spares_the_others(ask, order):
    await order("http_500", insurer="sever")
    assert (await ask("kedr")).premium


async def test_every_fault_may_be_ordered(order):
    for fault, params in FAULTS.items():
        given = {"latency_s": 1} if "latency_s" in params else {}
        assert (await order(fault, **given))["fault"] == fault
