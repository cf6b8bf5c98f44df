"""A request and an answer as they are shown: masked, with what is of interest of their headers."""

import html
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import httpx

from osago_core.application import MASK
from osago_daemon.insurers.responses import headers_of
from osago_daemon.insurers.tables import is_secret_header
from osago_daemon.trying import bodies
from osago_daemon.trying.masking import SECRET_NAME, Masker, is_placeholder

FRAMING = frozenset({"host", "content-length", "user-agent", "accept-encoding"})
"""Of requests; of answers those that say how they travelled, and of what they are not about."""
BORING = frozenset(
    {
        "age",
        "alt-svc",
        "cache-control",
        "connection",
        "content-length",
        "content-security-policy",
        "date",
        "etag",
        "expires",
        "keep-alive",
        "nel",
        "permissions-policy",
        "pragma",
        "referrer-policy",
        "report-to",
        "server",
        "strict-transport-security",
        "transfer-encoding",
        "vary",
        "via",
        "x-content-type-options",
        "x-frame-options",
        "x-powered-by",
        "x-xss-protection",
    }
)
_SCHEME = re.compile(r"(Bearer|Basic|Digest|Token|OAuth)\s+\S", re.IGNORECASE)
_WORDS = frozenset({"bearer", "basic", "token", "mac", "ok", "success", "true", "false", "error"})
_NO_TOKEN = re.compile(r"[\d\s:.,TZ+-]*")  # a number, a date and time
_MIN_TOKEN_CHARS, _LONG_TOKEN_CHARS = 4, 16
_ELEMENT = re.compile(r"<(?:\w+:)?(?P<name>\w+)(?:\s[^>]*)?>(?P<text>[^<]+)<")


def request_shown(request: httpx.Request, masker: Masker) -> dict[str, Any]:
    """`{"method", "url", "headers", "body"}`."""
    headers = {
        name: _header(name, value, masker)
        for name, value in _pairs(request.headers)
        if name.lower() not in FRAMING
    }
    content_type = request.headers.get("content-type", "")
    return {
        "method": request.method,
        "url": url_shown(request.url, masker),
        "headers": headers,
        "body": bodies.shown(request.content, content_type, masker).document(),
    }


def answer_shown(response: httpx.Response, masker: Masker, *, login: bool) -> dict[str, Any]:
    """`{"status", "headers", "body"}`; of a login without what it gives."""
    if login:
        masker.learn(*tokens_of(response, masker.also))
    masker.learn(*cookies_of(response))
    headers = {
        name: _header(name, value, masker)
        for name, value in headers_of(response).items()
        if name not in BORING
    }
    content_type = response.headers.get("content-type", "")
    return {
        "status": response.status_code,
        "headers": headers,
        "body": bodies.shown(response.content, content_type, masker).document(),
    }


def url_shown(url: httpx.URL, masker: Masker) -> str:
    """The URL with every part of its path and query masked."""
    parts = [masker.text(unquote(part)) for part in url.raw_path.decode().split("?")[0].split("/")]
    path = "/".join(_quoted(part) for part in parts)
    query = "&".join(
        f"{masker.text(name)}={_quoted(masker.value(value, name))}"
        for name, value in parse_qsl(url.query.decode(), keep_blank_values=True)
    )
    origin = f"{url.scheme}://{url.netloc.decode()}"
    return f"{origin}{path}?{query}" if query else f"{origin}{path}"


def link_shown(link: str) -> str:
    """A payment link without what opens it: whoever has it sees the contract."""
    try:
        url = httpx.URL(link)
    except httpx.InvalidURL:
        return MASK
    return f"{url.scheme}://{url.netloc.decode()}/{MASK}" if url.host else MASK


def cookies_of(response: httpx.Response) -> Iterable[str]:
    """The values that it sets."""
    for line in response.headers.get_list("set-cookie"):
        _, _, value = line.partition(";")[0].partition("=")
        if len(value.strip()) >= _MIN_TOKEN_CHARS:
            yield value.strip()


def tokens_of(response: httpx.Response, mask: Callable[[str], str] | None = None) -> Iterable[str]:
    """What of a login's answer may be a token: any text that is no word, number or date.

    `mask` knows those that are in use, whatever they look like.
    """
    for _, text in _texts(response):
        if _may_be_token(text) or (mask is not None and mask(text) != text):
            yield text


def named_secrets_of(response: httpx.Response) -> Iterable[str]:
    """What stands under a name that says that it opens something, such as `sessionId`."""
    for name, text in _texts(response):
        long = any(map(str.isdigit, text)) or len(text) >= _LONG_TOKEN_CHARS
        if SECRET_NAME.search(name) and _may_be_token(text) and long:
            yield text


def _texts(response: httpx.Response) -> Iterable[tuple[str, str]]:
    """Every text of an answer and the name that it stands under."""
    try:
        yield from _leaves(response.json(), "")
    except ValueError:
        for found in _ELEMENT.finditer(response.text):
            yield found["name"], html.unescape(found["text"].strip())


def _leaves(value: Any, name: str) -> Iterable[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _leaves(item, key)
        case list():
            for item in value:
                yield from _leaves(item, name)
        case str():
            yield name, value


def _may_be_token(text: str) -> bool:
    if len(text) < _MIN_TOKEN_CHARS or not text.isascii() or any(c.isspace() for c in text):
        return False
    return text.lower() not in _WORDS and not _NO_TOKEN.fullmatch(text)


def _pairs(headers: httpx.Headers) -> Iterable[tuple[str, str]]:
    """As they are written."""
    for name, value in headers.raw:
        yield name.decode(headers.encoding), value.decode(headers.encoding)


_A_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*:/)?/", re.IGNORECASE)
"""A value that is one, not such as names one: `…; action="http://…"` is no link."""


def _header(name: str, value: str, masker: Masker) -> str:
    if name.lower() == "set-cookie":
        return re.sub(r"(^|, )([^=;,\s]+)=[^;]*", rf"\1\2={MASK}", value)
    if is_secret_header(name) and name.lower() != "www-authenticate" and not is_placeholder(value):
        scheme = _SCHEME.match(value)
        return f"{scheme[1]} {MASK}" if scheme else MASK
    if SECRET_NAME.search(name):
        return MASK
    if _A_LINK.match(value):
        try:
            return _link(value, masker)
        except httpx.InvalidURL:
            return masker.text(value)
    return masker.text(value)


def _link(value: str, masker: Masker) -> str:
    url = httpx.URL(value)
    if url.host:
        return url_shown(url, masker)
    shown = url_shown(httpx.URL("http://x").join(value), masker)
    return shown.removeprefix("http://x")


def _quoted(part: Any) -> str:
    """Readable, but one part."""
    text = str(part)
    return text if is_placeholder(text) else quote(text, safe="*{}:,;@!$'()~").replace("%2A", "*")
