"""The request that logs in, as a table says: GET or POST, JSON or a form, over secrets."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Literal
from urllib.parse import quote, quote_plus, urlencode

import httpx
from pydantic import Field

from osago_daemon.insurers import attempts
from osago_daemon.insurers.auth.addresses import AddressedAuth
from osago_daemon.insurers.auth.login_answers import LoginAnswers
from osago_daemon.insurers.auth.login_expressions import (
    ROOT,
    LoginExpression,
    LoginTemplate,
    name_problems,
)
from osago_daemon.insurers.bodies import FORM, json_of, pairs_of
from osago_daemon.insurers.expressions import ExpressionError
from osago_daemon.insurers.secrets import SecretReference, Secrets
from osago_daemon.insurers.tables import (
    AnswerExpression,
    HeaderValue,
    Located,
    is_framing_header,
    is_header_name,
    is_header_text,
)
from osago_daemon.insurers.xml import render_xml, step_problems, xml_headers
from osago_daemon.resilience.trouble import Trouble, TroubleKind


class LoginRequestAuth(AddressedAuth):
    """What is sent to log in. `secret.NAME` of an expression is what `secrets.NAME` leads to."""

    method: Literal["POST", "GET"] = "POST"
    secrets: Mapping[str, SecretReference] = Field(default_factory=dict)
    headers: Mapping[str, LoginExpression] = Field(default_factory=dict)
    query: Mapping[str, LoginExpression] = Field(default_factory=dict)
    form: Mapping[str, LoginExpression] | None = None
    body: LoginTemplate | None = None
    xml: LoginTemplate | None = None
    """An XML document in place of JSON; the answer is XML too."""
    soap: Literal["1.1", "1.2"] | None = None
    """The version of SOAP; the document is then the content of the envelope's body."""
    action: HeaderValue | None = None
    """The SOAP action."""
    namespaces: Mapping[str, str] = Field(default_factory=dict)
    """Prefix = URI."""
    soap_header: LoginTemplate | None = None
    """The content of the envelope's header."""
    refused_if: AnswerExpression | None = None
    """Over the answer: true says that they refuse who we are, whatever the HTTP status."""
    error_message: AnswerExpression | None = None
    """Over the answer: what they say where it is no good one."""

    # Secrets of a body travel in UTF-8; one that goes to a header is checked when it is written.
    ascii_only = False

    @classmethod
    def raw_problems(cls, raw: Mapping[str, Any]) -> Iterator[Located]:
        """Two bodies, a body that can't be sent, names that are none, secrets in the file."""
        yield from super().raw_problems(raw)
        yield from name_problems(raw)
        bodies = [part for part in ("form", "body", "xml") if part in raw]
        if len(bodies) > 1:
            yield (bodies[0],), "one of `form`, `body` (JSON) and `xml`"
        yield from step_problems(raw)
        if raw.get("method") == "GET":
            for part in bodies:
                yield (part,), "GET sends no body: use `query`, or POST"
        headers = raw.get("headers")
        for name in headers if isinstance(headers, Mapping) else ():
            if not is_header_name(name):
                yield ("headers", name), "not the name of a header"
            elif is_framing_header(name):
                yield ("headers", name), "this header is written by the transport"

    def secret_values(self, secrets: Secrets) -> dict[str, str]:
        """Name → secret; raises `SecretError`."""
        return {name: self.secret(reference, secrets) for name, reference in self.secrets.items()}

    @staticmethod
    def hidden(values: Mapping[str, str]) -> tuple[str, ...]:
        """The secrets in every form in which they go out and may come back."""
        forms = (f(s) for s in values.values() for f in (str, quote_plus, partial(quote, safe="")))
        return tuple(dict.fromkeys(forms))

    @property
    def answers(self) -> LoginAnswers:
        """How what they answer is read."""
        return LoginAnswers(self.refused_if, self.error_message, self.xml is not None)

    def request(self, base_url: str, values: Mapping[str, str], now: datetime) -> httpx.Request:
        """The request over these secrets; raises `Trouble`, which names the key at fault."""
        try:
            scope = {ROOT: dict(values), attempts.ROOT: attempts.attempt_at(now)}
            return self._request(base_url, scope)
        except ExpressionError as error:
            raise Trouble(TroubleKind.MISCONFIGURED, str(error.under("auth"))) from None

    def _request(self, base_url: str, scope: Mapping[str, Any]) -> httpx.Request:
        headers = {"Accept": "application/json"}
        content = b""
        if self.form is not None:
            headers["Content-Type"] = FORM
            content = urlencode(
                list(pairs_of(self.form, ("form",), scope)), errors="replace"
            ).encode()
        elif self.body is not None:
            headers["Content-Type"] = "application/json"
            content = json_of(self.body, scope, ("body",))
        elif self.xml is not None:
            headers["Accept"] = "text/xml, application/xml"
            headers |= xml_headers(self.soap, self.action)
            templates = {"xml": self.xml, "soap_header": self.soap_header}
            content = render_xml(templates, scope, namespaces=self.namespaces, soap=self.soap)
        for name, text in pairs_of(self.headers, ("headers",), scope):
            if not is_header_text(text):
                raise ExpressionError("a header holds printable ASCII only", ("headers", name))
            headers = {n: v for n, v in headers.items() if n.lower() != name.lower()}
            headers[name] = text
        url = self.address(base_url)
        query = list(pairs_of(self.query, ("query",), scope))
        if query:
            try:
                url = url.copy_merge_params(httpx.QueryParams(tuple(query)))
            except (httpx.InvalidURL, UnicodeError):
                raise ExpressionError("makes no URL", ("query",)) from None
        return httpx.Request(self.method, url, headers=headers, content=content)
