"""Every method of the wire contract: its name, what it takes, what it gives.

`ALL` is the list that the daemon's handlers, the generated schema and the tests are held to.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from osago_core.offer import FailureKind
from osago_core.wire.errors import ProblemData
from osago_core.wire.events import Best, Counts, DoneEvent, OutcomeEvent
from osago_core.wire.protocol import MAX_DEADLINE_S, PROTOCOL
from osago_core.wire.tariff import TariffChanges, TariffReport

P = TypeVar("P", bound=BaseModel)
R = TypeVar("R", bound=BaseModel)

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
# Checked by osago_core.application, with every problem at its own path; here it is any object.
# The published schema names the real one (see openrpc.py).
ApplicationData = dict[str, Any]
RunState = Literal["running", "done"]

MAX_ISOLATION_S = 366 * 86400.0
"""A year: whoever means longer means until it is restored."""


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


class TariffCalculateParams(_Message):
    """What a policy may cost. `on`: by the tariff of that day instead of today's."""

    application: ApplicationData
    on: date | None = None
    changes: TariffChanges = TariffChanges()


class TariffCalculateResult(TariffReport):
    """The report."""

    warnings: tuple[ProblemData, ...] = ()


class BreakerStatus(_Message):
    """Whether an insurer is being asked at all."""

    state: Literal["closed", "open", "half_open", "isolated"]
    since: AwareDatetime | None = Field(
        default=None, description="Missing where it has never been anything else."
    )
    open_until: AwareDatetime | None = Field(
        default=None, description="When somebody is let through again; missing if nobody knows."
    )
    judged: int = Field(default=0, description="Latest attempts that the state rests on.")
    failures: int = Field(default=0, description="How many of them failed.")
    slow: int = Field(default=0, description="How many of them were slow and did not fail.")


class LatencyStatus(_Message):
    """Times from the start of a call to its answer, over the latest answers, in milliseconds."""

    answers: int
    p50_ms: int
    p90_ms: int
    p99_ms: int


class LimitStatus(_Message):
    """One of an insurer's limits, and what is left of it now."""

    limit: Literal["per_second", "per_minute", "per_day", "at_once"]
    of: int
    left: int
    free_at: AwareDatetime | None = Field(
        default=None, description="Where nothing is left: when there is room again, if known."
    )


class InsurerStatus(InsurerName):
    """How one insurer is doing. Counts and shares are of its latest outcomes."""

    via: str | None = Field(
        default=None,
        description="Who is asked for it, where one answer tells of several: `breaker`, `limits` "
        "and `waiting` are that one's.",
    )
    breaker: BreakerStatus
    latency: LatencyStatus | None = None
    answered: int = Field(default=0, description="Offers and declines.")
    failed: int = 0
    failures: dict[FailureKind, float] = Field(
        default={}, description="Share of all the latest outcomes, from 0 to 1, by kind."
    )
    limits: tuple[LimitStatus, ...] = ()
    paused_until: AwareDatetime | None = Field(
        default=None, description="The insurer itself asked to be left alone until then."
    )
    waiting: int = Field(default=0, description="Requests that the limits make wait.")
    last_error: str | None = None
    last_error_at: AwareDatetime | None = None


class InsurersListResult(_Message):
    """In the order of insurers.toml."""

    insurers: tuple[InsurerStatus, ...]


class InsurerParams(_Message):
    """Which insurer."""

    insurer: Name


class NumberShown(_Message):
    """One number of a policy and where it came from."""

    key: str = Field(description="As in insurers.toml, below the insurer's table.")
    value: bool | int | float | None = Field(default=None, description="Missing: not set.")
    source: Literal["default", "file", "system"] = Field(
        description="`system`: the open files that it allows are too few for what was asked."
    )
    line: int | None = Field(default=None, description="Of insurers.toml.")


class PolicyShown(_Message):
    """One policy with every number that it obeys."""

    policy: str
    numbers: tuple[NumberShown, ...] = ()


class InsurersShowResult(InsurerStatus):
    """All there is to know of one insurer."""

    members: tuple[str, ...] | None = Field(
        default=None, description="Of whom its answers tell, where that is not itself."
    )
    adapter: str
    file: str = Field(description="The insurers.toml that the numbers' lines are of.")
    pipeline: tuple[PolicyShown, ...] = Field(description="Outermost first.")


class InsurersIsolateParams(InsurerParams):
    """Which insurer to leave alone; without `for_s` until it is restored."""

    for_s: float | None = Field(default=None, gt=0, le=MAX_ISOLATION_S, allow_inf_nan=False)


