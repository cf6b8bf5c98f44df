"""trakt: HTTP Digest, answered by hand."""

import pytest

from osago_sandbox.asked import Asked
from osago_sandbox.auth import Digest
from osago_sandbox.clock import Clock
from tests.sandbox.by_hand import challenge, digest, parameters

pytestmark = pytest.mark.anyio

PATH = "/trakt/zayavki"


async def ask(http, headers, path=PATH):
    """The status, and the challenge if there is one."""
    async with http.post(path, json={}, headers=headers) as answer:
        said = answer.headers.get("WWW-Authenticate")
        assert await answer.json()
        return answer.status, said and parameters(said)


async def test_who_shows_nothing_is_challenged(http):
    status, given = await ask(http, {})
    assert status == 401
    assert {given["qop"], given["algorithm"]} == {"auth", "SHA-256"}
    assert "stale" not in given
    assert (await challenge(http))["nonce"] != given["nonce"]


async def test_an_answer_lets_in_again_and_again_with_another_count(http):
    given = await challenge(http)
    for count in (1, 2, 7, 3):  # requests overtake each other
        assert (await ask(http, digest(given, count=count)))[0] == 400


async def test_the_answer_to_one_request_opened_another_one(http):
    given = await challenge(http)
    assert (await ask(http, digest(given)))[0] == 400
    status, again = await ask(http, digest(given))
    assert (status, again["stale"]) == (401, "true")
    assert (await ask(http, digest(again)))[0] == 400


@pytest.mark.parametrize(
    "how",
    [
        {"password": "wrong"},
        {"uri": "/trakt/zayavki/5"},
        {"method": "GET"},
    ],
)
async def test_a_wrong_answer_is_refused_without_being_called_stale(http, how):
    status, again = await ask(http, digest(await challenge(http), **how))
    assert (status, "stale" in again) == (401, False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Digest", "Basic"),
        ("qop=auth", "qop=auth-int"),
        ("SHA-256", "MD5"),
        ("nc=00000001", "nc=1"),
        ('cnonce="c0ffee"', 'cnonce=""'),
        ('realm="osago@trakt"', 'realm="other"'),
        ("response=", "answer="),
        ('username="agent"', 'username="agent\udcff"'),
    ],
)
async def test_half_an_answer_is_none(http, old, new):
    headers = digest(await challenge(http))
    said = headers["Authorization"].replace(old, new).encode(errors="surrogateescape")
    status, _ = await ask(http, {"Authorization": said.decode("latin-1")})
    assert status == 401


async def test_a_nonce_of_before_the_restart_is_stale(http):
    status, again = await ask(http, digest({"realm": "osago@trakt", "nonce": "long ago"}))
    assert (status, again["stale"]) == (401, "true")


def nonces(now_s):
    auth = Digest(username="agent", password="sandbox-trakt", realm="r", good_s=30, good_for=3)
    return auth.guard("seed", Clock(monotonic_s=lambda: now_s[0], now=None))


def bare():
    return Asked("POST", "/", {}, {}, b"")


def answered(refused, count=1):
    given = parameters(refused.headers["WWW-Authenticate"])
    return Asked("POST", "/", digest(given, uri="/", count=count), {}, b"")


def test_nonces_end_by_the_clock_and_by_their_use():
    now_s = [0.0]
    guard = nonces(now_s)
    first = guard.check(bare())
    assert [guard.check(answered(first, count)) for count in (1, 2, 3)] == [None] * 3
    spent = guard.check(answered(first, 4))
    assert "stale=true" in spent.headers["WWW-Authenticate"]
    now_s[0] = 29.9
    assert guard.check(answered(spent)) is None
    now_s[0] = 30.0
    assert "stale=true" in guard.check(answered(spent, 2)).headers["WWW-Authenticate"]


def test_nonces_follow_from_the_seed():
    assert nonces([0.0]).check(bare()) == nonces([0.0]).check(bare())


async def test_the_fault_ends_the_nonce(http):
    given = await challenge(http)
    wanted = {"insurer": "trakt", "fault": "token_expired", "times": 1}
    await http.post("/_control/faults", json=wanted)
    status, again = await ask(http, digest(given))
    assert (status, again["stale"]) == (401, "true")
    assert (await ask(http, digest(given, count=2)))[0] == 401
    assert (await ask(http, digest(again)))[0] == 400


async def test_a_handshake_is_a_login_and_no_create(http):
    given = await challenge(http)
    await ask(http, digest(given))
    async with http.get("/_control/stats") as answer:
        seen = (await answer.json())["insurers"]["trakt"]
    assert (seen["logins"], seen["creates"], seen["creates_without_key"]) == (1, 1, 1)
