"""Without the store each instance keeps to its share, and nobody forgets what the others used."""

import anyio
import pytest

from osago_daemon.resilience.limits.port import Wait
from osago_daemon.storage.limits.share import QUIET_S
from osago_daemon.storage.limits.shared import REJOIN_S
from tests.daemon.storage.limits.machines import Machines

pytestmark = pytest.mark.anyio
ARRIVAL_S = 1.0
SHORT_S = int(1 + ARRIVAL_S)


async def test_each_takes_its_share_once_the_window_has_passed():
    machines = await Machines(3, per_minute=10).open()
    await machines.refresh()
    machines.go_away()
    await machines.live(61 + SHORT_S)
    assert [await machines.ask_all(n) for n in range(3)] == [3, 3, 3]
    await machines.live(30)
    assert [await machines.ask(n) for n in range(3)] == [False] * 3
    await machines.live(30)
    assert [await machines.ask_all(n) for n in range(3)] == [3, 3, 3]


async def test_what_others_had_used_leaves_that_much_less_for_all():
    machines = await Machines(3, per_minute=12).open()
    assert [await machines.ask(2) for _ in range(6)] == [True] * 6
    await machines.refresh()
    machines.go_away()
    await machines.refresh()
    await machines.live(int(QUIET_S))
    assert [await machines.ask_all(n) for n in range(3)] == [2, 2, 0]


async def test_what_a_shorter_window_can_have_let_through_since_the_news_counts_as_used():
    machines = await Machines(2, per_second=3, per_minute=20).open()
    await machines.refresh()
    machines.go_away()
    await machines.refresh()  # within the same second: 3 more can have gone out
    await machines.live(SHORT_S)
    assert await machines.ask(0)
    taken = 1
    for _ in range(40):
        await machines.live(1)
        taken += await machines.ask_all(0)
    assert taken == (20 - 3) // 2


async def test_a_short_window_counts_as_full_when_the_store_goes():
    machines = await Machines(2, per_second=4).open()
    await machines.refresh()
    machines.go_away()
    assert not await machines.ask(0)
    await machines.live(1)
    assert not await machines.ask(0)
    await machines.live(1)
    assert await machines.ask_all(0) == 2


async def test_a_failure_that_others_may_not_have_noticed_lets_nobody_go_alone():
    machines = await Machines(2, per_minute=10).open()
    await machines.refresh()
    mine = machines.all[0]
    mine.link.down = True
    assert not await machines.ask(0)
    await anyio.sleep(1.0)
    assert not await machines.ask(0), "the other one still takes all that is left"
    mine.link.down = False
    assert await machines.ask_all(1) == 10
    await machines.live(1)
    assert not await machines.ask(0)


async def test_fewer_than_instances_is_one_each_in_so_many_windows():
    machines = await Machines(3, per_second=2).open()
    await machines.refresh()
    machines.go_away()
    taken = []
    for second in range(10):
        taken += [second] * await machines.ask_all(0)
        await machines.live(1)
    assert taken == [2, 4, 6, 8]


async def test_the_only_instance_goes_on_as_before():
    machines = await Machines(1, per_second=4, per_minute=10).open()
    assert await machines.ask_all() == 4
    machines.go_away()
    assert not await machines.ask()
    await machines.live(1)
    assert await machines.ask_all() == 4
    await machines.live(1)
    assert await machines.ask_all() == 2


async def test_what_an_instance_used_that_died_counts_on_for_the_only_one():
    machines = await Machines(2, per_minute=10).open()
    assert [await machines.ask(1) for _ in range(4)] == [True] * 4
    machines.hub.kill("1")
    machines.all.pop()
    await machines.refresh()
    machines.go_away()
    assert await machines.ask_all() == 6
    await machines.live(61)
    assert await machines.ask_all() == 10


