"""The store that instances share: answers of the day, who asks what just now, the journal, counts.

What is kept are bytes; what they mean is quoting's business. Every operation is atomic as seen by
all instances together. Three implementations: memory, disk, Redis; `standby.py` stands in when one
of those can't be used.

An *instance* is one daemon process. Whatever it holds is free once it is dead: at once on one
machine, within seconds on several. A *token* counts the calls made for one key; who has an older
one than the latest may write nothing any more (fencing), so that an instance that was thought dead
and comes back can't undo what was done since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias


class StoreError(Exception):
    """The store can't be used just now; says why in a few words, without a password."""


class Key(NamedTuple):
    """What an insurer is asked at most once: an application, on a Moscow day. Reveals nobody."""

    insurer: str
    day: str
    """YYYY-MM-DD."""
    fingerprint: str

    @property
    def text(self) -> str:
        """As one string without blanks."""
        return f"{self.insurer}/{self.day}/{self.fingerprint}"


class Answer(NamedTuple):
    """An answer that is kept."""

    value: bytes
    kept_at: float
    """Unix seconds."""


class Taken(NamedTuple):
    """It is ours to ask until `finish` or `release`."""

    token: int
    entry: bytes | None
    """What the journal says of today, `UNREADABLE` where that can't be read any more."""


class Held(NamedTuple):
    """Somebody else is asking; `wait` says when that is over."""

    token: int


class Word(NamedTuple):
    """What a call came to that is no answer to keep, for those who waited for that very call."""

    value: bytes


Claim: TypeAlias = Answer | Taken | Held

UNREADABLE = b""
"""An entry that was there and makes no sense any more."""

WORD_S = 120.0
"""How long a word is kept: all who wait for it have heard it or given up by then."""


class Lease(NamedTuple):
    """What was `Taken`, and until when its entry is of use."""

    key: Key
    token: int
    ends_at: float
    """Unix seconds: the end of the Moscow day. The journal's entry is forgotten then."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ends, written in one piece."""

    answer: bytes | None = None
    """Kept until `answer_ends_at`."""
    answer_ends_at: float = 0.0
    """Unix seconds."""
    entry: bytes | None = None
    """What the journal says from now on; None: nothing."""
    word: bytes | None = None
    """Where there is no answer: what those who wait are told. None: they may ask themselves."""


class Rule(NamedTuple):
    """At most `most` requests in any `period_s`."""

    limit: str
    """As in `LimitNumbers`."""
    most: int
    period_s: float


class Place(NamedTuple):
    """A request's place in every window of an insurer."""

    insurer: str
    number: int


class Full(NamedTuple):
    """No place now."""

    free_in_s: float
    """The earliest; `math.inf`: nobody knows."""
    limit: str
    """The `Rule.limit` that stands in the way, or `PAUSE`."""


class Used(NamedTuple):
    """How much of one rule is used."""

    limit: str
    used: int
    free_in_s: float
    """When there is room again: 0 where there is now."""


class Usage(NamedTuple):
    """An insurer's windows."""

    used: tuple[Used, ...]
    """In the order of the rules."""
    paused_for_s: float


PAUSE = "pause"
"""What `Full.limit` says while the insurer wants to be left alone by everybody."""


class Kept(NamedTuple):
    """What is kept of one insurer's answers and journal."""

    insurer: str
    answers: int
    bytes: int
    oldest_at: float | None
    """Unix seconds, of its answers."""
    newest_at: float | None
    entries: int
    """Of the journal."""


class StoreState(NamedTuple):
    """How the store is doing, for people."""

    kind: str
    """`memory`, `disk`, `redis`."""
    place: str
    """A path, or a URL without its password."""
    instances: int
    """Alive on this store as last heard, this one included."""
    away_since: float | None = None
    """Unix seconds; None: it is there."""
    reason: str = ""
    """Why it is away, or what its administrator should know."""


class Calls(Protocol):
    """Who asks what, what came of it, and what is to be known if nothing came of it yet."""

    async def claim(self, keys: Sequence[Key], *, fresh: bool = False) -> list[Claim]:
        """For each key the answer that is kept, or the right to ask, or who has it.

        `fresh`: no answer that is kept will do. In the order of `keys`, which are distinct.
        """

    async def peek(self, keys: Sequence[Key]) -> list[Answer | None]:
        """The answers that are kept; nothing is taken."""

    async def note(self, lease: Lease, entry: bytes) -> bool:
        """Write the journal's entry; it is there for whoever comes next once this returns.

        False, and nothing is written: the lease is somebody else's by now.
        """

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        """Give the lease back with what came of it. False: somebody else's by now."""

    def release(self, lease: Lease) -> None:
        """Give it back with nothing, the entry as it is. Never waits or raises."""

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """Until call `token` is over: its answer, its word, or None: claim again.

        Also None when its holder is dead, or when a later call has begun.
        """


class Windows(Protocol):
    """The requests that count in the insurers' limits, of all instances together.

    A place counts from `take_place` until its window after its end: `end_place`, or `arrival_s`
    after it was taken, as far as is known. On the store's own clock, which never goes back. It may
    count a thousandth of its window longer than that, never shorter.
    """

    async def take_place(
        self, insurer: str, rules: Sequence[Rule], arrival_s: float
    ) -> Place | Full:
        """A place in all windows at once. `rules` has at least one."""

    def end_place(self, place: Place) -> None:
        """Its request can't arrive any more: the windows after it begin now.

        Later than `arrival_s` after it was taken: it counts longer, if it still counts. Never
        waits or raises; nor do the following.
        """

    def drop_place(self, place: Place) -> None:
        """As if it had never been taken."""

    def pause(self, insurer: str, for_s: float) -> None:
        """No place before that; a shorter pause than the present one changes nothing."""

    def resume(self, insurer: str) -> None:
        """End a pause now."""

    async def usage(self, rules: Mapping[str, Sequence[Rule]]) -> dict[str, Usage]:
        """How full the windows of these insurers are."""

    async def add_places(self, insurer: str, ended_s_ago: Sequence[float]) -> None:
        """Let requests count that were made while the store was away."""


class Notes(Protocol):
    """Small things that instances tell each other, or themselves for after a restart."""

    async def put(self, name: str, value: bytes, keep_s: float) -> None:
        """Keep it for so long, in place of what was there. `name` has no blanks."""

    async def get(self, names: Sequence[str]) -> list[bytes | None]:
        """What is kept, in this order."""


class Store(Calls, Windows, Notes, Protocol):
    """Everything above. Where an operation `async def` can't be done, it raises StoreError."""

    async def clear(self, insurer: str | None) -> int:
        """Remove the answers, of one insurer or all; how many. The journal stays."""

    async def kept(self) -> list[Kept]:
        """What is kept, by insurer, in the order of their names. Counts what has ended as gone."""

    def state(self) -> StoreState:
        """As last heard; never waits."""


class Primary(Store, Protocol):
    """A store that can be there or away. Between `open` and `close` it may be used."""

    async def open(self) -> None:
        """Take up the work as this instance, also again after it was away; drops old leases.

        Raises StoreError. Must not be called twice at once.
        """

    async def check(self) -> None:
        """Show that this instance lives and that the store does; called every second.

        Raises StoreError. After that only `open` makes it usable again.
        """

    async def close(self) -> None:
        """Give everything back as far as that goes; never raises StoreError."""
