"""What one instance's breaker came to be, all of them heed; by hand it holds for all.

Time is virtual: a second and a half is one look of everybody's, and some.
"""

import anyio
import pytest
import structlog
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from osago_daemon.quoting.hint import BY_HAND_KEPT_S
from osago_daemon.quoting.hints import HINTS_EVERY_S
from osago_daemon.resilience.breaker import Reason, State
from osago_daemon.resilience.trouble import Trouble
from tests.support.desk import Pretend, offer
from tests.support.instances import instances

pytestmark = pytest.mark.anyio

A_LOOK_S = HINTS_EVERY_S * 1.5
SKEWS = [-20.0, -3.0, 0.0, 3.0, 20.0]


def well():
    return {"a": Pretend(offer())}


def attempt(instance, how="failed"):
    """One attempt, unless the breaker refuses it."""
    permit = instance.breaker().enter()
    if not isinstance(permit, Trouble):
        permit.began()
        getattr(permit, how)()


def open_(instance):
    for _ in range(8):
        attempt(instance)
    assert instance.breaker().state is State.OPEN


async def a_look():
    await anyio.sleep(A_LOOK_S)


async def pair(daemons, *, skew_s=0.0):
    return (
        await daemons.start("one", **well()),
        await daemons.start("two", skew_s=skew_s, **well()),
    )


def hints_put(*some):
    return sum(len([n for n in one.store.puts if not n.startswith("health/")]) for one in some)


@pytest.mark.parametrize("skew_s", SKEWS)
async def test_whom_one_found_down_the_other_leaves_alone_for_as_long(skew_s):
    async with instances() as daemons:
        one, two = await pair(daemons, skew_s=skew_s)
        await a_look()
        open_(one)
        await a_look()
        assert (two.breaker().state, two.breaker().reason) == (State.OPEN, Reason.ELSEWHERE)
        assert two.breaker().free_in_s() == pytest.approx(one.breaker().free_in_s(), abs=A_LOOK_S)
        assert "another instance" in two.breaker().blocked().message


async def test_whom_one_found_well_again_the_other_may_try_at_once():
    async with instances() as daemons:
        one, two = await pair(daemons)
        open_(one)
        for _ in range(3):  # it grows
            await anyio.sleep(one.breaker().free_in_s())
            attempt(one)
        await anyio.sleep(one.breaker().free_in_s() - 0.01)
        two.breaker().heed(State.OPEN, Reason.FAILURES, 30.0)
        await anyio.sleep(0.02)
        attempt(one, "good")
        assert (one.breaker().state, two.breaker().state) == (State.CLOSED, State.OPEN)
        await a_look()
        assert (two.breaker().state, two.breaker().reason) == (State.HALF_OPEN, Reason.ELSEWHERE)
        attempt(two, "good")
        await a_look()
        assert (one.breaker().state, two.breaker().state) == (State.CLOSED, State.CLOSED)


@pytest.mark.parametrize("skew_s", SKEWS)
@pytest.mark.parametrize("for_s", [None, 600.0])
async def test_isolating_and_restoring_on_any_instance_holds_for_all(skew_s, for_s):
    async with instances() as daemons:
        one, two = await pair(daemons, skew_s=skew_s)
        for said_to, other in ((one, two), (two, one), (one, two)):
            said_to.breaker().isolate(for_s)
            await a_look()
            assert other.breaker().state is State.ISOLATED
            assert other.breaker().blocked().message == "isolated by hand"
            assert other.breaker().free_in_s() == (for_s and pytest.approx(for_s, abs=3.0))
            other.breaker().restore()
            await a_look()
            assert said_to.breaker().state is other.breaker().state is State.CLOSED


async def test_restoring_where_it_is_closed_restores_it_where_it_is_not():
    async with instances() as daemons:
        one, two = await pair(daemons)
        open_(one)
        one.breaker().restore()
        await a_look()
        one.breaker().isolate(None)
        two.breaker().restore()  # at a time when it has not heard of that
        assert one.breaker().state is State.ISOLATED
        await anyio.sleep(10.0)
        assert one.breaker().state is two.breaker().state
        two.breaker().restore()
        await a_look()
        assert one.breaker().state is two.breaker().state is State.CLOSED
        one.breaker().heed(State.OPEN, Reason.FAILURES, 30.0)
        two.breaker().restore()
        await a_look()
        assert one.breaker().state is State.CLOSED


