"""Builds one step's HTTP request from the application, as its table says."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import httpx

from osago_daemon.insurers import urls
from osago_daemon.insurers.auth import Auth
from osago_daemon.insurers.bodies import Content, evaluated, pairs_of, text_of, writer_of
from osago_daemon.insurers.expressions import ExpressionError
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.step_spec import StepSpec
from osago_daemon.insurers.tables import is_header_text
from osago_daemon.insurers.transport import FINAL

Header: TypeAlias = tuple[str, str]
HeadersByName: TypeAlias = dict[str, Header]
"""Lower-case name → header as it is written."""


class Prepared:
    """A request that can be sent any number of times. Full of personal data: not for logs."""

    __slots__ = ("_headers", "_request", "_signed")

    def __init__(
        self, method: str, url: httpx.URL, headers: Sequence[Header], content: bytes | None
    ) -> None:
        """`headers` without those that frame a message, which follow from the rest."""
        self._headers = headers
        self._signed: tuple[Mapping[str, str], httpx.Request] | None = None
        self._request = _request(method, url, headers, content)

    def request(self) -> httpx.Request:
        """The request for one attempt: always the same one, as no transport changes it."""
        return self._request

    def signed(self, headers: Mapping[str, str], content: bytes | None = None) -> httpx.Request:
        """The request with these headers more, or in the place of its own of the same name.

        `content`: in the place of its own. The same one as before as long as they are the same.
        """
        if content is not None:
            return self._with(headers, content)
        if not headers:
            return self._request
        if self._signed is None or self._signed[0] != headers:
            self._signed = headers, self._with(headers, self._request.content)
        return self._signed[1]

    def _with(self, headers: Mapping[str, str], content: bytes) -> httpx.Request:
        names = {name.lower() for name in headers}
        others = [pair for pair in self._headers if pair[0].lower() not in names]
        plain = self._request
        return _request(plain.method, plain.url, [*others, *headers.items()], content)

    def see_other(self, url: httpx.URL) -> "Prepared":
        """The `GET` that a redirect asks for."""
        plain = [pair for pair in self._headers if not pair[0].lower().startswith("content-")]
        return Prepared("GET", url, plain, None)


def _request(
    method: str, url: httpx.URL, headers: Sequence[Header], content: bytes | None
) -> httpx.Request:
    framing = [("Host", url.netloc.decode("ascii"))]
    if content or method != "GET":
        framing.append(("Content-Length", str(len(content or b""))))
    # As a stream, because httpx then takes the headers as they are and looks for no others.
    request = httpx.Request(
        method,
        url,
        headers=[*framing, *headers],
        stream=httpx.ByteStream(content or b""),
        extensions={FINAL: True},
    )
    request.read()
    return request


class RequestBuilder:
    """Builds the requests of one step of one insurer."""

    def __init__(
        self, key: Key, step: StepSpec, *, constants: Mapping[str, str], auth: Auth
    ) -> None:
        """`key` is where the step stands in the file.

        `constants` are headers sent with every request; the step's own and `auth` win.
        """
        self._key = key
        self._step = step
        self._write = writer_of(step)
        self._constants = _by_name(constants)
        self._auth = auth
        self._auth_headers = _by_name(auth.headers)
        self._signs = any(e.names_under("request") for e in step.headers.values())
        self.changes = any(
            not {"auth", "attempt"}.isdisjoint(expression.roots())
            for expression in step.expressions()
        )
        """Whether something stands in it that is another one with each attempt."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """What says who we are in the query of every request."""
        return self._auth.query

    def path_values(self, scope: Mapping[str, Any]) -> dict[str, str]:
        """What `path_params` come to; `ExpressionError` names the one that can't be said."""
        found = {}
        for name, expression in self._step.path_params.items():
            key = ("path_params", name)
            try:
                text = text_of(evaluated(expression, key, scope), key)
            except ExpressionError as error:
                raise error.under(*self._key) from None
            if not text:
                raise ExpressionError("has no value", (*self._key, *key))
            found[name] = text
        return found

    def build(self, url: httpx.URL, scope: Mapping[str, Any]) -> Prepared:
        """The request to `url`. `ExpressionError` names the key that can't be said."""
        headers = dict(self._constants)
        try:
            query = [*pairs_of(self._step.query, ("query",), scope), *self._auth.query.items()]
            url = _with_query(url, query)
            content = self._write(scope)
            for name, header in _by_name(content.headers).items():
                if name not in headers or "boundary=" in header[1]:
                    headers[name] = header
            self._add_headers(headers, self._with_request(url, content, scope))
        except ExpressionError as error:
            raise error.under(*self._key) from None
        headers.update(self._auth_headers)
        return Prepared(self._step.method, url, tuple(headers.values()), content.body)

    def _with_request(
        self, url: httpx.URL, content: Content, scope: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """For headers that sign what is sent."""
        if not self._signs:
            return scope
        sent = {
            "method": self._step.method,
            "path": url.raw_path.decode("ascii"),
            "body": (content.body or b"").decode(errors="replace"),
        }
        return {**scope, "request": sent}

    def _add_headers(self, headers: HeadersByName, scope: Mapping[str, Any]) -> None:
        for name, expression in self._step.headers.items():
            key = ("headers", name)
            text = text_of(evaluated(expression, key, scope), key)
            if text is None:
                continue
            if not is_header_text(text):
                raise ExpressionError("a header holds printable ASCII only", key)
            headers[name.lower()] = name, text


def filled(path: str, values: Mapping[str, object]) -> str:
    """The path with its placeholders filled; raises `UrlError`, and KeyError for a missing one."""
    texts = {}
    for name in urls.placeholders(path):
        text = text_of(values[name], (name,))
        if not text:
            raise urls.UrlError("an empty value")
        texts[name] = text
    return urls.fill(path, texts)


def _with_query(url: httpx.URL, query: list[tuple[str, str]]) -> httpx.URL:
    if not query:
        return url
    try:
        return url.copy_merge_params(httpx.QueryParams(tuple(query)))
    except (httpx.InvalidURL, UnicodeError):  # too long, or half a character
        raise ExpressionError("makes no URL", ("query",)) from None


def _by_name(headers: Mapping[str, str]) -> HeadersByName:
    return {name.lower(): (name, value) for name, value in headers.items()}
