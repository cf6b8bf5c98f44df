"""What an answer to a login says beside the token: whether they refuse who we are, and why."""

from dataclasses import dataclass

import httpx

from osago_daemon.insurers import values
from osago_daemon.insurers.auth.tokens import evaluated, scope_of
from osago_daemon.insurers.expressions import Expression


@dataclass(frozen=True, slots=True)
class LoginAnswers:
    """How they are read, as far as the table says so."""

    refused_if: Expression | None = None
    error_message: Expression | None = None
    xml: bool = False

    def refuse(self, response: httpx.Response) -> bool:
        """Whether one says that they don't accept who we are, whatever its status."""
        if self.refused_if is None:
            return False
        return bool(evaluated(self.refused_if, scope_of(response, xml=self.xml)))

    def words(self, response: httpx.Response) -> str:
        """What they say of an error; it may repeat anything that was sent."""
        if self.error_message is None:
            return ""
        said = evaluated(self.error_message, scope_of(response, xml=self.xml))
        try:
            return "" if said is None else values.words(said)
        except ValueError:
            return ""