@pytest.mark.parametrize("for_s", [None, 3600.0])
async def test_an_isolation_outlives_who_was_told_and_holds_for_who_comes_later(for_s):
    async with instances() as daemons:
        one, two = await pair(daemons)
        one.breaker().isolate(for_s)
        await a_look()
        one.kill()
        await anyio.sleep(1800.0)
        three = await daemons.start("three", **well())
        assert two.breaker().state is three.breaker().state is State.ISOLATED
        assert three.breaker().free_in_s() == (for_s and pytest.approx(1800.0, abs=5.0))
        three.breaker().restore()
        await a_look()
        assert two.breaker().state is State.CLOSED


async def test_who_found_it_down_and_was_killed_at_once_is_heeded_all_the_same():
    async with instances() as daemons:
        one, two = await pair(daemons)
        open_(one)
        await anyio.wait_all_tasks_blocked()  # told, not yet heard
        one.kill()
        await a_look()
        assert two.breaker().state is State.OPEN
        await anyio.sleep(30.0)
        assert two.breaker().state is State.HALF_OPEN  # nobody has to come back for that


@pytest.mark.parametrize("lost", ["health/a", "by_hand/a"])
async def test_an_isolation_survives_a_restart_by_the_snapshot_and_by_the_hint(lost):
    async with instances() as daemons:
        one = await daemons.start("one", **well())
        one.breaker().isolate(None)
        await a_look()
        one.kill()
        daemons.hub.notes.pop(lost)
        again = await daemons.start("one", **well())
        assert again.breaker().state is State.ISOLATED


async def test_what_we_found_before_a_restart_is_not_taken_for_anothers():
    async with instances() as daemons:
        one = await daemons.start("one", **well())
        open_(one)
        await a_look()
        one.kill()
        daemons.hub.notes.pop("health/a")
        again = await daemons.start("one", **well())
        await a_look()
        assert (again.breaker().state, again.breaker().reason) == (State.CLOSED, Reason.NEW)


async def test_what_was_restored_long_ago_closes_nothing_that_has_happened_since():
    async with instances() as daemons:
        one, two = await pair(daemons)
        one.breaker().isolate(None)
        await a_look()
        one.breaker().restore()
        await anyio.sleep(120.0)
        for _ in range(5):
            attempt(two)
        two.desk.insurers["a"].pipeline.activity += 1
        await two.keeper.save()
        two.kill()
        again = await daemons.start("two", **well())
        assert (again.breaker().state, again.breaker().failures) == (State.CLOSED, 5)
        open_(one)
        await a_look()
        one.kill()
        again = await daemons.start("one", **well())
        assert again.breaker().state is State.OPEN


async def test_what_was_found_right_after_it_was_restored_survives_a_restart():
    async with instances() as daemons:
        one = await daemons.start("one", **well())
        one.breaker().restore()
        open_(one)
        await a_look()
        one.kill()
        again = await daemons.start("one", **well())
        assert again.breaker().state is State.OPEN


async def test_who_was_away_while_it_was_restored_hears_of_it_long_after():
    async with instances() as daemons:
        one, two = await pair(daemons)
        one.breaker().isolate(None)
        await a_look()
        await two.store.away()
        one.breaker().restore()
        await a_look()
        open_(one)  # the latest news are others
        one.kill()
        await anyio.sleep(3600.0)  # no other hint is kept for so long
        assert two.breaker().state is State.ISOLATED
        await two.store.open()
        await a_look()
        assert two.breaker().state is State.CLOSED


async def test_who_finds_it_down_before_hearing_of_an_isolation_does_not_hide_it():
    async with instances() as daemons:
        one, two = await pair(daemons)
        await a_look()
        one.breaker().isolate(None)
        open_(two)
        await a_look()
        three = await daemons.start("three", **well())
        for daemon in (one, two, three):
            assert daemon.breaker().state is State.ISOLATED


