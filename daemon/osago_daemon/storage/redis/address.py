"""Where a Redis is and how to get in, out of one line of text.

Knows no Redis library. Messages repeat nothing of the text: where a password is not encoded, any
part of it may stand where something else was expected.
"""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Kind = Literal["single", "unix", "sentinel", "cluster"]

_KINDS: dict[str, Kind] = {
    "redis": "single",
    "rediss": "single",
    "unix": "unix",
    "redis+sentinel": "sentinel",
    "rediss+sentinel": "sentinel",
    "redis+cluster": "cluster",
    "rediss+cluster": "cluster",
}
_PORTS: dict[Kind, int] = {"single": 6379, "unix": 0, "sentinel": 26379, "cluster": 6379}
_MAX_PORT = 65535
_MAX_DB = 9999
_HOST = re.compile(r"\[[0-9A-Fa-f:.]+(?:%25\w+)?\]|[A-Za-z0-9._-]+")
_ENCODE = "special characters in a password are written as %XX, for instance / as %2F"


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """`str()` of it is fit for people and logs: it has no password."""

    kind: Kind
    tls: bool = False
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    """Of the socket, for `unix`."""
    service: str = ""
    """What the Sentinels call the primary."""
    db: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sentinel_user: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    """PEM, trusted besides the system's authorities."""

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        if self.kind == "unix":
            return f"unix://{user}{self.path}" + (f"?db={self.db}" if self.db else "")
        scheme = "rediss" if self.tls else "redis"
        if self.kind != "single":
            scheme = f"{scheme}+{self.kind}"
        hosts = ",".join(f"[{h}]:{p}" if ":" in h else f"{h}:{p}" for h, p in self.hosts)
        service = f"/{self.service}" if self.service else ""
        return f"{scheme}://{user}{hosts}{service}" + (f"/{self.db}" if self.db else "")


def parse_address(text: str) -> RedisAddress:
    """`redis[s][+sentinel|+cluster]://[user:password@]host[:port][,…][/SERVICE][/db]`, or `unix:///path`.

    Options after `?`: `ca_file` where there is TLS, `db` for `unix`, `sentinel_user` and
    `sentinel_password` where the Sentinels have their own. Raises ValueError.
    """
    if re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise ValueError("a Redis address has no blanks and no backslashes")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(f"not a Redis address; {_ENCODE}") from None
    kind = _KINDS.get(parts.scheme)
    if kind is None or "://" not in text:
        raise ValueError(f"a Redis address begins with {', '.join(f'{s}://' for s in _KINDS)}")
    if "#" in text:
        raise ValueError(f"a Redis address has no #; {_ENCODE}")
    userinfo, _, where = parts.netloc.rpartition("@")
    user, password = _login(userinfo)
    tls = parts.scheme.startswith("rediss")
    options = _options(parts, kind, tls=tls)
    path, service, db = _path(parts.path, kind)
    if kind == "unix":
        if where:
            raise ValueError("a socket's address has three slashes: unix:///path")
        db = _db(options.get("db", "0"))
    sentinel_user, sentinel_password = (
        options.get("sentinel_user"),
        options.get("sentinel_password"),
    )
    if sentinel_user and not sentinel_password:
        raise ValueError("sentinel_user needs sentinel_password")
    return RedisAddress(
        kind=kind,
        tls=tls,
        hosts=_hosts(where, kind),
        path=path,
        service=service,
        db=db,
        user=user,
        password=password,
        sentinel_user=sentinel_user,
        sentinel_password=sentinel_password,
        ca_file=options.get("ca_file"),
    )


def _decoded(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise ValueError("a % in a Redis address is written as %25")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("the Redis address is not UTF-8 where it is written as %XX") from None


def _login(userinfo: str) -> tuple[str | None, str | None]:
    if not userinfo:
        return None, None
    user, colon, password = userinfo.partition(":")
    if not colon or not password:
        raise ValueError("a user of Redis needs a password: user:password@, or :password@")
    if re.search(r"[@:]", password):
        raise ValueError(f"not a Redis address; {_ENCODE}")
    return _decoded(user) or None, _decoded(password)


def _hosts(where: str, kind: Kind) -> tuple[tuple[str, int], ...]:
    if kind == "unix":
        return ()
    texts = where.split(",")
    if kind == "single" and len(texts) > 1:
        raise ValueError("several hosts need redis+sentinel:// or redis+cluster://")
    return tuple(_host(text, _PORTS[kind]) for text in texts)


def _host(text: str, default_port: int) -> tuple[str, int]:
    match = _HOST.match(text)
    if match is None:
        raise ValueError(f"a host is missing in the Redis address; {_ENCODE}")
    host, rest = match.group().strip("[]"), text[match.end() :]
    if not rest:
        return host, default_port
    port = _number(rest[1:], _MAX_PORT) if rest[0] == ":" else None
    if not port:
        raise ValueError(f"a port in the Redis address is no number up to {_MAX_PORT}; {_ENCODE}")
    return host, port


def _path(text: str, kind: Kind) -> tuple[str, str, int]:
    """The socket's path, the service, the database."""
    if kind == "unix":
        path = _decoded(text)
        if not path.startswith("/") or path.endswith("/"):
            raise ValueError("a socket's address has a path: unix:///path")
        return path, "", 0
    if kind == "sentinel":
        service, _, db = text.removeprefix("/").partition("/")
        if not service:
            raise ValueError("the service is missing: redis+sentinel://host:26379/SERVICE")
        return "", _decoded(service), _db(db or "0")
    db = text.removeprefix("/")
    if kind == "cluster" and db not in {"", "0"}:
        raise ValueError("a Redis Cluster has no databases: leave away what follows the hosts")
    return "", "", _db(db or "0")


def _db(text: str) -> int:
    db = _number(text, _MAX_DB)
    if db is None:
        raise ValueError(f"the database in the Redis address is no number; {_ENCODE}")
    return db


def _number(text: str, most: int) -> int | None:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > most:
        return None
    return int(text)


def _options(parts: SplitResult, kind: Kind, *, tls: bool) -> dict[str, str]:
    known = set[str]()
    if tls:
        known.add("ca_file")
    if kind == "unix":
        known.add("db")
    if kind == "sentinel":
        known |= {"sentinel_user", "sentinel_password"}
    _decoded(parts.query)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    options = dict(pairs)
    if set(options) - known or len(options) != len(pairs) or not all(options.values()):
        after = f"only {', '.join(sorted(known))}, each once" if known else "nothing"
        raise ValueError(f"after ? a Redis address of this kind has {after}; {_ENCODE}")
    return options
