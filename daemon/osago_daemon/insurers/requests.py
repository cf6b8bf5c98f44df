"""Builds one step's HTTP request from the application, as its table says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from osago_daemon.insurers.auth import Auth
from osago_daemon.insurers.exact import for_json
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.functions import as_text
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.rest_spec import CreateSpec, PollSpec
from osago_daemon.insurers.tables import is_header_text


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that can be sent any number of times. Full of personal data: not for logs."""

    method: str
    url: httpx.URL = field(repr=False)
    headers: httpx.Headers = field(repr=False)
    content: bytes | None = field(repr=False)

    def request(self) -> httpx.Request:
        """A fresh request for one attempt."""
        return httpx.Request(self.method, self.url, headers=self.headers, content=self.content)


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
        self._constants = constants
        self._auth = auth

    def build(self, url: httpx.URL, scope: Mapping[str, Any]) -> Prepared:
        """The request to `url`. `ExpressionError` names the key that can't be said."""
        headers = httpx.Headers(dict(self._constants))
        try:
            headers.update(self._headers(scope))
            query = [*self._query(scope), *self._auth.query.items()]
            content = self._content(scope)
            url = _with_query(url, query)
        except ExpressionError as error:
            raise error.under(*self._key) from None
        if content is not None:
            headers.setdefault("Content-Type", "application/json")
        headers.update(self._auth.headers)
        return Prepared(self._step.method, url, headers, content)

    def _content(self, scope: Mapping[str, Any]) -> bytes | None:
        if self._step.body is None:
            return None
        try:
            return _json(self._step.body.render(scope))
        except ExpressionError as error:
            raise error.under("body") from None
        except (ValueError, TypeError):  # half a character in a constant, a function for a value
            raise ExpressionError("can't be written as JSON", ("body",)) from None

    def _headers(self, scope: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        for name, expression in self._step.headers.items():
            key = ("headers", name)
            text = _text(_evaluated(expression, key, scope), key)
            if text is None:
                continue
            if not is_header_text(text):
                raise ExpressionError("a header holds printable ASCII only", key)
            found[name] = text
        return found

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


def _json(body: Any) -> bytes:
    """Compact UTF-8."""
    text = json.dumps(
        body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=for_json
    )
    return text.encode()
