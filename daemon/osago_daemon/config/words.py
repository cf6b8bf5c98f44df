"""What the JSON Schema says of each key: the docstring under the field, else the words here.

A field without either is found by a test.
"""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel

_WORDS: Mapping[str, str] = {
    "InsurerSpec.adapter": "The kind of adapter.",
    "InsurerSpec.enabled": "false leaves the insurer out. Its table is still checked.",
    "InsurerSpec.attempt_timeout_s": "Wall clock of one HTTP exchange, in seconds.",
    "InsurerSpec.retry": "What is tried again, how often, after how long.",
    "InsurerSpec.breaker": "When the insurer is left alone, and for how long.",
    "InsurerSpec.limits": "What the insurer allows.",
    "InsurerSpec.transport": "Certificates, proxy, size of an answer.",
    "RestSpec.base_url": "https://…; its own path stays in front of the steps' paths. "
    "Plain http goes to this machine only.",
    "RestSpec.allow_http": "Plain http to other machines. It carries personal data in clear.",
    "RestSpec.auth": "How to say who we are.",
    "RestSpec.create": "The request that starts an application, or asks for a price in one step.",
    "RestSpec.poll": "The request that asks for the offer of an application made before; "
    "left out for one-step insurers.",
    "RestSpec.offers": "For one answer with the offers of several insurers.",
    "RestSpec.answer": "How every answer is read.",
    "StepSpec.path": 'Below base_url, beginning with /; {id} is the kept value `id`. "{link}" is '
    "the kept value `link` itself, a URL or path out of an answer.",
    "PollSpec.method": "HTTP method.",
    "StepSpec.headers": "Name = expression. Null leaves the header out.",
    "StepSpec.query": "Name = expression. Null leaves it out, a list repeats it.",
    "StepSpec.body": "A JSON document: nested tables with expressions as values.",
    "StatesSpec.pending": "The offer comes later: ask again.",
    "StatesSpec.offer": "There is an offer.",
    "StatesSpec.preliminary": "There is an offer that is not final.",
    "StatesSpec.declined": "They do not insure this.",
    "StatesSpec.error": "Something broke on their side.",
    "AnswerSpec.state": "The insurer's word for the state: text, number or boolean. A list of "
    "expressions where there are several: the worst counts.",
    "AnswerSpec.states": "What the words of `state` mean; case does not matter.",
    "AnswerSpec.premium": 'A number, or text such as "12 345,67".',
    "AnswerSpec.money": "The unit of premium, base_rate and commission.",
    "AnswerSpec.base_rate": "An amount.",
    "AnswerSpec.coefficients": 'Name = expression: { kt = "body.kt" }.',
    "AnswerSpec.commission": "An amount.",
    "AnswerSpec.valid_until": "ISO date and time, YYYY-MM-DD (to its end), or seconds since 1970.",
    "AnswerSpec.payment_url": "https only.",
    "AnswerSpec.insurer_quote_id": "Text or a whole number.",
    "AnswerSpec.decline_message": "Their words: text, or a list of texts.",
    "AnswerSpec.decline_reasons": "Regular expression = reason. The first that matches wins.",
    "AnswerSpec.error_message": "Their words: text, or a list of texts.",
    "TransportSpec.ca_file": "Certificate authorities in place of the system's (PEM). "
    "Certificates are always verified.",
    "TransportSpec.client_cert": "Our own certificate (PEM).",
    "TransportSpec.client_key": "Its key (PEM); it may stand in the certificate's file.",
    "TransportSpec.proxy": "http://host:port, or a reference where it holds a password.",
    "TransportSpec.max_body_bytes": "No more is read of an answer.",
    "BearerAuth.token": "Where the token is.",
    "UserAuth.username": "Plain text or a reference.",
    "UserAuth.password": "Where the password is.",
    "AddressedAuth.path": "Where to log in, below base_url, beginning with /.",
    "AddressedAuth.url": "Where to log in, if that is not below base_url.",
    "LoginRequestAuth.method": "HTTP method.",
    "LoginRequestAuth.secrets": "Name = reference; expressions read it as `secret.NAME`.",
    "LoginRequestAuth.headers": "Name = expression.",
    "LoginRequestAuth.query": "Name = expression.",
    "LoginRequestAuth.form": "Name = expression, sent as a form.",
    "LoginRequestAuth.body": "A JSON document with expressions as values.",
    "LoginAuth.token": "Where the token stands in the answer.",
    "LoginAuth.expires_in": "Where the answer says for how many seconds it holds.",
    "LoginAuth.expires_at": "Where the answer says until when it holds.",
    "RenewingAuth.expires_in_s": "Seconds after which to log in again.",
    "RenewingAuth.log_in_again": "HTTP status codes that ask for a new login.",
    "OAuth2Auth.grant": "How the token is had.",
    "OAuth2Auth.client_id": "Plain text or a reference.",
    "OAuth2Auth.client_secret": "Where the client's secret is.",
    "OAuth2Auth.username": "For the password grant: plain text or a reference.",
    "OAuth2Auth.password": "For the password grant: where the password is.",
    "OAuth2Auth.scope": "What the token is to be good for, separated by spaces.",
    "OAuth2Auth.credentials": "Whether the client says who it is by Basic or in the body.",
    "ApiKeyAuth.name": "The name of the header or of the query's parameter.",
    "ApiKeyAuth.value": "Where the key is.",
    "ApiKeyAuth.place": "Whether the key goes into a header or into the query.",
    "RetryRule.retries": "How often it is tried again within one request.",
    "RetryRule.first_wait_s": "Seconds; doubles with each retry and is drawn between 0 and that.",
    "RetryNumbers.connect": "Nothing was sent: refused, no route, TLS.",
    "RetryNumbers.reset": "The connection broke after sending.",
    "RetryNumbers.timeout": "The attempt took too long.",
    "RetryNumbers.throttled": "429, or 503 with Retry-After.",
    "RetryNumbers.server_error": "500, 502, 503, 504.",
    "RetryNumbers.auth": "401, 403.",
    "LimitNumbers.per_second": "Requests in any second.",
    "LimitNumbers.per_minute": "Requests in any minute.",
}


def description(model: type[BaseModel], field: str) -> str | None:
    """Of one field, one paragraph; None where nobody has said anything."""
    if field == "kind":  # its one value says it
        return (inspect.getdoc(model) or "").partition("\n\n")[0] or None
    for base in model.__mro__:
        if (text := _WORDS.get(f"{base.__name__}.{field}")) is not None:
            return text
        if issubclass(base, BaseModel) and (text := _docstrings(base).get(field)) is not None:
            return text
    return None


@cache
def _docstrings(model: type[BaseModel]) -> Mapping[str, str]:
    """Field → the text that stands under it in the class's source."""
    if model is BaseModel:
        return {}
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    found: dict[str, str] = {}
    field: str | None = None
    for statement in body.body if isinstance(body, ast.ClassDef) else ():
        match statement:
            case ast.Expr(value=ast.Constant(value=str(text))) if field is not None:
                found[field] = " ".join(text.split())
                field = None
            case ast.AnnAssign(target=ast.Name(id=name)):
                field = name
            case _:
                field = None
    return found
