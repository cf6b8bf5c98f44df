"""The control paths: orders that make no sense, counts, readiness, the page at the root."""

import asyncio

import pytest

from osago_sandbox.stats import Tally

pytestmark = pytest.mark.anyio

ZERO = {
    "creates": 0,
    "polls": 0,
    "logins": 0,
    "other_steps": 0,
    "applications": 0,
    "duplicate_creates": 0,
    "creates_without_key": 0,
    "max_concurrent": 0,
    "max_per_second": 0,
}


async def post(http, body):
    async with http.post("/_control/faults", **body) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("wanted", "error", "known"),
    [
        ({"insurer": "nobody", "fault": "hang"}, "unknown insurer 'nobody'", "sever"),
        ({"fault": "hang"}, "unknown insurer", "*"),
        ({"insurer": "*", "fault": "explode"}, "unknown fault 'explode'", "hang"),
        ({"insurer": "*"}, "unknown fault None", "hang"),
        ({"insurer": "*", "fault": "hang", "for_s": 1}, "hang has no parameter 'for_s'", "times"),
        ({"insurer": "*", "fault": "reset", "step": "pay"}, "unknown step 'pay'", "poll"),
        ({"insurer": "*", "fault": "garbage", "form": "xml"}, "unknown form 'xml'", "http"),
        ({"insurer": "*", "fault": "latency"}, "latency needs latency_s", None),
        ({"insurer": "*", "fault": "latency", "latency_s": "2"}, "latency_s must be", None),
        ({"insurer": "*", "fault": "latency", "latency_s": -1}, "latency_s must be", None),
        ({"insurer": "*", "fault": "hang", "times": 0}, "times must be", None),
        ({"insurer": "*", "fault": "hang", "times": True}, "times must be", None),
        ({"insurer": "*", "fault": "redirect", "location": 1}, "location must be", None),
        ({"insurer": "*", "fault": "redirect", "location": "\ud800"}, "location must be", None),
        ({"insurer": "*", "fault": "redirect", "location": "/\r\nA: b"}, "location must be", None),
        (["hang"], "a fault is a JSON object", "fault"),
    ],
)
async def test_an_order_that_makes_no_sense_is_told_what_is_known(http, wanted, error, known):
    status, body = await post(http, {"json": wanted})
    assert status == 400
    assert body["error"].startswith(error)
    assert known is None or known in body["known"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000], ids=["cut", "bytes", "deep"])
async def test_an_order_that_is_not_json(http, body):
    assert await post(http, {"data": body}) == (400, {"error": "the body is not JSON"})


async def test_a_fault_for_the_poll_of_a_one_step_insurer_never_hit_anything(http):
    polled = {"insurer": "kedr", "fault": "hang", "step": "poll"}
    status, body = await post(http, {"json": polled})
    assert status == 400
    assert body["error"] == "kedr has no step 'poll': it answers at once"
    assert body["known"] == ["create"]
    for insurer in ("sever", "*"):
        assert (await post(http, {"json": polled | {"insurer": insurer}}))[0] == 201


@pytest.mark.parametrize(
    ("wanted", "error", "known"),
    [
        (
            {"insurer": "lukomor", "fault": "hang", "step": "vehicle"},
            "lukomor has no step 'vehicle'",
            ["login", "create", "poll"],
        ),
        (
            {"insurer": "omut", "fault": "decline", "step": "vehicle"},
            "decline can't happen to a vehicle",
            ["create", "poll"],
        ),
        (
            {"insurer": "trakt", "fault": "token_expired", "step": "login"},
            "token_expired can't happen to a login",
            ["create", "poll"],
        ),
        (
            {"insurer": "*", "fault": "kopecks", "step": "login"},
            "kopecks can't happen to a login",
            ["create", "poll"],
        ),
    ],
)
async def test_a_fault_that_its_step_can_never_meet(http, wanted, error, known):
    assert await post(http, {"json": wanted}) == (400, {"error": error, "known": known})


