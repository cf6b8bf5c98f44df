"""What a run needs for going on after the daemon was killed: written at its start, read back once.

Knows what stands in a run's header; where it is kept, sealed, is the run log's business.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Protocol, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from osago_core.application import Application
from osago_daemon.resilience.exchange import Rank

CacheUse: TypeAlias = Literal["use", "refresh", "only"]


class RunWriter(Protocol):
    """Keeps one run's events. Nothing here raises."""

    def events(self, lines: Sequence[bytes]) -> None:
        """Keep the next events; once this returns, a killed process does not lose them."""

    def over(self) -> None:
        """It was the last one."""


class RunKeeper(Protocol):
    """Keeps runs until their deadline, over the end of this process."""

    @property
    def trouble(self) -> str | None:
        """Why they are not kept just now."""

    def begin(self, run_id: str, header: bytes, deadline_at: datetime) -> RunWriter:
        """Keep a run's events from now on."""


class KeptRun(Protocol):
    """A run as it was kept."""

    @property
    def id(self) -> str:
        """Its quote id."""

    @property
    def header(self) -> bytes:
        """As it was given at its start."""

    @property
    def lines(self) -> Sequence[bytes]:
        """Its events, from number 1 without gaps."""

    @property
    def writer(self) -> RunWriter:
        """For those to come."""


class Header(BaseModel):
    """Everything of a run but its events and its application."""

    model_config = ConfigDict(frozen=True)

    insurers: dict[str, str]
    """Their names by their ids, in order."""
    started_at: AwareDatetime
    deadline_s: float
    day: date
    """The Moscow day on which it was started."""
    cache: CacheUse
    rank: Rank


def encode(header: Header, application: Application) -> bytes:
    """For the run log. Holds personal data: never to be written unsealed."""
    return b"%b\n%b" % (header.model_dump_json().encode(), application.model_dump_json().encode())


def decode(data: bytes) -> tuple[Header, Application]:
    """The way back. Raises ValueError, without a word of what stood there."""
    header, _, application = data.partition(b"\n")
    try:
        return Header.model_validate_json(header), Application.model_validate_json(application)
    except ValidationError:
        raise ValueError("not the header of a run") from None
