"""Secrets by reference: insurers.toml says where a secret is, never what it is.

Owns references, where each kind leads, and what makes a secret unusable. A module per place.
"""

from osago_daemon.insurers.secrets.commands import Patience
from osago_daemon.insurers.secrets.fields import SecretReference, TextOrSecret
from osago_daemon.insurers.secrets.opened import OpenedSecrets
from osago_daemon.insurers.secrets.reference import NOT_HERE, SCHEMES, SecretError, SecretRef
from osago_daemon.insurers.secrets.resolving import Secrets

__all__ = [
    "NOT_HERE",
    "SCHEMES",
    "OpenedSecrets",
    "Patience",
    "SecretError",
    "SecretRef",
    "SecretReference",
    "Secrets",
    "TextOrSecret",
]