async def test_an_isolation_that_the_store_has_lost_is_told_again():
    async with instances() as daemons:
        one, two = await pair(daemons)
        one.breaker().isolate(None)
        await a_look()
        one.kill()
        await anyio.sleep(60.0)
        for name in ("by_hand/a", "health/a"):
            daemons.hub.notes.pop(name)
        await a_look()
        three = await daemons.start("three", **well())
        assert two.breaker().state is three.breaker().state is State.ISOLATED


async def test_an_older_word_that_comes_back_with_the_store_changes_nothing():
    async with instances() as daemons:
        one, two = await pair(daemons)
        one.breaker().isolate(None)
        await a_look()
        before = daemons.hub.notes.get("by_hand/a")
        two.breaker().restore()
        await a_look()
        daemons.hub.notes.put("by_hand/a", before, daemons.hub.wall() + BY_HAND_KEPT_S)
        await a_look()
        assert one.breaker().state is two.breaker().state is State.CLOSED
        three = await daemons.start("three", **well())
        assert three.breaker().state is State.CLOSED


async def test_what_was_found_before_it_was_restored_by_hand_and_told_late_opens_nothing():
    async with instances() as daemons:
        one, two = await pair(daemons)
        heard = []
        one.breaker().listeners.append(heard.append)
        await two.store.away()
        open_(two)
        await anyio.sleep(2.0)
        one.breaker().restore()
        await a_look()
        await two.store.open()
        await anyio.sleep(2 * A_LOOK_S)
        assert heard == []
        assert two.breaker().state is State.CLOSED


async def test_the_word_before_put_again_by_another_at_the_same_time_does_not_hide_ours(
    monkeypatch,
):
    async with instances() as daemons:
        one, two = await pair(daemons)
        one.breaker().isolate(20.0)
        await a_look()
        before, put = daemons.hub.notes.get("by_hand/a"), one.store.put

        async def overtaken(name, value, keep_s):
            await put(name, value, keep_s)
            if name == "by_hand/a":
                monkeypatch.setattr(one.store, "put", put)
                await put(name, before, keep_s)

        monkeypatch.setattr(one.store, "put", overtaken)
        one.breaker().isolate(None)
        await anyio.sleep(30.0)
        assert one.breaker().state is two.breaker().state is State.ISOLATED


async def test_what_was_said_while_the_store_was_away_is_told_when_it_is_back():
    async with instances() as daemons:
        one, two = await pair(daemons)
        await one.store.away()
        one.breaker().isolate(None)
        await anyio.sleep(60.0)
        assert two.breaker().state is State.CLOSED
        await one.store.open()
        await anyio.sleep(2 * A_LOOK_S)  # one tries again, then two looks
        assert two.breaker().state is State.ISOLATED


async def test_one_whose_own_way_is_broken_does_not_take_the_insurer_from_those_it_works_for():
    async with instances() as daemons:
        broken, fine = await pair(daemons)
        open_(broken)
        await a_look()
        await anyio.sleep(fine.breaker().free_in_s() + 0.01)
        attempt(fine, "good")
        refused = 0
        for _ in range(300):
            attempt(broken)
            refused += fine.breaker().blocked() is not None
            attempt(fine, "good")
            await anyio.sleep(0.5)
        assert broken.breaker().opened
        assert refused == 0


async def test_instances_that_heed_each_other_settle_and_are_silent_then():
    async with instances() as daemons:
        one, two = await pair(daemons)
        open_(one)
        open_(two)  # both at one moment, neither has heard
        await a_look()
        one.breaker().isolate(50.0)
        two.breaker().isolate(90.0)
        await anyio.sleep(3 * A_LOOK_S)
        told = hints_put(one, two)
        assert one.breaker().free_in_s() == pytest.approx(two.breaker().free_in_s(), abs=3.0)
        await anyio.sleep(600.0)
        assert hints_put(one, two) == told
        assert one.breaker().state is two.breaker().state is State.HALF_OPEN


async def test_who_only_heeds_tells_nobody_and_saves_nothing():
    async with instances() as daemons:
        one, two = await pair(daemons)
        open_(one)
        await a_look()
        one.breaker().isolate(None)
        await a_look()
        one.breaker().restore()
        await anyio.sleep(60.0)
        assert two.store.puts == []


