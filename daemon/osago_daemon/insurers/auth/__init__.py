"""Who we are towards an insurer: the `auth` table, and what it adds to each request.

A module per kind. Kinds that log in share one login among all calls (`session.py`); what a kind may
not know is the application, the steps, or when a request is tried again.
"""

from typing import Annotated, TypeAlias

from pydantic import Field

from osago_daemon.insurers.auth.api_key import ApiKeyAuth
from osago_daemon.insurers.auth.base import Auth, reference_problems
from osago_daemon.insurers.auth.basic import BasicAuth
from osago_daemon.insurers.auth.bearer import BearerAuth
from osago_daemon.insurers.auth.cookie import CookieAuth
from osago_daemon.insurers.auth.digest import DigestAuth
from osago_daemon.insurers.auth.login import LoginAuth
from osago_daemon.insurers.auth.none import NoAuth
from osago_daemon.insurers.auth.oauth2 import OAuth2Auth
from osago_daemon.insurers.auth.visits import Exit, Session, Visit
from osago_daemon.insurers.auth.ws_security import WsSecurityAuth, soap_problems

__all__ = [
    "ApiKeyAuth",
    "Auth",
    "AuthSpec",
    "BasicAuth",
    "BearerAuth",
    "CookieAuth",
    "DigestAuth",
    "Exit",
    "LoginAuth",
    "NoAuth",
    "OAuth2Auth",
    "Session",
    "Visit",
    "WsSecurityAuth",
    "reference_problems",
    "soap_problems",
]

AuthSpec: TypeAlias = Annotated[
    NoAuth
    | BearerAuth
    | BasicAuth
    | ApiKeyAuth
    | DigestAuth
    | LoginAuth
    | OAuth2Auth
    | CookieAuth
    | WsSecurityAuth,
    Field(discriminator="kind"),
]
