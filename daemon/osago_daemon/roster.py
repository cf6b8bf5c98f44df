"""The insurers of one insurers.toml as they run, and how the next file's come out of them.

Owns what of an insurer survives a new file: who has the same id is the same one, so its breaker,
its limits' counts, its polling and its record are the same objects. Its adapter, timeouts and
retries belong to a file. Must not know who asks the insurers, nor when a file is read.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from osago_daemon.drafting import Draft, Part, Tariff, Way
from osago_daemon.quoting.explain import explain
from osago_daemon.quoting.insurer import Insurer, members_of
from osago_daemon.quoting.record import Record
from osago_daemon.resilience.numbers import PipelineNumbers
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.polling.pacing import Pacer
from osago_daemon.storage.limits import SharedLimits
from osago_daemon.storage.port import Store
from osago_daemon.telemetry.bugs import report_bug


@dataclass(frozen=True, slots=True)
class Entry:
    """One insurer, whom to ask and what is counted of it."""

    part: Part
    insurers: tuple[Insurer, ...]
    """Itself; or an aggregator and then its members."""
    numbers: PipelineNumbers
    """As far as the system allows them."""
    limits: SharedLimits

    @property
    def insurer(self) -> Insurer:
        """Who is asked."""
        return self.insurers[0]


class Roster:
    """All insurers of one file. Nothing outside notices one before it takes over."""

    def __init__(self, draft: Draft, entries: Iterable[Entry]) -> None:
        """See `roster` for the way to make one."""
        self.draft = draft
        self.entries = {entry.insurer.id: entry for entry in entries}

    @property
    def insurers(self) -> list[Insurer]:
        """In the order of the file."""
        return [insurer for entry in self.entries.values() for insurer in entry.insurers]

    @property
    def ways(self) -> set[Way]:
        """The transports in use."""
        return {entry.part.way for entry in self.entries.values()}

    @property
    def tariff(self) -> Tariff:
        """What applications are priced by."""
        return self.draft.tariff

    def newcomers(self, known: Mapping[str, Entry]) -> "tuple[list[Insurer], list[SharedLimits]]":
        """Of whom nothing is known yet in this process."""
        records = {id(each.record) for entry in known.values() for each in entry.insurers}
        insurers = [insurer for insurer in self.insurers if id(insurer.record) not in records]
        new = [entry.limits for id_, entry in self.entries.items() if id_ not in known]
        return insurers, new

    def take_over(self, known: Mapping[str, Entry]) -> None:
        """Let the counts that survive go by this file's numbers from now on. Never fails."""
        for id_, entry in self.entries.items():
            old = known.get(id_)
            if old is None:
                continue
            if entry.numbers != old.numbers:
                entry.insurer.pipeline.take_over()
            if entry.part.pacing != old.part.pacing:
                entry.insurer.pacer.follow(entry.part.pacing)


def roster(
    draft: Draft, known: Mapping[str, Entry], store: Store, *, max_connections: int
) -> Roster:
    """The insurers of a draft; what is counted of those who are `known` comes along.

    None of them may take more than its part of the connections that there can be.
    """
    each = max(1, max_connections // len(draft.parts))
    entries = []
    for part in draft.parts:
        numbers = _within(part.numbers, each)
        old = known.get(part.settings.id)
        entries.append(_new(part, numbers, store) if old is None else _renewed(part, numbers, old))
    return Roster(draft, entries)


def _new(part: Part, numbers: PipelineNumbers, store: Store) -> Entry:
    # Not the loop's clock: uvloop's stands still within a turn and knows milliseconds only.
    id_, clock = part.settings.id, time.monotonic
    counts = SharedLimits(id_, numbers.limits, store, clock=clock)
    pipeline = Pipeline(id_, numbers, clock=clock, limits_store=counts)
    pipeline.breaker.announcer.on_bug = _report
    insurer = _insurer(part, pipeline, Pacer(part.pacing), Record())
    return Entry(part, _with_members(insurer, part, {}), numbers, counts)


def _renewed(part: Part, numbers: PipelineNumbers, old: Entry) -> Entry:
    was = old.insurer
    same = numbers == old.numbers
    pipeline = was.pipeline if same else was.pipeline.renewed(numbers)
    insurer = _insurer(part, pipeline, was.pacer, was.record)
    return Entry(part, _with_members(insurer, part, was.members), numbers, old.limits)


def _insurer(part: Part, pipeline: Pipeline, pacer: Pacer, record: Record) -> Insurer:
    settings = part.settings
    return Insurer(
        id=settings.id,
        name=settings.name,
        adapter=part.adapter,
        pipeline=pipeline,
        pacer=pacer,
        record=record,
        kind=settings.spec.adapter,
        version=settings.version,
        explained=explain(pipeline, part.numbers, part.pacing, settings.line_of),
    )


def _with_members(insurer: Insurer, part: Part, known: Mapping[str, Record]) -> tuple[Insurer, ...]:
    return tuple(members_of(insurer, part.settings.spec.members, known))


def _report(bug: Exception) -> None:
    report_bug(bug)


def _within(numbers: PipelineNumbers, max_at_once: int) -> PipelineNumbers:
    if numbers.limits.at_once <= max_at_once:
        return numbers
    limits = numbers.limits.model_copy(update={"at_once": max_at_once})
    return numbers.model_copy(update={"limits": limits})
