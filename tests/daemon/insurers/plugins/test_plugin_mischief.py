"""What a plug-in's adapter does wrong costs its own call, and nobody else's."""

import shutil
from pathlib import Path

import anyio
import httpx
import pytest
import trio.testing

from tests.support import plugins
from tests.support.desk import Pretend, another_application, desk_of, ended, offer

pytestmark = pytest.mark.anyio
TABLE = """
[insurers.{deed}]
name = "{deed}"
adapter = "mischief"
deed = "{deed}"
"""


@pytest.fixture
def adapters(site, load_text):
    """Adapters of the plug-in that is installed for it, by what they do."""
    shutil.copy(Path(__file__).with_name("mischief.py"), site)
    plugins.install(site, "osago-mischief", mischief="mischief:KIND")
    plugins.forget()

    def adapters_(*deeds, transport=None):
        settings = load_text("".join(TABLE.format(deed=deed) for deed in deeds))
        return {insurer.id: insurer.adapter(transport) for insurer in settings.insurers}

    return adapters_


async def outcomes(adapters, deadline_s=60.0):
    """Of one quote, with somebody who does it right; and what that one was asked with."""
    right = Pretend(offer())
    async with desk_of(right=right, **adapters) as desk:
        # Before anybody has changed anything, as all calls share it.
        expected = another_application()
        asked = list(desk.insurers)
        run = desk.start(expected, insurers=asked, deadline_s=deadline_s, cache="use")
        events = await ended(run)
    told = {each["insurer"]: each for each in events if "insurer" in each}
    return told, right.calls[0].application, expected


VIRTUAL = ("trio", {"clock": trio.testing.MockClock(autojump_threshold=0)})
BUGS = ("raises", "leaves", "ends", "group", "nothing", "half", "unnamed", "at_once")


async def test_whatever_it_raises_or_returns_is_a_failure_of_its_own(adapters):
    told, _, _ = await outcomes(adapters(*BUGS, "cancelled"))
    assert told["right"]["type"] == "offer"
    for deed in (*BUGS, "cancelled"):
        assert (told[deed]["type"], told[deed].get("kind")) == ("failed", "internal"), deed
        assert "canary" not in told[deed]["message"]


@pytest.mark.parametrize("anyio_backend", [VIRTUAL], ids=["virtual time"])
async def test_one_that_never_ends_ends_with_the_run(adapters):
    told, _, _ = await outcomes(adapters("forever"), deadline_s=60.0)
    assert told["right"]["type"] == "offer"
    assert (told["forever"]["type"], told["forever"]["kind"]) == ("failed", "timeout")


async def test_what_it_does_to_its_application_nobody_else_sees(adapters):
    told, seen, expected = await outcomes(adapters("spoils"))
    assert told["right"]["type"] == "offer"
    assert seen == expected.normal_form()
    assert told["spoils"]["type"] == "offer"
    assert told["spoils"].get("payment_url") is None  # links for payment are https only


async def test_what_it_says_of_persons_is_masked(adapters):
    told, _, _ = await outcomes(adapters("gossips", "shows", "names"))
    assert told["shows"]["type"] == "offer"
    assert {told["shows"].get(name) for name in ("payment_url", "insurer_quote_id")} == {None}
    assert told["names"]["offered_by"].startswith("the house of ")
    assert "Иванов" not in told["names"]["offered_by"]
    assert told["gossips"]["message"].endswith(" is not welcome")
    assert "Иванов" not in told["gossips"]["message"]


class Way(httpx.AsyncBaseTransport):
    """Notes when it is closed."""

    closed = False

    async def handle_async_request(self, request):
        assert request.url.host == "insurer.example"
        return httpx.Response(200, json=7)

    async def aclose(self):
        self.closed = True


async def test_the_way_that_insurers_share_is_not_its_own_to_close(adapters):
    way = Way()
    for _ in range(2):
        told, _, _ = await outcomes(adapters("closes", transport=way))
        assert told["closes"]["premium"] == 7
        assert not way.closed


async def test_being_cancelled_from_outside_is_no_bug(adapters):
    [(_, adapter)] = adapters("forever").items()

    with anyio.move_on_after(0) as scope:
        await adapter.quote(None)
    assert scope.cancelled_caught
