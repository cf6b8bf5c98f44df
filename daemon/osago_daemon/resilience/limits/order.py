"""Who is next: the ranks, those that continue, and turns by client. Knows no time and no limits.

Strictly by class: interactive before batch, and within a rank those that go on with something
before those that would begin something, because an application already begun is worth finishing
(2,500 beginnings would otherwise starve every poll). Within a class clients take turns: each gets
one turn a round, the first come first, and spends its turns on its exchanges in their order.

A turn belongs to the client, not to the exchange: who leaves the queue gives up the client's last
turn, so that those behind it in the same client move up.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from typing import Generic, TypeAlias, TypeVar

from osago_daemon.resilience.exchange import Exchange
from osago_daemon.resilience.limits.slots import Slot, SortedSlots

W = TypeVar("W", bound=Hashable)
_Key: TypeAlias = tuple[int, Hashable]


class _Client(Generic[W]):
    """One client's waiters of one class, first come first, and their turns."""

    __slots__ = ("turns", "waiters")

    def __init__(self) -> None:
        self.waiters: OrderedDict[W, None] = OrderedDict()
        self.turns: deque[Slot] = deque()


class _Class:
    """The rounds of one class."""

    __slots__ = ("round", "served", "waiting")

    def __init__(self) -> None:
        self.round = 0
        self.waiting = 0
        self.served: set[Hashable] = set()
        """The clients that had their turn in this round."""


class Order(Generic[W]):
    """Waiters in the order in which they are served."""

    def __init__(self) -> None:
        self.waiting = 0
        self._arrivals = 0
        self._slots = SortedSlots()
        self._owners: dict[Slot, _Client[W]] = {}
        self._clients: dict[_Key, _Client[W]] = {}
        self._classes: dict[int, _Class] = {}

    def first(self) -> W | None:
        """The one that is served next."""
        slot = self._slots.first()
        return None if slot is None else next(iter(self._owners[slot].waiters))

    def __iter__(self) -> Iterator[W]:
        """All of them in the order in which they are served."""
        lines: dict[int, Iterator[W]] = {}
        for slot in self._slots:
            client = self._owners[slot]
            yield next(lines.setdefault(id(client), iter(client.waiters)))

    def ahead_of_new(self, exchange: Exchange[object]) -> int:
        """How many would be served before this exchange if it came now."""
        if not self.waiting:
            return 0
        class_, round_ = self._next_turn(exchange)
        return self._slots.before((class_, round_ + 1, 0))

    def join(self, exchange: Exchange[object], waiter: W) -> None:
        """Let it wait behind those that are served before it."""
        class_, round_ = self._next_turn(exchange)
        self._arrivals += 1
        slot = (class_, round_, self._arrivals)
        client = self._clients.setdefault((class_, exchange.client), _Client())
        client.waiters[waiter] = None
        client.turns.append(slot)
        self._owners[slot] = client
        self._slots.add(slot)
        self._classes.setdefault(class_, _Class()).waiting += 1
        self.waiting += 1

    def serve(self, exchange: Exchange[object], waiter: W) -> None:
        """It got what it waited for, in its client's turn."""
        client = self._clients[class_of(exchange), exchange.client]
        _, round_, _ = turn = client.turns.popleft()
        class_ = self._classes[class_of(exchange)]
        if round_ > class_.round:
            class_.round = round_
            class_.served.clear()
        if round_ == class_.round:
            class_.served.add(exchange.client)
        self._remove(exchange, waiter, turn)

    def withdraw(self, exchange: Exchange[object], waiter: W) -> None:
        """It no longer waits."""
        client = self._clients[class_of(exchange), exchange.client]
        self._remove(exchange, waiter, client.turns.pop())

    def _next_turn(self, exchange: Exchange[object]) -> tuple[int, int]:
        class_ = class_of(exchange)
        client = self._clients.get((class_, exchange.client))
        if client is not None:
            return class_, client.turns[-1][1] + 1
        rounds = self._classes.get(class_)
        if rounds is None:
            return class_, 0
        return class_, rounds.round + (exchange.client in rounds.served)

    def _remove(self, exchange: Exchange[object], waiter: W, turn: Slot) -> None:
        self._slots.remove(turn)
        client = self._owners.pop(turn)
        del client.waiters[waiter]
        key = class_, _ = class_of(exchange), exchange.client
        if not client.waiters:
            del self._clients[key]
        self.waiting -= 1
        self._classes[class_].waiting -= 1
        if not self._classes[class_].waiting:
            del self._classes[class_]  # nobody is left to take turns with


def class_of(exchange: Exchange[object]) -> int:
    """The lower, the earlier it is served."""
    return 2 * exchange.rank + (not exchange.continuing)
