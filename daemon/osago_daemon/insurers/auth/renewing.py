"""What all kinds with a login have: when it is due again."""

from typing import Annotated, TypeAlias

from pydantic import Field
from pydantic.types import Strict

from osago_daemon.insurers.auth.base import AuthTable
from osago_daemon.insurers.auth.sessions import Refusals
from osago_daemon.insurers.auth.tokens import MAX_LIFE_S
from osago_daemon.insurers.tables import AnswerExpression

Status: TypeAlias = Annotated[int, Field(ge=300, le=599)]
LifeSeconds: TypeAlias = Annotated[float, Field(gt=0, le=MAX_LIFE_S, allow_inf_nan=False)]


class RenewingAuth(AuthTable):
    """A login that ends."""

    expires_in_s: LifeSeconds | None = None
    log_in_again: Annotated[tuple[Status, ...], Strict(strict=False)] = (401,)
    log_in_again_if: AnswerExpression | None = None
    """Over any answer, for those that say it inside a 200."""

    @property
    def refusals(self) -> Refusals:
        """Which answers ask for a new login."""
        return Refusals(self.log_in_again, self.log_in_again_if)
