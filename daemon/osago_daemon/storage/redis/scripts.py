"""The scripts that run inside Redis, one `.lua` file each; what they return is told there.

Each begins with `common.lua`, and touches keys of one slot only, so that they run on a Cluster.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Script:
    """A script and the name that Redis knows it by."""

    source: str
    sha: str


def _load(*names: str) -> Script:
    folder = resources.files(__package__) / "lua"
    source = "\n".join((folder / f"{name}.lua").read_text() for name in ("common", *names))
    return Script(source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


CLAIM = _load("claim")
PEEK = _load("peek")
NOTE = _load("index", "note")
FINISH = _load("index", "finish")
RELEASE = _load("release")
LOOK = _load("look")
DROP = _load("drop")
DAYS = _load("days")
MARK = _load("index", "mark")
BEAT = _load("beat")
LEAVE = _load("leave")
TAKE_PLACE = _load("windows", "take_place")
MOVE_PLACE = _load("move_place")
ADD_PLACES = _load("add_places")
USAGE = _load("windows", "usage")
PAUSE = _load("windows", "pause")
PUT = _load("put")
GET = _load("get")
SEAL = _load("seal")
MEND = _load("mend")

ALL = (
    CLAIM,
    PEEK,
    NOTE,
    FINISH,
    RELEASE,
    LOOK,
    DROP,
    DAYS,
    MARK,
    BEAT,
    LEAVE,
    TAKE_PLACE,
    MOVE_PLACE,
    ADD_PLACES,
    USAGE,
    PAUSE,
    PUT,
    GET,
    SEAL,
)