async def test_what_was_sent_meanwhile_counts_for_all_when_the_store_is_back():
    machines = await Machines(2, per_minute=10).open()
    await machines.refresh()
    machines.go_away()
    await machines.refresh()
    await machines.live(int(QUIET_S))
    assert await machines.ask_all(0) == 5
    machines.go_away(down=False)
    await machines.refresh()
    usage = await machines.all[1].link.usage({"a": machines.all[1].limits.rules})
    assert usage["a"].used[0].used == 5
    await machines.live(int(REJOIN_S) + 1)
    assert await machines.ask_all(1) == 5, "all that is left, the share does not hold any more"


async def test_the_share_holds_until_others_have_told_theirs():
    machines = await Machines(2, per_minute=10).open()
    await machines.refresh()
    machines.go_away()
    await machines.refresh()
    await machines.live(int(QUIET_S))
    assert await machines.ask_all(1) == 5
    machines.all[0].link.down = False
    await machines.live(5)
    assert await machines.ask_all(0) == 5
    machines.go_away(down=False)
    await machines.live(int(REJOIN_S))
    assert not await machines.ask(0)
    assert not await machines.ask(1)


async def test_a_request_under_way_at_the_return_counts_after_its_late_answer():
    machines = await Machines(1, per_minute=2).open()
    machines.go_away()
    await machines.refresh()
    limits = machines.all[0].limits
    ticket = await limits.take(anyio.current_time())
    ticket.sent(anyio.current_time())
    machines.go_away(down=False)
    await machines.live(30)
    ticket.answered(anyio.current_time())
    await machines.live(50)
    usage = await machines.all[0].link.usage({"a": limits.rules})
    assert usage["a"].used[0].used == 1, "told at the return it would have been over by now"


async def test_a_place_of_before_is_left_alone_after_the_return():
    machines = await Machines(1, per_minute=2).open()
    limits = machines.all[0].limits
    ticket = await limits.take(anyio.current_time())
    machines.go_away()
    await machines.refresh()
    machines.go_away(down=False)
    await machines.refresh()
    ticket.abandoned()  # the store may have forgotten it, and given its number to another
    usage = await machines.all[0].link.usage({"a": limits.rules})
    assert usage["a"].used[0].used == 1


async def test_a_pause_made_meanwhile_is_heard_by_others_when_the_store_is_back():
    machines = await Machines(2, per_second=5).open()
    machines.go_away()
    await machines.refresh()
    machines.all[0].limits.pause(anyio.current_time() + 100.0)
    machines.go_away(down=False)
    await machines.refresh()
    assert machines.all[1].limits.paused_until() == pytest.approx(anyio.current_time() + 100.0)


async def test_a_pause_that_was_ended_meanwhile_is_over_in_the_store_too():
    machines = await Machines(1, per_second=5).open()
    mine = machines.all[0]
    mine.limits.pause(anyio.current_time() + 100.0)
    machines.go_away()
    await machines.refresh()
    mine.limits.resume()
    assert await machines.ask()
    machines.go_away(down=False)
    await machines.live(2)
    assert await machines.ask()


async def test_nobody_is_refused_by_a_share_that_may_end_before():
    machines = await Machines(3, per_day=9).open()
    await machines.refresh()
    machines.go_away()
    await machines.refresh()
    now = anyio.current_time()
    wait = machines.all[0].limits.forecast(500, now)
    assert wait.free_at > now
    wait = machines.all[0].limits.forecast(4, now)
    assert wait.free_at <= now + REJOIN_S, "the store may be back at once"


async def test_a_store_that_stays_away_is_not_taken_to_be_back():
    machines = await Machines(2, per_minute=4).open()
    await machines.refresh()
    machines.go_away()
    await machines.live(61 + SHORT_S)
    assert await machines.ask_all(0) == 2
    assert isinstance(await machines.all[0].limits.take(anyio.current_time()), Wait)


async def test_levels_say_no_more_than_the_share():
    machines = await Machines(2, per_second=4, per_minute=20).open()
    machines.go_away()
    await machines.refresh()
    second, _, _ = machines.all[0].limits.levels(anyio.current_time())
    assert (second.most, second.left) == (4, 0)
    assert second.free_at == pytest.approx(anyio.current_time() + 1 + ARRIVAL_S)
