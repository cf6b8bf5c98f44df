"""Expressions of a request that logs in: they see `secret`, what the table's `secrets` lead to."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import PlainValidator

from osago_daemon.insurers import attempts
from osago_daemon.insurers.auth.base import SECRETS
from osago_daemon.insurers.expressions import Expression, ExpressionError, Template
from osago_daemon.insurers.names import Known, did_you_mean
from osago_daemon.insurers.secrets import NOT_HERE
from osago_daemon.insurers.tables import Located, expression_over, template_over, texts_in

ROOT = "secret"
KNOWN = Known({ROOT: None, attempts.ROOT: Known(dict.fromkeys(attempts.NAMES, Known({})))})
_SOUNDS_SECRET = re.compile(r"passw|pwd|secret|token|api.?key|парол", re.IGNORECASE)
_PARTS = ("headers", "query", "form", "body", "xml", "soap_header")


LoginExpression = Annotated[Expression, PlainValidator(expression_over(KNOWN))]
LoginTemplate = Annotated[Template, PlainValidator(template_over(KNOWN))]


def name_problems(raw: Mapping[str, Any]) -> Iterator[Located]:
    """Secrets that `secrets` doesn't name, or that stand in the file as they are."""
    secrets = raw.get(SECRETS)
    known = [str(name) for name in secrets] if isinstance(secrets, Mapping) else []
    for part in _PARTS:
        for key, text in texts_in(raw.get(part), (part,)):
            try:
                expression = Expression(text, KNOWN)
            except ExpressionError:
                continue  # told by the expression's own check
            for name in sorted(expression.names_under(ROOT) - set(known)):
                hint = did_you_mean(name, known, before=f"{ROOT}.")
                yield key, f"{ROOT}.{name} is not in `{SECRETS}`{hint}"
            if expression.constant and _SOUNDS_SECRET.search(str(key[-1])):
                yield key, NOT_HERE
