"""What we hold a URL to: where an insurer lives, and which links of its answers we follow."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit

import httpx

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class UrlError(ValueError):
    """A URL that we don't use; the text says why, without the URL."""


def base_url_problem(url: str, *, allow_http: bool) -> str | None:
    """What is wrong with an insurer's base URL, None if nothing is."""
    parts = _split(url)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or not is_joinable(url, "/")
    ):
        return "expected a URL such as https://api.example.org/osago"
    if parts.username is not None or parts.password is not None:
        return "a secret does not belong in this file: use `auth` instead of user:password@"
    if parts.query or parts.fragment:
        return "a base URL has neither ? nor #; constants of the query go to `query`"
    if parts.scheme == "http" and not (allow_http or is_loopback(parts.hostname)):
        return "http sends personal data in clear: use https, or write allow_http = true"
    return None


def is_proxy_url(url: str) -> bool:
    """Whether a text says scheme, host and port of a proxy, and at most who we are to it."""
    parts = _split(url)
    return (
        parts is not None
        and parts.scheme in {"http", "https"}
        and parts.path in {"", "/"}
        and not (parts.query or parts.fragment)
        and is_joinable(url, "/")
    )


def is_path(path: str) -> bool:
    """Whether a text may stand behind a base URL."""
    plain = path.isprintable() and not re.search(r"[ #\\]", path)
    return plain and path.startswith("/") and not path.startswith("//")


def is_joinable(base_url: str, path: str) -> bool:
    """Whether `join` makes a URL with a host of the two, placeholders aside."""
    try:
        return bool(join(base_url, _PLACEHOLDER.sub("", path)).host)
    except UrlError:
        return False


def is_loopback_url(url: str) -> bool:
    """Whether a URL leads to this machine only."""
    parts = _split(url)
    return parts is not None and parts.hostname is not None and is_loopback(parts.hostname)


@lru_cache(maxsize=128)  # asked for every payment link, and those lead to a few hosts
def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost` or a loopback address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def link_in(path: str) -> str | None:
    """The name in a path such as `{link}`, which is a whole link out of an answer; else None."""
    match = _PLACEHOLDER.fullmatch(path)
    return match[1] if match else None


def placeholders(path: str) -> list[str]:
    """The names in `/applications/{id}/offer`."""
    return _PLACEHOLDER.findall(path)


def fill(path: str, values: Mapping[str, str]) -> str:
    """Put percent-encoded values in; raises `UrlError` for one that would change the path."""

    def encoded(placeholder: re.Match[str]) -> str:
        value = values[placeholder[1]]
        if value in {".", ".."}:
            raise UrlError("a value that would change the path")
        return quote(value, safe="")

    return _PLACEHOLDER.sub(encoded, path)


def join(base_url: str, path: str) -> httpx.URL:
    """`path` below the base URL, whose own path stays in front. Raises `UrlError`."""
    try:
        return httpx.URL(base_url.rstrip("/") + path)
    except (httpx.InvalidURL, ValueError):
        raise UrlError("no URL") from None


def same_origin_link(link: str, *, seen_at: httpx.URL) -> httpx.URL:
    """A link out of the answer to a request to `seen_at`, as RFC 3986 resolves it.

    Raises `UrlError` for another scheme, host or port: what an answer says must not decide who
    gets our credentials.
    """
    if not link.isprintable() or " " in link:
        raise UrlError("not a link")
    try:
        url = seen_at.join(link)
    except (httpx.InvalidURL, ValueError):
        raise UrlError("not a link") from None
    if _origin(url) != _origin(seen_at) or url.userinfo:
        raise UrlError("a link to another server")
    return url.copy_with(fragment=None)


def is_payment_link(url: str, *, local: bool) -> bool:
    """Whether a person may be sent there: https, or http on this machine for a `local` insurer.

    Of any other insurer a link to this machine is an attempt at what listens here.
    """
    parts = _split(url)
    if parts is None or not parts.hostname or "@" in parts.netloc:
        return False
    if is_loopback(parts.hostname):
        return local and parts.scheme in {"http", "https"}
    return parts.scheme == "https"


def said_in(url: str) -> Iterator[str]:
    """The values that the query and the fragment of a URL hold, decoded."""
    parts = urlsplit(url)
    for text in (parts.query, parts.fragment):
        for pair in re.split("[&;]", text):
            yield unquote_plus(pair.partition("=")[2] or pair)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    default = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, url.port or default


def _split(url: str) -> SplitResult | None:
    """None also for what parsers read in different ways."""
    if not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # checked only when it is read
    except ValueError:
        return None
    return parts
