"""Builds one step's HTTP request from the application, as its table says."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import httpx

from osago_daemon.insurers.auth import Auth
from osago_daemon.insurers.exact import for_json
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.functions import as_text
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.rest_spec import CreateSpec, PollSpec
from osago_daemon.insurers.tables import is_header_text
from osago_daemon.insurers.transport import FINAL

Header: TypeAlias = tuple[str, str]
HeadersByName: TypeAlias = dict[str, Header]
"""Lower-case name → header as it is written."""

_JSON = "Content-Type", "application/json"


class Prepared:
    """A request that can be sent any number of times. Full of personal data: not for logs."""

    __slots__ = ("_headers", "_request", "_signed")

    def __init__(
        self, method: str, url: httpx.URL, headers: Sequence[Header], content: bytes | None
    ) -> None:
        """`headers` without those that frame a message, which follow from the rest."""
        framing = [("Host", url.netloc.decode("ascii"))]
        if content or method != "GET":
            framing.append(("Content-Length", str(len(content or b""))))
        self._headers = [*framing, *headers]
        self._signed: tuple[Mapping[str, str], httpx.Request] | None = None
        # As a stream, because httpx then takes the headers as they are and looks for no others.
        self._request = httpx.Request(
            method,
            url,
            headers=self._headers,
            stream=httpx.ByteStream(content or b""),
            extensions={FINAL: True},
        )
        self._request.read()

    def request(self) -> httpx.Request:
        """The request for one attempt: always the same one, as no transport changes it."""
        return self._request

    def signed(self, headers: Mapping[str, str]) -> httpx.Request:
        """The request with these headers more, or in the place of its own of the same name.

        The same one as before as long as they are the same.
        """
        if not headers:
            return self._request
        if self._signed is None or self._signed[0] != headers:
            names = {name.lower() for name in headers}
            others = [pair for pair in self._headers if pair[0].lower() not in names]
            plain = self._request
            request = httpx.Request(
                plain.method,
                plain.url,
                headers=[*others, *headers.items()],
                stream=httpx.ByteStream(plain.content),
                extensions={FINAL: True},
            )
            request.read()
            self._signed = headers, request
        return self._signed[1]


class RequestBuilder:
    """Builds the requests of one step of one insurer."""

    def __init__(
        self, key: Key, step: CreateSpec | PollSpec, *, constants: Mapping[str, str], auth: Auth
    ) -> None:
        """`key` is where the step stands in the file.

        `constants` are headers sent with every request; the step's own and `auth` win.
        """
        self._key = key
        self._step = step
        self._constants = _by_name(constants)
        self._auth = auth
        self._auth_headers = _by_name(auth.headers)

    def build(self, url: httpx.URL, scope: Mapping[str, Any]) -> Prepared:
        """The request to `url`. `ExpressionError` names the key that can't be said."""
        headers = dict(self._constants)
        try:
            self._add_headers(headers, scope)
            query = [*self._query(scope), *self._auth.query.items()]
            content = self._content(scope)
            url = _with_query(url, query)
        except ExpressionError as error:
            raise error.under(*self._key) from None
        if content is not None:
            headers.setdefault("content-type", _JSON)
        headers.update(self._auth_headers)
        return Prepared(self._step.method, url, tuple(headers.values()), content)

    def _content(self, scope: Mapping[str, Any]) -> bytes | None:
        if self._step.body is None:
            return None
        try:
            return _json(self._step.body.render(scope))
        except ExpressionError as error:
            raise error.under("body") from None
        except (ValueError, TypeError):  # half a character in a constant, a function for a value
            raise ExpressionError("can't be written as JSON", ("body",)) from None

    def _add_headers(self, headers: HeadersByName, scope: Mapping[str, Any]) -> None:
        for name, expression in self._step.headers.items():
            key = ("headers", name)
            text = _text(_evaluated(expression, key, scope), key)
            if text is None:
                continue
            if not is_header_text(text):
                raise ExpressionError("a header holds printable ASCII only", key)
            headers[name.lower()] = name, text

    def _query(self, scope: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Parameters; null is left out, a list repeats its parameter."""
        pairs = []
        for name, expression in self._step.query.items():
            key = ("query", name)
            value = _evaluated(expression, key, scope)
            for item in value if isinstance(value, list) else [value]:
                text = _text(item, key)
                if text is not None:
                    pairs.append((name, text))
        return pairs


def _with_query(url: httpx.URL, query: list[tuple[str, str]]) -> httpx.URL:
    if not query:
        return url
    try:
        return url.copy_merge_params(httpx.QueryParams(tuple(query)))
    except (httpx.InvalidURL, UnicodeError):  # too long, or half a character
        raise ExpressionError("makes no URL", ("query",)) from None


def _evaluated(expression: Expression, key: Key, scope: Mapping[str, Any]) -> Any:
    try:
        return expression.evaluate(scope)
    except ExpressionError as error:
        raise error.under(*key) from None


def _text(value: object, key: Key) -> str | None:
    try:
        return as_text(value)
    except ValueError as error:
        raise ExpressionError(str(error), key) from None


def _by_name(headers: Mapping[str, str]) -> HeadersByName:
    return {name.lower(): (name, value) for name, value in headers.items()}


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=for_json
)


def _json(body: Any) -> bytes:
    """Compact UTF-8."""
    return _ENCODER.encode(body).encode()
