"""The kinds of adapters: what `adapter = "…"` may say, and what is built for it.

A kind comes in by an entry point of the group `osago.insurers`, osago's own as any other, and is
imported when a file names it. What is wrong with one is a `KindError`, in words for whoever writes
insurers.toml. What plug-ins may use stands in `plugin.py`, what they can't break in `contained.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

import httpx
from pydantic import ValidationError

from osago_daemon.insurers import blame
from osago_daemon.insurers.contained import Contained, KeptOpen
from osago_daemon.insurers.port import Adapter
from osago_daemon.insurers.rest import Watcher, utc_now
from osago_daemon.insurers.secrets import SecretError, Secrets
from osago_daemon.insurers.spec import InsurerSpec

GROUP = "osago.insurers"
DEFAULT_KIND = "rest"
_OWN = "osago"
"""Our distribution. What it does wrong is a bug, not a problem of a file."""

_NOT_INSTALLED = (
    "osago's own kinds are not among the entry points of what is installed here: osago runs from "
    "files that were never installed, or of another version. Install it with the Python that runs "
    "it: python -m pip install osago, in a checkout python -m pip install --editable ."
)

S = TypeVar("S", bound=InsurerSpec)


class KindError(ValueError):
    """A kind of adapter that can't be had. Names the distribution that brings it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an adapter gets besides its table."""

    transport: httpx.AsyncBaseTransport
    """The way out, as `[insurers.ID.transport]` says. To be called directly, never closed."""
    secrets: Secrets
    now: Callable[[], datetime] = utc_now
    """The wall clock, aware."""
    watcher: Watcher | None = None
    """Looks on while the insurer is tried out; an adapter may leave it be."""


@dataclass(frozen=True, slots=True)
class AdapterKind(Generic[S]):
    """A kind of adapter: the model of its table, and how one is built from it."""

    spec: type[S]
    build: Callable[[S, Surroundings], Adapter]
    """Called once at start; raises `SecretError`. Opens nothing yet."""


@dataclass(frozen=True, slots=True)
class Found:
    """A kind, and who brings it."""

    kind: AdapterKind[Any]
    module: str
    origin: str
    """Distribution and version: `osago-inguru 1.0`."""
    own: bool

    @property
    def version(self) -> str:
        """What of it decides what an answer means; nothing of our own, whose answers are kept."""
        return "" if self.own else self.origin

    @contextmanager
    def blamed(self, doing: str) -> Iterator[None]:
        """Make a KindError of what others' code raises while it is `doing` its part."""
        try:
            yield
        except (ValidationError, SecretError, KindError, GeneratorExit, KeyboardInterrupt):
            raise
        except BaseException as bug:
            if self.own:
                raise
            text = f"{self.origin} is broken: {doing} {blame.where(bug, self.module)}"
            raise KindError(text) from None


def names() -> tuple[str, ...]:
    """Every kind that is installed, the default first. Raises `KindError`."""
    return tuple(sorted(_doors(), key=lambda name: (name != DEFAULT_KIND, name)))


@cache
def found(name: str) -> Found | None:
    """The kind of that name, imported; None where there is none. Raises `KindError`."""
    doors = _doors().get(name, ())
    if not doors:
        if name == DEFAULT_KIND:
            raise KindError(_NOT_INSTALLED)
        return None
    origins = [_origin(door) for door in doors]
    if len(doors) > 1:
        who = " and ".join(sorted(origins))
        raise KindError(f'more than one claims the name "{name}": {who}; uninstall one of them')
    door, origin = doors[0], origins[0]
    own = origin.partition(" ")[0] == _OWN
    return Found(_checked(_imported(door, origin), door, origin), door.module, origin, own)


def build_adapter(spec: InsurerSpec, around: Surroundings) -> Adapter:
    """The adapter for a table.

    Raises `SecretError` for a secret that can't be had, `KindError` where the kind can't build it.
    """
    kind = found(spec.adapter)
    if kind is None:
        raise KindError(f'there is no kind "{spec.adapter}"')
    if not kind.own:  # our own is asked for every request, and closes nothing
        around = replace(around, transport=KeptOpen(around.transport))
    with kind.blamed("building an adapter"):
        adapter: Adapter = kind.kind.build(spec, around)
    if kind.own:
        return adapter
    if not callable(getattr(adapter, "quote", None)):
        raise KindError(f"{kind.origin} is broken: what it builds is no adapter, it has no quote()")
    return Contained(adapter, spec)


@cache
def _doors() -> Mapping[str, tuple[EntryPoint, ...]]:
    """Name → who claims it. Reads the metadata of all that is installed, once: some 5 ms."""
    try:
        claims = entry_points(group=GROUP)
    except Exception as error:  # noqa: BLE001  # of any distribution that is installed beside us
        text = f"the entry points of what is installed can't be read: {type(error).__name__}"
        raise KindError(text) from None
    doors: dict[str, tuple[EntryPoint, ...]] = {}
    for door in claims:
        doors[door.name] = (*doors.get(door.name, ()), door)
    return doors


def _origin(door: EntryPoint) -> str:
    metadata = None if door.dist is None else door.dist.metadata
    if metadata is None or metadata["Name"] is None:  # damaged, or half removed
        return f"the package of {door.module}"
    return f"{metadata['Name']} {metadata['Version']}"


def _imported(door: EntryPoint, origin: str) -> object:
    try:
        return door.load()
    except KeyboardInterrupt:
        raise
    except (ImportError, AttributeError) as error:
        raise KindError(f"{origin} can't be imported: {blame.said(error)}") from None
    except BaseException as bug:  # noqa: BLE001  # whatever its modules do, SystemExit too
        place = blame.where(bug, door.module)
        raise KindError(f"{origin} can't be imported: {place}") from None


def _checked(kind: object, door: EntryPoint, origin: str) -> AdapterKind[Any]:
    broken = f"{origin} is broken: {door.value}"
    if not isinstance(kind, AdapterKind):
        raise KindError(f"{broken} is no AdapterKind of osago_daemon.insurers.plugin")
    spec: Any = kind.spec  # whatever it promises
    if not (isinstance(spec, type) and issubclass(spec, InsurerSpec)):
        raise KindError(f"{broken} has a spec that is no subclass of InsurerSpec")
    try:
        spec.model_rebuild()
    except Exception as error:  # noqa: BLE001  # pydantic's own, for a name that is nowhere
        raise KindError(f"{broken} has an unfinished spec: {blame.said(error)}") from None
    if not callable(kind.build):
        raise KindError(f"{broken} has a build that can't be called")
    return kind
