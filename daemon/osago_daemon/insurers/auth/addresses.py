"""Where logins go: a path below the insurer's base URL, or a server of its own."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from osago_daemon.insurers import urls
from osago_daemon.insurers.auth.base import SECRETS, AuthTable
from osago_daemon.insurers.secrets import NOT_HERE
from osago_daemon.insurers.tables import Located
from osago_daemon.resilience.trouble import Trouble, TroubleKind


class AddressedAuth(AuthTable):
    """A login with an address: `path`, or `url` on another server."""

    path: str | None = None
    url: str | None = None

    @classmethod
    def raw_problems(cls, raw: Mapping[str, Any]) -> Iterator[Located]:
        """Not exactly one address, or one that nobody should log in at."""
        yield from super().raw_problems(raw)
        path, url = raw.get("path"), raw.get("url")
        if path is None and url is None:
            yield ("path",), "is missing: where to log in, below base_url (or `url`)"
        elif path is not None and url is not None:
            yield ("url",), "either `path`, below base_url, or `url`"
        if isinstance(path, str) and not urls.is_path(path):
            yield ("path",), "expected a path that begins with one /, such as /login"
        if isinstance(url, str):
            yield from _url_problems(url, raw)

    def address(self, base_url: str) -> httpx.URL:
        """Where to log in."""
        try:
            if self.url is not None:
                return httpx.URL(self.url)
            return urls.join(base_url, self.path or "/")
        except (urls.UrlError, httpx.InvalidURL, ValueError):
            text = "the address of the login makes no URL"
            raise Trouble(TroubleKind.MISCONFIGURED, text) from None


def _url_problems(url: str, raw: Mapping[str, Any]) -> Iterator[Located]:
    """The query may stand there, the rest is held to what a base URL is held to."""
    try:
        bare = urlsplit(url)._replace(query="").geturl()
    except ValueError:
        bare = ""
    text = urls.base_url_problem(bare, allow_http=False)
    if text is not None:
        if text.startswith("http "):  # allow_http is about the insurer's own address
            text = "http sends secrets in clear: use https"
        yield ("url",), text
        return
    if urls.is_loopback_url(url):
        return
    below = raw.get(SECRETS)
    for name, value in raw.items():
        if isinstance(value, str) and value.startswith("plain:"):
            yield (name,), NOT_HERE
    for name, value in below.items() if isinstance(below, Mapping) else ():
        if isinstance(value, str) and value.startswith("plain:"):
            yield (SECRETS, name), NOT_HERE
