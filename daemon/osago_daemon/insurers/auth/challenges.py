"""HTTP Digest as RFC 7616 has it: reads challenges, computes responses. No state, no I/O."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from osago_daemon.insurers.tables import is_header_text

_STRENGTH = ("md5", "md5-sess", "sha-256", "sha-256-sess")
"""Those we compute, the strongest last."""
_PART = re.compile(
    r'[\s,]*(?:(?P<name>[!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"'
    r"|(?P<plain>[^\s,\"]+))|(?P<scheme>[!#$%&'*+.^_`|~0-9A-Za-z-]+)(?=\s|,|$))"
)
MAX_HEADER_CHARS = 4000


class Who(NamedTuple):
    """A user name and a password, never to be shown."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "Who(…)"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server wants to be answered."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    """As it was written, to be repeated."""
    qop: bool = True
    """False: they know nothing of it (RFC 2069)."""
    opaque: str | None = None
    stale: bool = False
    userhash: bool = False


def challenge_of(headers: Iterable[str]) -> Challenge | None:
    """The strongest Digest challenge of `WWW-Authenticate` headers that we can answer."""
    found = []
    for header in headers:
        for scheme, said in _challenges(header[:MAX_HEADER_CHARS]):
            if scheme == "digest" and (challenge := _digest(said)) is not None:
                found.append(challenge)
    return max(found, key=lambda c: _STRENGTH.index(c.algorithm.lower()), default=None)


def next_nonce(header: str) -> str | None:
    """The nonce that an `Authentication-Info` names for what comes next."""
    for part in _PART.finditer(header[:MAX_HEADER_CHARS]):
        if (part["name"] or "").lower() == "nextnonce":
            return _value(part) or None
    return None


class Target(NamedTuple):
    """What is asked for: the method, and path and query as they stand in the request's line."""

    method: str
    uri: str


def authorization(
    challenge: Challenge, who: Who, target: Target, *, count: int, cnonce: str
) -> str:
    """The `Authorization` that answers a challenge for the `count`-th time."""
    algorithm = challenge.algorithm.lower()

    def h(text: str) -> str:
        if algorithm.startswith("md5"):
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        return hashlib.sha256(text.encode()).hexdigest()

    secret = h(f"{who.username}:{challenge.realm}:{who.password}")
    if algorithm.endswith("-sess"):
        secret = h(f"{secret}:{challenge.nonce}:{cnonce}")
    request, nc = h(f"{target.method}:{target.uri}"), f"{count:08x}"
    middle = f"{nc}:{cnonce}:auth:" if challenge.qop else ""
    response = h(f"{secret}:{challenge.nonce}:{middle}{request}")
    username = h(f"{who.username}:{challenge.realm}") if challenge.userhash else who.username
    parts = [
        f"username={_quoted(username)}"
        if username.isascii()
        else f"username*=UTF-8''{quote(username, safe='')}",
        f"realm={_quoted(challenge.realm)}",
        f"uri={_quoted(target.uri)}",
        f"algorithm={challenge.algorithm}",
        f"nonce={_quoted(challenge.nonce)}",
        f'response="{response}"',
    ]
    if challenge.qop:
        parts += [f"nc={nc}", f"cnonce={_quoted(cnonce)}", "qop=auth"]
    elif algorithm.endswith("-sess"):
        parts += [f"cnonce={_quoted(cnonce)}"]
    if challenge.opaque is not None:
        parts += [f"opaque={_quoted(challenge.opaque)}"]
    if challenge.userhash:
        parts += ["userhash=true"]
    return f"Digest {', '.join(parts)}"


def _challenges(header: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Scheme in lower case and parameters of each challenge in one header."""
    scheme, said, at = "", dict[str, str](), 0
    while at < len(header) and (part := _PART.match(header, at)) is not None:
        at = part.end()
        if part["scheme"] is not None:
            yield scheme, said
            scheme, said = part["scheme"].lower(), {}
        else:
            said.setdefault(part["name"].lower(), _value(part))
    yield scheme, said


def _digest(said: Mapping[str, str]) -> Challenge | None:
    """None for one that we can't answer."""
    algorithm = said.get("algorithm", "MD5")
    qops = {word.strip().lower() for word in said["qop"].split(",")} if "qop" in said else None
    if "realm" not in said or not said.get("nonce") or algorithm.lower() not in _STRENGTH:
        return None
    if (qops is not None and "auth" not in qops) or not all(map(is_header_text, said.values())):
        return None
    return Challenge(
        realm=said["realm"],
        nonce=said["nonce"],
        algorithm=algorithm,
        qop=qops is not None,
        opaque=said.get("opaque"),
        stale=said.get("stale", "").lower() == "true",
        userhash=said.get("userhash", "").lower() == "true",
    )


def _value(part: re.Match[str]) -> str:
    if part["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", part["quoted"])
    return str(part["plain"] or "")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
