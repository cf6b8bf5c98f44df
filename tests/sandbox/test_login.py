"""lukomor: a login whose token ends in the middle."""

import pytest

from osago_sandbox.asked import Asked
from osago_sandbox.auth import Login
from osago_sandbox.clock import Clock
from tests.sandbox.by_hand import token

pytestmark = pytest.mark.anyio

NOT_FOUND, WRONG, ENDED = (404, 1004), (401, 1101), (401, 1102)


async def ask(http, token_):
    """Status and code of a poll for what is not there."""
    headers = {} if token_ is None else {"X-Auth-Token": token_}
    async with http.get("/lukomor/rest/calculations/5", headers=headers) as answer:
        return answer.status, (await answer.json())["failure"]["code"]


async def test_a_token_opens_until_it_is_used_up(http):
    one, other = await token(http), await token(http)
    assert one != other
    assert [await ask(http, one) for _ in range(100)] == [NOT_FOUND] * 100
    assert await ask(http, one) == ENDED
    assert await ask(http, other) == NOT_FOUND


async def test_what_is_no_token_is_told_from_one_that_ended(http):
    for wrong in (None, "", "sandbox-lukomor"):
        assert await ask(http, wrong) == WRONG


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"login": "partner"}',
        b'{"login": "partner", "password": "wrong"}',
        b'{"login": ["partner"], "password": "sandbox-lukomor"}',
    ],
)
async def test_a_wrong_password_gives_no_token(http, body):
    async with http.post("/lukomor/auth/token", data=body) as answer:
        assert answer.status == 401
        assert (await answer.json())["failure"]["code"] == 1101


async def test_the_fault_ends_the_token_for_good(http):
    one, other = await token(http), await token(http)
    wanted = {"insurer": "lukomor", "fault": "token_expired", "times": 1}
    await http.post("/_control/faults", json=wanted)
    fresh = await token(http)  # no token ends where one is asked for
    assert await ask(http, one) == ENDED
    assert await ask(http, one) == ENDED
    assert [await ask(http, good) for good in (other, fresh)] == [NOT_FOUND] * 2


async def test_logins_are_counted_apart(http):
    await ask(http, await token(http))
    async with http.get("/_control/stats") as answer:
        seen = (await answer.json())["insurers"]["lukomor"]
    assert (seen["logins"], seen["polls"], seen["creates"]) == (1, 1, 0)


def test_tokens_end_by_the_clock_and_follow_from_the_seed():
    now_s = [0.0]
    auth = Login(
        path="/",
        login="l",
        password="p",
        header="T",
        good_s=5,
        good_for=9,
        answer=lambda token, expires_in: (token, expires_in),
    )
    clock = Clock(monotonic_s=lambda: now_s[0], now=None)
    guard, same = auth.guard("seed", clock), auth.guard("seed", clock)
    handed, expires_in_s = guard.log_in({"login": "l", "password": "p"})
    assert (handed, 5) == same.log_in({"login": "l", "password": "p"})
    shown = Asked("GET", "/", {"T": handed}, {}, b"")
    now_s[0] = expires_in_s - 0.1
    assert guard.check(shown) is None
    now_s[0] = expires_in_s
    assert guard.check(shown).code == "token_expired"
    handed, _ = guard.log_in({"login": "l", "password": "p"})
    assert guard.check(Asked("GET", "/", {"T": handed}, {}, b"")) is None
