"""One insurer as quoting knows it: who it is, how to ask it, and how it has been doing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from osago_core.wire.methods import PolicyShown
from osago_daemon.insurers.port import Adapter
from osago_daemon.quoting.record import Record
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.polling.pacing import Pacer


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

    def snapshot(self, now: datetime) -> dict[str, Any]:
        """What is to be known of it after a restart, as JSON values.

        Without limits where these are counted in a store that outlives us.
        """
        wall_s = now.timestamp()
        limits = self.pipeline.limiter.snapshot(wall_s)
        return {
            "breaker": self.pipeline.breaker.snapshot(wall_s),
            **({"limits": limits} if limits else {}),
            "polling": self.pacer.snapshot(),
            "record": self.record.snapshot(),
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
        senseless = []
        for name, load in parts.items():
            try:
                if name in data:
                    load(data[name])
            except ValueError:
                senseless.append(name)
        if senseless:
            raise ValueError(f"makes no sense: {', '.join(senseless)}")