class BreakerResult(_Message):
    """An insurer's breaker as it is now."""

    insurer: str
    breaker: BreakerStatus
    via: str | None = Field(
        default=None, description="Whose breaker it is, where it is asked for through another."
    )
    members: tuple[str, ...] | None = Field(
        default=None, description="All whom it holds for, where several are asked for through one."
    )


class CacheClearParams(_Message):
    """Whose answers; of all insurers where none is named."""

    insurer: Name | None = None


class CacheClearResult(_Message):
    """How many answers were kept and are not any more."""

    removed: int


class StoreStatus(_Message):
    """How what instances share is doing."""

    kind: Literal["memory", "disk", "redis"]
    place: str = Field(description="A path, or an address without its password.")
    state: Literal["ready", "away"]
    away_since: AwareDatetime | None = None
    reason: str | None = Field(default=None, description="Why away, or what is worth knowing.")
    instances: int = Field(description="Alive on this store as last heard, this one included.")


class KeptAnswers(_Message):
    """What is kept of one insurer's answers of today."""

    insurer: str
    answers: int
    bytes: int
    oldest_at: AwareDatetime | None = None
    newest_at: AwareDatetime | None = None
    journal: int = Field(description="Applications of today that it is known to have, or may have.")


class CacheShowResult(_Message):
    """What is kept: counts, ages, bytes; nothing of anybody."""

    store: StoreStatus
    answers: int
    bytes: int
    insurers: tuple[KeptAnswers, ...]


class RunCounts(_Message):
    """How many runs the daemon has in mind."""

    active: int
    known: int
    not_kept: str | None = Field(
        default=None, description="Why a crash would lose those under way, where it would."
    )


class ConfigRefused(_Message):
    """An insurers.toml that can't be used; the one before holds on."""

    since: AwareDatetime = Field(description="Of the first reload that was refused.")
    problems: int = Field(description="How many there were at the latest one.")
    first: tuple[ProblemData, ...] = Field(description="The first few of them, as in the error.")


class DaemonStatusResult(_Message):
    """How the daemon is doing."""

    daemon: DaemonInfo
    state: Literal["running", "draining"]
    uptime_s: float
    runs: RunCounts
    clients: int
    store: StoreStatus
    insurers: int
    insurers_unavailable: tuple[str, ...]
    insurers_file: str
    socket: str
    state_dir: str
    reloaded_at: AwareDatetime | None = Field(
        default=None, description="When insurers.toml was read again; missing: not since the start."
    )
    config_refused: ConfigRefused | None = Field(
        default=None, description="Missing where the latest reload succeeded, or there was none."
    )


class DaemonReloadResult(_Message):
    """What the new insurers.toml changed: ids of insurers, in the order of the files."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...] = Field(description="Their tables, dictionaries, secrets or files.")
    unchanged: tuple[str, ...]
    tariff: Literal["changed", "unchanged"]
    file: str
    at: AwareDatetime


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
TARIFF_CALCULATE = Method(
    "tariff.calculate", TariffCalculateParams, TariffCalculateResult, "What a policy may cost"
)
INSURERS_LIST = Method("insurers.list", NoParams, InsurersListResult, "How insurers are doing")
INSURERS_SHOW = Method(
    "insurers.show", InsurerParams, InsurersShowResult, "One insurer, with its whole pipeline"
)
INSURERS_ISOLATE = Method(
    "insurers.isolate", InsurersIsolateParams, BreakerResult, "Ask an insurer nothing for a while"
)
INSURERS_RESTORE = Method("insurers.restore", InsurerParams, BreakerResult, "Ask it again")
CACHE_SHOW = Method("cache.show", NoParams, CacheShowResult, "What is kept of today's answers")
CACHE_CLEAR = Method("cache.clear", CacheClearParams, CacheClearResult, "Forget today's answers")
DAEMON_STATUS = Method("daemon.status", NoParams, DaemonStatusResult, "How the daemon is doing")
DAEMON_RELOAD = Method(
    "daemon.reload", NoParams, DaemonReloadResult, "Take insurers.toml as it is now, all or nothing"
)
RPC_DISCOVER = Method("rpc.discover", NoParams, DiscoverResult, "This contract as OpenRPC")

ALL: tuple[Method[Any, Any], ...] = (
    HELLO,
    QUOTE_START,
    QUOTE_WATCH,
    QUOTE_GET,
    QUOTE_LIST,
    QUOTE_CANCEL,
    APPLICATION_CHECK,
    TARIFF_CALCULATE,
    INSURERS_LIST,
    INSURERS_SHOW,
    INSURERS_ISOLATE,
    INSURERS_RESTORE,
    CACHE_SHOW,
    CACHE_CLEAR,
    DAEMON_STATUS,
    DAEMON_RELOAD,
    RPC_DISCOVER,
)
