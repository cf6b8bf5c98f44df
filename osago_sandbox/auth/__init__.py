"""How insurers want to know who asks. The secrets are public: they open a sandbox."""

from osago_sandbox.auth.base import Auth, Guard, Refused
from osago_sandbox.auth.digest import Digest
from osago_sandbox.auth.login import Login, Tokens
from osago_sandbox.auth.standing import Basic, Bearer, HeaderKey, Open, QueryKey
from osago_sandbox.auth.ws_security import WsSecurity

__all__ = [
    "Auth",
    "Basic",
    "Bearer",
    "Digest",
    "Guard",
    "HeaderKey",
    "Login",
    "Open",
    "QueryKey",
    "Refused",
    "Tokens",
    "WsSecurity",
]
