"""Secrets in the desktop's or another keyring, by the package `keyring` where it is installed."""

import importlib
from typing import Any

from osago_daemon.insurers.secrets.reference import SecretError, SecretRef


def password(reference: SecretRef) -> str:
    """The password of the entry; raises `SecretError`."""
    service, user = reference.entry
    try:
        found = _library(reference).get_password(service, user)
    except SecretError:
        raise
    except Exception as error:  # noqa: BLE001  # each backend has its own; texts may quote
        kind = type(error).__name__
        raise SecretError(f"{reference}: the keyring can't be asked: {kind}") from None
    if found is None:
        raise SecretError(
            f"{reference}: the keyring has no such entry: run keyring set SERVICE USER"
        )
    return str(found)


def _library(reference: SecretRef) -> Any:
    try:
        return importlib.import_module("keyring")
    except ModuleNotFoundError:
        raise SecretError(
            f"{reference} needs the Python package `keyring` beside osago: pip install keyring"
        ) from None
