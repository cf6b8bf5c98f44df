"""References as values of a table."""

from typing import Annotated, Any

from pydantic import PlainValidator

from osago_daemon.insurers.secrets.reference import NOT_HERE, SCHEMES, SecretRef
from osago_daemon.insurers.tables import value_problem


def _secret_ref(raw: Any) -> SecretRef:
    if isinstance(raw, SecretRef):
        return raw
    if not isinstance(raw, str):
        raise value_problem(NOT_HERE)
    try:
        return SecretRef.parse(raw)
    except ValueError as error:
        raise value_problem(str(error)) from None


SecretReference = Annotated[SecretRef, PlainValidator(_secret_ref)]


def _text_or_secret(raw: Any) -> SecretRef | str:
    if isinstance(raw, str) and raw and raw.partition(":")[0] not in SCHEMES:
        return raw
    return _secret_ref(raw)


TextOrSecret = Annotated[SecretRef | str, PlainValidator(_text_or_secret)]
"""Something that is no secret in itself, such as a user name, but may stand beside one."""
