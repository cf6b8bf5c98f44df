"""One insurer as quoting knows it: who it is, how to ask it, and how it has been doing.

Where one answer says of several insurers (an aggregator's), who is asked is the *source*, and who
is told of are its *members*. Both are an `Insurer`; a plain one is its own source, without members.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from osago_core.wire.methods import PolicyShown
from osago_daemon.insurers.port import Adapter
from osago_daemon.quoting.record import Record, combined
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.polling.pacing import Pacer

_NOTHING: Mapping[str, Record] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Insurer:
    """An insurer that can be asked."""

    id: str
    name: str
    adapter: Adapter
    pipeline: Pipeline
    pacer: Pacer
    version: str = ""
    """Of its configuration: what another one has read is not of use."""
    record: Record = field(default_factory=Record)
    kind: str = "rest"
    """Of its adapter."""
    explained: tuple[PolicyShown, ...] = ()
    """Its policies in their order, with every number and where that came from."""
    via: "Insurer | None" = None
    """Of a member: its source. Adapter, pipeline, pacer and version are that one's."""
    members: Mapping[str, Record] = field(default_factory=dict)
    """Of a source: the id of each that its answers tell of, in order, and that one's record."""

    @property
    def source(self) -> str:
        """The id of whom to ask for it: its own where that is itself."""
        return self.id if self.via is None else self.via.id

    @property
    def outcomes(self) -> Record:
        """The latest outcomes and answer times; of a source all its members' together."""
        return combined(self.members.values()) if self.members else self.record

    def snapshot(self, now: datetime) -> dict[str, Any]:
        """What is to be known of it after a restart, as JSON values.

        Without limits where these are counted in a store that outlives us. Of a member only its
        record: the rest is its source's.
        """
        record = {} if self.members else {"record": self.record.snapshot()}
        if self.via is not None:
            return record
        wall_s = now.timestamp()
        limits = self.pipeline.limiter.snapshot(wall_s)
        return {
            "breaker": self.pipeline.breaker.snapshot(wall_s),
            **({"limits": limits} if limits else {}),
            "polling": self.pacer.snapshot(),
            **record,
        }

    def load(self, data: Any, now: datetime) -> None:
        """Know again what was known; every part that is there and makes sense.

        Raises ValueError that names the parts that make none.
        """
        if not isinstance(data, Mapping):
            raise ValueError("makes no sense")  # noqa: TRY004  # bad data, not a bug
        wall_s = now.timestamp()
        parts: dict[str, Callable[[Any], None]] = {
            "breaker": lambda part: self.pipeline.breaker.load(part, wall_s),
            "limits": lambda part: self.pipeline.limiter.load(part, wall_s),
            "polling": self.pacer.load,
            "record": self.record.load,
        }
        if self.via is not None:  # what it was before it became a member is not its source's
            parts = {"record": self.record.load}
        senseless = []
        for name, load in parts.items():
            try:
                if name in data:
                    load(data[name])
            except ValueError:
                senseless.append(name)
        if senseless:
            raise ValueError(f"makes no sense: {', '.join(senseless)}")


def members_of(
    insurer: Insurer, members: Mapping[str, str], known: Mapping[str, Record] = _NOTHING
) -> list[Insurer]:
    """The insurer as a source, then each of its members (id → name); else only itself.

    `known`: members' records from before a reload, by id.
    The source comes back as another object that shares everything but `members` with the given one.
    """
    insurer = replace(insurer, members=_NOTHING) if insurer.members else insurer
    if not members:
        return [insurer]
    source = replace(insurer, members={id_: known.get(id_) or Record() for id_ in members})
    told = [
        replace(insurer, id=id_, name=name, record=source.members[id_], via=source)
        for id_, name in members.items()
    ]
    return [source, *told]


def by_id(insurers: Iterable[Insurer]) -> dict[str, Insurer]:
    """Those that can be asked for, by id: members instead of their source."""
    return {insurer.id: insurer for insurer in insurers if not insurer.members}


def sources_of(insurers: Collection[Insurer]) -> list[Insurer]:
    """Those that are asked, each once: a source instead of its members."""
    return [insurer for insurer in insurers if insurer.via is None]
