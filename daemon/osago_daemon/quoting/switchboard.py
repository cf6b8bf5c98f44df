"""Connects runs to flights: what is asked already is joined, what was answered today is told.

Owns the flights of this process. A run's keys are claimed from the store together, in one trip.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from functools import partial
from typing import TypeAlias

import anyio

from osago_core.offer import FailureKind
from osago_core.wire.events import Source
from osago_daemon.quoting.call import Ask, Means
from osago_daemon.quoting.flight import Flight, news_of, told_of
from osago_daemon.quoting.lineup import Lineup
from osago_daemon.quoting.outcome import failed, failed_by_bug, part_of, told_now
from osago_daemon.quoting.run import Run
from osago_daemon.storage.port import Claim, Key, Lease, Taken
from osago_daemon.telemetry.bugs import report_bug

_Name: TypeAlias = tuple[Key, bool, str]
"""What is asked, whether anew on purpose, and by which version of the insurer's configuration."""


class Switchboard:
    """Every flight of this process."""

    def __init__(self, means: Means) -> None:
        """No flight yet."""
        self._means = means
        self._flights: dict[_Name, Flight] = {}
        self._in_air: dict[Flight, tuple[_Name, Lineup]] = {}
        """Also such as nobody can board any more."""
        self._landed = anyio.Event()

    def ask(self, run: Run, ask: Ask, keys: Iterable[Key], lineup: Lineup) -> None:
        """Have these asked for the run, as they are in its lineup; returns at once."""
        begun = []
        anew = ask.wish is not None
        for key in keys:
            # Who takes what is kept must not wait for somebody's wish to ask anew, and the wish is
            # not met by what is kept.
            insurer = lineup.asked(key.insurer)
            name = key, anew, insurer.version
            flight = self._flights.get(name)
            if flight is None or not flight.boarding:
                flight = Flight(key, insurer, ask, self._means)
                self._flights[name] = flight
                self._in_air[flight] = name, lineup
                lineup.enter()
                begun.append(flight)
            flight.board(run, ask)
        if begun:
            # In a task that nobody cancels: what is claimed must be used or given back.
            self._means.tasks.start_soon(partial(self._begin, begun, anew=anew))

    async def tell_kept(self, run: Run, keys: Iterable[Key], lineup: Lineup) -> None:
        """Tell the run what is kept, and of everything else that nothing is."""
        keys = list(keys)
        answers = await self._means.store.peek(keys)
        nothing = told_now(failed(FailureKind.UNAVAILABLE, "no answer of today is kept"))
        with run.together():
            for key, kept in zip(keys, answers, strict=True):
                insurer = lineup.asked(key.insurer)
                news = kept and news_of(kept, insurer, Source.CACHE)
                for id_ in told_of(insurer, run):
                    run.settle(id_, (news and part_of(news, id_)) or nothing)

    def leave(self, run: Run, keys: Iterable[Key], lineup: Lineup) -> None:
        """The run is over and wants to know nothing more."""
        for key in keys:
            version = lineup.asked(key.insurer).version
            for anew in (False, True):
                if flight := self._flights.get((key, anew, version)):
                    flight.leave(run)

    async def landed(self) -> None:
        """Wait until nothing is under way any more."""
        while self._in_air:
            self._landed = anyio.Event()
            await self._landed.wait()

    async def _begin(self, flights: list[Flight], *, anew: bool) -> None:
        keys = [flight.key for flight in flights]
        try:
            claims = await self._means.store.claim(keys, fresh=anew)
        except Exception as bug:  # noqa: BLE001  # of a store: nobody may wait for ever
            told = told_now(failed_by_bug(report_bug(bug)))
            for flight in flights:
                flight.tell(told)
                self._remove(flight)
            return
        with ExitStack() as told_together:
            for run in dict.fromkeys(run for flight in flights for run in flight.aboard):
                told_together.enter_context(run.together())
            for flight, claim in zip(flights, claims, strict=True):
                try:
                    self._go_on(flight, claim)
                except Exception as bug:  # noqa: BLE001  # one insurer's part of some runs
                    flight.tell(told_now(failed_by_bug(report_bug(bug))))
                    self._remove(flight)

    def _go_on(self, flight: Flight, claim: Claim) -> None:
        if flight.over:  # everybody left while it was claimed
            if isinstance(claim, Taken):
                self._means.store.release(Lease(flight.key, claim.token, 0.0))
            self._remove(flight)
        elif flight.answered_by(claim):
            self._remove(flight)
        else:
            self._means.tasks.start_soon(self._fly, flight, claim)

    async def _fly(self, flight: Flight, claim: Claim) -> None:
        try:
            await flight.run(claim)
        finally:
            self._remove(flight)

    def _remove(self, flight: Flight) -> None:
        name, lineup = self._in_air.pop(flight)
        if self._flights.get(name) is flight:
            del self._flights[name]
        lineup.leave()
        if not self._in_air:
            self._landed.set()


def keys_of(insurers: Iterable[str], fingerprint: str, day: date) -> list[Key]:
    """What these are asked at most once."""
    return [Key(insurer, day.isoformat(), fingerprint) for insurer in insurers]