async def test_orders_are_listed_and_cleared(http):
    hang = {"insurer": "sever", "fault": "hang"}
    late = {"insurer": "*", "fault": "latency", "latency_s": 2.5, "times": 3, "step": "poll"}
    for wanted in (hang, late, hang | {"insurer": "kedr"}):
        assert await post(http, {"json": wanted}) == (201, wanted)
    async with http.delete("/_control/faults?insurer=kedr") as answer:
        assert await answer.json() == {"removed": 1}
    async with http.get("/_control/faults") as answer:
        assert await answer.json() == {"faults": [hang, late]}
    async with http.delete("/_control/faults?insurer=nobody") as answer:
        assert answer.status == 400
    async with http.delete("/_control/faults") as answer:
        assert await answer.json() == {"removed": 2}
    async with http.get("/_control/faults") as answer:
        assert await answer.json() == {"faults": []}


async def test_counts_of_a_quote_at_everybody(ask, http):
    for insurer in ask.insurers:
        await ask(insurer)
    async with http.get("/_control/stats") as answer:
        counts = (await answer.json())["insurers"]
    assert list(counts) == ask.insurers
    assert counts["sever"] == ZERO | {
        "creates": 1,
        "polls": 1,
        "applications": 1,
        "max_concurrent": 1,
        "max_per_second": 2,
    }
    assert counts["kedr"]["polls"] == 0
    assert {name for name, count in counts.items() if count["logins"]} == {"lukomor", "trakt"}
    assert {name for name, count in counts.items() if count["other_steps"]} == {"omut"}
    assert {count["creates"] for count in counts.values()} == {1}
    assert {name for name, count in counts.items() if count["creates_without_key"]} == {
        "kedr",
        "trakt",
    }


async def test_clearing_starts_again_from_zero(ask, http):
    await ask("sever")
    async with http.delete("/_control/stats") as answer:
        assert answer.status == 200
    async with http.get("/_control/stats") as answer:
        assert (await answer.json())["insurers"]["sever"] == ZERO
    await ask("sever")  # taken before the clear: no duplicate after it
    async with http.get("/_control/stats") as answer:
        assert (await answer.json())["insurers"]["sever"]["duplicate_creates"] == 0


async def test_requests_in_progress_are_counted_together(ask, http):
    hang = {"insurer": "filin", "fault": "latency", "latency_s": 0.01}
    await post(http, {"json": hang})
    await asyncio.gather(*(ask("filin") for _ in range(4)))
    async with http.get("/_control/stats") as answer:
        assert (await answer.json())["insurers"]["filin"]["max_concurrent"] == 4


async def test_it_is_healthy(http):
    async with http.get("/_control/health") as answer:
        assert await answer.json() == {"status": "ok", "insurers": 10}


async def test_the_root_says_what_there_is(http):
    async with http.get("/") as answer:
        page = await answer.json()
    assert page["insurers"]["sever"]["create"] == "POST /sever/applications"
    assert page["insurers"]["kedr"]["poll"] is None
    assert page["insurers"]["omut"]["vehicle"] == "POST /omut/osago/vehicles"
    assert page["insurers"]["lukomor"]["login"] == "POST /lukomor/auth/token"
    assert "hang" in page["faults"]
    assert "GET /_control/stats" in page["control"]


def test_the_most_requests_within_any_second():
    tally = Tally()
    for now_s in (0.0, 0.5, 0.9, 1.0, 1.4, 3.0):
        with tally.request(now_s):
            pass
    assert tally.max_per_second == 4  # 0.5, 0.9, 1.0, 1.4
    assert tally.max_concurrent == 1


def test_a_clear_does_not_forget_who_is_still_there():
    tally = Tally()
    with tally.request(0.0):
        tally.clear()
        assert tally.max_concurrent == 1
        with tally.request(0.1):
            pass
    assert tally.max_concurrent == 2
