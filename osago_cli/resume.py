"""A run across connections: where the daemon goes away, wait for it and go on after the last event.

Blocking and standard library only. Knows nothing of output: a screen asks for the next event and
sees None as time going by, also while nobody is there to tell anything.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from osago_cli.client import Client, ConnectionLost, Json, NoAnswer, Refused, Unreachable
from osago_cli.patience import LONGEST_WAIT_S, REAL, GaveUp, Patience, Times

__all__ = ["Dial", "Forgotten", "GaveUp", "Link", "Run", "Times", "start", "watch"]

T = TypeVar("T")

GRACE_S = 15.0
"""After a run's deadline: a daemon that was restarted late still tells how the run ended."""

Dial = Callable[[], Client]
"""A new connection; raises what `Client.connect` does."""


class Forgotten(Exception):  # noqa: N818  # a state of the world, as those of the client
    """The daemon came back and does not know the run any more."""


def _untold(_path: Path) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Link:
    """How a daemon is reached, also again."""

    dial: Dial
    on_lost: Callable[[Path], None] = _untold
    """Told each time the daemon on this socket went away, before it is tried again."""
    times: Times = REAL


class Run:
    """One run, told to its end. A context manager: leaving it hangs up, and the run goes on."""

    def __init__(self, client: Client, started: Json, link: Link, seq: int = 0) -> None:
        """Use `start` or `watch`.

        `started` is what the daemon answered to them, `seq` the last event that was seen.
        """
        self.client: Client | None = client
        """None while the daemon is away."""
        self.started = started
        self.quote_id: str = started["quote_id"]
        self.seq = seq
        self._link = link
        deadline_at = datetime.fromisoformat(started["deadline_at"])
        self.left_s = max(0.0, (deadline_at - link.times.now()).total_seconds())
        """To the deadline, when the run was begun or taken up."""
        self._patience = Patience(self.left_s + GRACE_S, link.times)

    def event(self, timeout_s: float) -> Json | None:
        """The next event that is new; None if none came within the time.

        New is what comes after `seq`; where the daemon counts from further back than it did
        before, it tells everything again and `RunView.apply` knows what is new.
        Raises GaveUp, Forgotten, another Unreachable, Refused.
        """
        if self.client is None:
            self._take_up(timeout_s)
        if self.client is None:
            return None
        try:
            event = self.client.event(timeout_s)
        except ConnectionLost as lost:
            self.close()
            self._link.on_lost(lost.path)
            self._patience.lost(lost.path)
            return None
        if event is None or event["quote_id"] != self.quote_id or event["seq"] <= self.seq:
            return None
        self.seq = event["seq"]
        return event

    def close(self) -> None:
        """Hang up; the run goes on."""
        if self.client is not None:
            self.client.close()
            self.client = None

    def __enter__(self) -> Self:
        """Nothing to do: it is being told already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self.close()

    def _take_up(self, timeout_s: float) -> None:
        try:
            self.client = self._patience.attempt(
                lambda: _spoken(self._link.dial, self._watch_again), timeout_s
            )
        except Refused as refusal:
            if refusal.kind != "unknown_quote":
                raise
            raise Forgotten(self.quote_id) from None

    def _watch_again(self, client: Client) -> Client:
        """After the last event seen; from the first where that one is not the daemon's any more.

        It may have died before it had written the last ones down.
        """
        try:
            watched = _watched(client, self.quote_id, self.seq)
            if not _is_over(watched, self.seq):
                return client
        except Refused as refusal:
            if all(problem.get("path") != "after_seq" for problem in refusal.problems):
                raise
        self.seq = 0
        _watched(client, self.quote_id, self.seq)
        return client


def start(link: Link, params: Json) -> Run:
    """Begin a run; where the daemon dies before it says so, begin again when it is back.

    Nobody is asked twice by that: today's answers are kept, and calls under way are joined.
    Raises what dialling does at first, then GaveUp; Refused; KeyboardInterrupt, the run cancelled.
    """

    def begin(client: Client) -> Run:
        asked = client.send("quote.start", params)
        try:
            started = client.answer(asked)
        except KeyboardInterrupt:
            # The run has begun or is about to: nobody would be there to see it.
            with suppress(Unreachable, Refused):
                quote_id = client.answer(asked)["quote_id"]
                client.request("quote.cancel", {"quote_id": quote_id})
            raise
        return Run(client, started, link)

    return _begun(link, begin, params["deadline_s"] + GRACE_S)


def watch(link: Link, quote_id: str, after_seq: int) -> Run:
    """Take a run up after an event. Raises what dialling does at first, then GaveUp; Refused."""

    def take_up(client: Client) -> Run:
        watched, seq = _watched(client, quote_id, after_seq), after_seq
        if _is_over(watched, seq):
            # Nothing more will come: tell the end again rather than wait for ever.
            seq = watched["seq"] - 1
            watched = _watched(client, quote_id, seq)
        return Run(client, watched, link, seq)

    return _begun(link, take_up, GRACE_S)


def _begun(link: Link, begin: Callable[[Client], T], left_s: float) -> T:
    patience = Patience(left_s, link.times)
    client = link.dial()  # nothing to wait for where nobody is there to begin with
    try:
        return _spoken(lambda: client, begin)
    except NoAnswer:  # it has the request: another one would not make it faster
        raise
    except ConnectionLost as lost:
        link.on_lost(lost.path)
        patience.lost(lost.path)
    while (begun := patience.attempt(lambda: _spoken(link.dial, begin), LONGEST_WAIT_S)) is None:
        pass
    return begun


def _watched(client: Client, quote_id: str, after_seq: int) -> Json:
    return client.request("quote.watch", {"quote_id": quote_id, "after_seq": after_seq})


def _is_over(watched: Json, seq: int) -> bool:
    """Whether there is no event after `seq`, nor will there be."""
    return bool(watched["state"] == "done" and seq >= watched["seq"])


def _spoken(dial: Dial, speak: Callable[[Client], T]) -> T:
    """What came of it; the connection is closed where nothing did."""
    client = dial()
    try:
        return speak(client)
    except BaseException:
        client.close()
        raise