async def test_heeding_is_heard_by_those_who_listen_here():
    async with instances() as daemons:
        one, two = await pair(daemons)
        heard = []
        two.breaker().listeners.append(heard.append)
        with structlog.testing.capture_logs() as logs:
            one.breaker().isolate(None)
            await a_look()
        assert [(c.new, c.reason) for c in heard] == [(State.ISOLATED, Reason.ELSEWHERE)]
        reasons = [entry["reason"] for entry in logs if entry["event"] == "breaker"]
        assert reasons == ["by_hand", "elsewhere"]


GOOD = '{"version":1,"by":"x","at":%s,"state":"isolated","reason":"by_hand","until":null}'  # fine


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\xff",
        b"null",
        b"[" * 100_000,
        b"x" * 5000,
        GOOD.replace('"version":1', '"version":2').encode() % b"1.0",
        GOOD.encode() % b"NaN",
        GOOD.encode() % b"1e300",
        GOOD.replace("isolated", "half_open").encode() % b"1.0",
        GOOD.replace("isolated", "open").encode() % b"1.0",
        GOOD.replace("by_hand", "failures").encode() % b"1.0",
        GOOD.replace("null", "0.5").encode() % b"1.0",
        GOOD.replace('"by":"x",', "").encode() % b"1.0",
    ],
)
async def test_junk_is_said_once_and_overwritten_only_by_news(junk, capsys):
    async with instances() as daemons:
        for name in ("by_hand/a", "breaker/a"):
            daemons.hub.notes.put(name, junk, daemons.hub.wall() + 1e6)
        one, two = await pair(daemons)
        await anyio.sleep(60.0)
        assert one.breaker().state is State.CLOSED
        assert one.store.puts == []
        one.breaker().isolate(None)
        await a_look()
        assert two.breaker().state is State.ISOLATED
    printed = "".join(capsys.readouterr())
    assert printed.count("hint_ignored") == 4  # two notes, two instances
    assert "bug" not in printed


async def test_what_the_junk_is_made_of_is_heeded_where_nothing_is_spoilt():
    async with instances() as daemons:
        daemons.hub.notes.put("by_hand/a", GOOD.encode() % b"1.0", daemons.hub.wall() + 1e6)
        one = await daemons.start("one", **well())
        assert one.breaker().state is State.ISOLATED


ACTS = ["fails", "works", "isolate", "isolate_for", "restore", "away", "back", "kill", "lose"]
acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.sampled_from([0.0, 0.3, 1.0, 7.0])),
    max_size=25,
)


async def act(daemons, running, how, who):
    one = running[who]
    match how:
        case "fails" | "works":
            for _ in range(8):
                attempt(one, "failed" if how == "fails" else "good")
        case "isolate" | "isolate_for":
            one.breaker().isolate(None if how == "isolate" else 20.0)
        case "restore":
            one.breaker().restore()
        case "away":
            await one.store.away()
        case "back":
            await one.store.open()
        case "kill":
            one.kill()
            running[who] = await daemons.start(one.store.name, skew_s=SKEWS[who], **well())
        case "lose":
            daemons.hub.notes.pop("by_hand/a")


async def whatever_happens(acts_):
    async with instances() as daemons:
        running = [
            await daemons.start(name, skew_s=SKEWS[index], **well())
            for index, name in enumerate(("one", "two", "three"))
        ]
        for how, who, then_s in acts_:
            await act(daemons, running, how, who)
            await anyio.sleep(then_s)
        for one in running:
            await one.store.open()
        await anyio.sleep(120.0)  # nothing that has an end lasts longer
        told = hints_put(*running)
        isolated = {one.breaker().state is State.ISOLATED for one in running}
        assert len(isolated) == 1
        await anyio.sleep(60.0)
        assert hints_put(*running) == told
        running[0].breaker().restore()
        await a_look()
        assert {one.breaker().state is State.ISOLATED for one in running} == {False}
        running[1].breaker().isolate(None)
        await a_look()
        assert {one.breaker().state for one in running} == {State.ISOLATED}


@settings(max_examples=60, deadline=None)
@given(acts_=acts)
def test_whatever_happens_instances_agree_in_the_end_and_are_silent_then(acts_):
    trio.run(whatever_happens, acts_, clock=trio.testing.MockClock(autojump_threshold=0))
