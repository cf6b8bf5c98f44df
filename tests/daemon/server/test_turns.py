"""One turn's room is shared by those who have lines waiting, and by nobody else."""

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given, settings
from hypothesis import strategies as st

from osago_daemon.server import session
from osago_daemon.server.turns import LINES_A_TURN, Place, Turns
from tests.support.server import connected, serving

pytestmark = pytest.mark.anyio

MOST = 8


class Burst:
    """Clients with so many lines each, all at once; who was answered in which turn."""

    def __init__(self, *lines):
        self._turns = Turns(MOST)
        self._turn = 0
        self._lines = lines
        self.answered = [(client, []) for client in range(len(lines))]

    async def run(self):
        async with anyio.create_task_group() as counting:
            counting.start_soon(self._count)
            async with anyio.create_task_group() as clients:
                for client, lines in enumerate(self._lines):
                    clients.start_soon(self._client, client, lines)
            counting.cancel_scope.cancel()

    async def _count(self):
        while True:
            await checkpoint()
            self._turn += 1

    async def _client(self, client, lines):
        place = Place(self._turns)
        for _ in range(lines):
            await place.pass_()
            self.answered[client][1].append(self._turn)

    def last(self, client):
        return self.answered[client][1][-1]

    def in_turns(self):
        """How many were answered in each turn, of all clients together."""
        every = [turn for _, turns in self.answered for turn in turns]
        return [every.count(turn) for turn in range(self._turn + 1)]


async def test_a_client_alone_takes_the_whole_turn():
    burst = Burst(100 * MOST)
    await burst.run()
    assert burst.last(0) <= 101


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 5 * MOST), min_size=1, max_size=3 * MOST))
def test_a_turn_never_holds_more_than_its_room_and_everybody_ends(lines):
    burst = Burst(*lines)
    anyio.run(burst.run)
    assert [len(turns) for _, turns in burst.answered] == lines
    # Who counts the turns and who answers may be half a turn apart.
    assert max(burst.in_turns()) <= 2 * MOST


async def test_two_busy_clients_get_equal_parts():
    burst = Burst(50 * MOST, 50 * MOST)
    await burst.run()
    assert abs(burst.last(0) - burst.last(1)) <= 2
    assert burst.last(0) <= 105


@pytest.mark.parametrize("first", [True, False])
async def test_a_few_lines_are_not_kept_waiting_by_a_thousand_of_another(first):
    few, many = 3, 200 * MOST
    burst = Burst(few, many) if first else Burst(many, few)
    await burst.run()
    assert burst.last(0 if first else 1) <= 3


@pytest.mark.parametrize("clients", range(2, MOST + 1))
async def test_no_room_is_left_over_while_somebody_waits(clients):
    burst = Burst(*[20 * MOST] * clients)
    await burst.run()
    assert max(burst.last(client) for client in range(clients)) <= 20 * clients * 1.1 + 2


async def test_of_more_busy_clients_than_a_turn_has_room_for_nobody_is_left_behind():
    clients, each = 5 * MOST, 20
    burst = Burst(*[each] * clients)
    await burst.run()
    turns = clients * each // MOST
    assert max(burst.last(client) for client in range(clients)) <= turns + 2
    halfway = [sum(turn <= turns // 2 for turn in taken) for _, taken in burst.answered]
    assert min(halfway) >= each // 2 - 2  # but for the first turn, which the first has alone
    assert sorted(halfway)[-2] <= each // 2 + 2


async def test_who_goes_while_it_waits_takes_nobodys_turn_along():
    turns = Turns(MOST)
    with anyio.CancelScope() as gone:
        async with anyio.create_task_group() as tasks:

            async def client():
                place = Place(turns)
                while True:
                    await place.pass_()

            for _ in range(3 * MOST):
                tasks.start_soon(client)
            await checkpoint()
            await checkpoint()
            gone.cancel()
    place = Place(turns)
    with anyio.fail_after(20):
        for _ in range(10 * MOST):
            await place.pass_()
    assert turns.slice == MOST  # those who have gone are not counted


async def test_idle_clients_made_a_burst_take_a_turn_for_every_line(socket, monkeypatch):
    turn, answered_in, idle, lines = 0, [], 40, 10 * LINES_A_TURN

    async def noted(*_):
        answered_in.append(turn)

    async with serving(socket) as daemon, anyio.create_task_group() as tasks:

        async def stay():
            async with connected(daemon):
                await anyio.sleep_forever()

        for _ in range(idle):
            tasks.start_soon(stay)
        async with connected(daemon) as line:
            while len(daemon.clients) < idle + 1:
                await checkpoint()
            monkeypatch.setattr(session, "dispatch", noted)
            await line.stream.send(b'{"jsonrpc":"2.0","method":"hello"}\n' * lines)
            while len(answered_in) < lines:
                await checkpoint()
                turn += 1
        tasks.cancel_scope.cancel()
    assert answered_in[-1] - answered_in[0] <= 3 * lines // LINES_A_TURN
