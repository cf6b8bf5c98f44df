"""Everything a plug-in may use: adapters for what insurers.toml can't declare.

A plug-in is an installed package with an entry point of the group `osago.insurers`. Its name is
what insurers.toml says in `adapter = "NAME"`, its object an `AdapterKind`: a subclass of
`InsurerSpec`, the model of the table `[insurers.ID]`, and a function that builds an `Adapter` from
it. Two ways:

- `RestSpec` and `build_rest` are the declarative engine. A plug-in that is about who we are only
  has an `AuthTable` of its own as the type of `auth`; it builds an `Auth`: a `Session` for as long
  as the daemon runs, a `Visit` for each request, whose `headers()` are asked for every attempt.
- `Adapter` is one method, `quote(call)`. It sends through `Surroundings.transport`, every exchange
  inside `call.attempt`, `call.poll` or `call.log_in`, where deadline, retries, breaker and limits
  are; failures are a `Trouble`. What goes into an outcome's words passes `call.mask` first.

The contract:

- `PLUGIN_API` is a whole number. Names in `__all__`, their parameters, the fields and methods that
  their docstrings tell of and what these mean stay as they are while it stays. Names, optional
  parameters, members and fields with a default may come. What else changes raises it, and the
  changelog says how to follow. Other modules of osago may change at any time.
- An adapter runs in the daemon's event loop (asyncio by uvloop; anyio works): it never blocks and
  never gives up the thread late. Whatever it raises or returns costs its own call only, and is in
  the log as a number with places and without texts. A blocking one holds up everybody.
- `Surroundings.transport` verifies certificates, follows no redirect and is not to be closed. A
  plug-in that opens connections past it answers for both, and for the limits.
- Secrets are references in the table (`SecretReference`), found by `Surroundings.secrets`. Neither
  they nor anything personal may get into a `Trouble`, a log, or the text of an exception.
"""

from typing import Annotated, Any

from pydantic import PlainValidator

from osago_core.offer import Declined, DeclineReason, Offer, Outcome
from osago_daemon.insurers import urls
from osago_daemon.insurers.auth import Auth, Exit, Session, Visit
from osago_daemon.insurers.auth.base import AuthTable
from osago_daemon.insurers.errors import of_exception as trouble_of_exception
from osago_daemon.insurers.errors import of_status as trouble_of_status
from osago_daemon.insurers.port import Adapter, Call, NotYet, Several
from osago_daemon.insurers.registry import AdapterKind, Surroundings
from osago_daemon.insurers.rest import RestAdapter
from osago_daemon.insurers.rest_kind import build_rest
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import (
    SecretError,
    SecretRef,
    SecretReference,
    Secrets,
    TextOrSecret,
)
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.insurers.tables import Located, Table, value_problem
from osago_daemon.resilience.trouble import Trouble, TroubleKind

__all__ = [
    "PLUGIN_API",
    "Adapter",
    "AdapterKind",
    "Auth",
    "AuthTable",
    "Call",
    "DeclineReason",
    "Declined",
    "Exit",
    "InsurerSpec",
    "Located",
    "NotYet",
    "Offer",
    "Outcome",
    "RestAdapter",
    "RestSpec",
    "SecretError",
    "SecretRef",
    "SecretReference",
    "Secrets",
    "ServerUrl",
    "Session",
    "Several",
    "Surroundings",
    "Table",
    "TextOrSecret",
    "Trouble",
    "TroubleKind",
    "Visit",
    "build_rest",
    "trouble_of_exception",
    "trouble_of_status",
    "value_problem",
]

PLUGIN_API = 1


def _server_url(raw: Any) -> str:
    if not isinstance(raw, str):
        raise value_problem("expected a URL in quotes")
    text = urls.base_url_problem(raw, allow_http=False)
    if text is not None:
        raise value_problem(text)
    return raw


ServerUrl = Annotated[str, PlainValidator(_server_url)]
"""`https://…`, or plain http on this machine: the type of an adapter's own `base_url`."""
