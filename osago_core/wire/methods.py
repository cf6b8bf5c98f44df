"""Every method of the wire contract: its name, what it takes, what it gives.

`ALL` is the list that the daemon's handlers, the generated schema and the tests are held to.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from osago_core.wire.errors import ProblemData
from osago_core.wire.events import Best, Counts, DoneEvent, OutcomeEvent
from osago_core.wire.protocol import MAX_DEADLINE_S, PROTOCOL

P = TypeVar("P", bound=BaseModel)
R = TypeVar("R", bound=BaseModel)

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
# Checked by osago_core.application, with every problem at its own path; here it is any object.
# The published schema names the real one (see openrpc.py).
ApplicationData = dict[str, Any]
RunState = Literal["running", "done"]


class _Message(BaseModel):
    """Unknown fields are ignored: both sides may be of different age."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class NoParams(_Message):
    """Nothing to say."""


class ProtocolRange(_Message):
    """Which protocols the client can speak."""

    min: int = PROTOCOL
    max: int = PROTOCOL


class Client(_Message):
    """Who is calling, for the log."""

    name: Name
    version: Name


class HelloParams(_Message):
    """First words of a client; may be left out."""

    protocol: ProtocolRange = ProtocolRange()
    client: Client | None = None


class DaemonInfo(_Message):
    """Which daemon answers."""

    version: str
    pid: int
    started_at: AwareDatetime


class Limits(_Message):
    """What the daemon accepts."""

    max_line_bytes: int
    max_runs: int


class HelloResult(_Message):
    """The protocol that both speak from now on."""

    protocol: int
    daemon: DaemonInfo
    capabilities: tuple[str, ...]
    limits: Limits


class QuoteStartParams(_Message):
    """Ask insurers for an offer."""

    application: ApplicationData
    insurers: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)] | None = None
    deadline_s: float = Field(default=MAX_DEADLINE_S, gt=0, le=MAX_DEADLINE_S)
    cache: Literal["use", "refresh", "only"] = "use"
    priority: Literal["interactive", "batch"] = "interactive"
    watch: bool = True


class InsurerName(_Message):
    """An insurer as people know it."""

    id: str
    name: str


class QuoteStartResult(_Message):
    """The run has begun; its events follow for a watching client."""

    quote_id: str
    deadline_at: AwareDatetime
    insurers: tuple[InsurerName, ...]
    seq: Literal[0] = 0
    warnings: tuple[ProblemData, ...] = ()


class QuoteWatchParams(_Message):
    """Follow a run, from the event after `after_seq`."""

    quote_id: Name
    after_seq: int = Field(default=0, ge=0)


class QuoteWatchResult(_Message):
    """Every event after `after_seq` follows, old ones first."""

    quote_id: str
    state: RunState
    seq: int
    insurers: tuple[InsurerName, ...]
    deadline_at: AwareDatetime


class QuoteIdParams(_Message):
    """Which run."""

    quote_id: Name


class QuoteSummary(_Message):
    """A run without the application it was for."""

    quote_id: str
    state: RunState
    started_at: AwareDatetime
    deadline_at: AwareDatetime
    seq: int
    counts: Counts
    best: Best | None = None


class QuoteGetResult(QuoteSummary):
    """The whole run as far as it is."""

    insurers: tuple[InsurerName, ...]
    outcomes: tuple[OutcomeEvent, ...]
    done: DoneEvent | None = None


class QuoteListParams(_Message):
    """How many runs at the most."""

    limit: int = Field(default=50, ge=1, le=1000)


class QuoteListResult(_Message):
    """Runs still known, newest first."""

    quotes: tuple[QuoteSummary, ...]


class QuoteCancelResult(_Message):
    """The run still ends with exactly one `done`."""

    cancelled: Literal[True] = True


class ApplicationCheckParams(_Message):
    """Check only, ask nobody."""

    application: ApplicationData


class ApplicationCheckResult(_Message):
    """The application is valid."""

    fingerprint: str
    warnings: tuple[ProblemData, ...] = ()


class BreakerStatus(_Message):
    """Whether an insurer is being asked at all."""

    state: Literal["closed", "open", "half_open"]
    failures_in_row: int = 0
    open_until: AwareDatetime | None = None


class LatencyStatus(_Message):
    """Times from the start of a call to its answer, over the latest answers, in milliseconds."""

    answers: int
    p50_ms: int
    p90_ms: int


class InsurerStatus(InsurerName):
    """How one insurer is doing."""

    breaker: BreakerStatus
    latency: LatencyStatus | None = None
    last_error: str | None = None
    last_error_at: AwareDatetime | None = None


class InsurersListResult(_Message):
    """In the order of insurers.toml."""

    insurers: tuple[InsurerStatus, ...]


class RunCounts(_Message):
    """How many runs the daemon has in mind."""

    active: int
    known: int


class DaemonStatusResult(_Message):
    """How the daemon is doing."""

    daemon: DaemonInfo
    state: Literal["running", "draining"]
    uptime_s: float
    runs: RunCounts
    clients: int
    insurers: int
    insurers_unavailable: tuple[str, ...]
    insurers_file: str
    socket: str
    state_dir: str


class DiscoverResult(BaseModel):
    """An OpenRPC document."""

    model_config = ConfigDict(frozen=True, extra="allow")

    openrpc: str


@dataclass(frozen=True, slots=True)
class Method(Generic[P, R]):
    """One method of the contract."""

    name: str
    params: type[P]
    result: type[R]
    summary: str


HELLO = Method("hello", HelloParams, HelloResult, "Agree on a protocol")
QUOTE_START = Method(
    "quote.start", QuoteStartParams, QuoteStartResult, "Ask insurers; events follow"
)
QUOTE_WATCH = Method("quote.watch", QuoteWatchParams, QuoteWatchResult, "Follow a run, or resume")
QUOTE_GET = Method("quote.get", QuoteIdParams, QuoteGetResult, "The whole run as far as it is")
QUOTE_LIST = Method("quote.list", QuoteListParams, QuoteListResult, "Runs still known")
QUOTE_CANCEL = Method("quote.cancel", QuoteIdParams, QuoteCancelResult, "End a run now")
APPLICATION_CHECK = Method(
    "application.check", ApplicationCheckParams, ApplicationCheckResult, "Check, ask nobody"
)
INSURERS_LIST = Method("insurers.list", NoParams, InsurersListResult, "How insurers are doing")
DAEMON_STATUS = Method("daemon.status", NoParams, DaemonStatusResult, "How the daemon is doing")
RPC_DISCOVER = Method("rpc.discover", NoParams, DiscoverResult, "This contract as OpenRPC")

ALL: tuple[Method[Any, Any], ...] = (
    HELLO,
    QUOTE_START,
    QUOTE_WATCH,
    QUOTE_GET,
    QUOTE_LIST,
    QUOTE_CANCEL,
    APPLICATION_CHECK,
    INSURERS_LIST,
    DAEMON_STATUS,
    RPC_DISCOVER,
)
