"""The term of the policy and the months of use within it."""

import calendar
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from osago_core.application.base import Model
from osago_core.application.fields.numbers import Months, PublicDay

EARLIEST_START_DAYS = 4
"""In practice an e-policy starts no earlier than the 4th day after the application."""

MONTHS_PER_YEAR = 12


def earliest_start(today: date) -> date:
    """Return the day on which a policy applied for today (Moscow) usually can start."""
    return today + timedelta(days=EARLIEST_START_DAYS)


def _start_date_may_be_left_out(schema: dict[str, Any]) -> None:
    schema["required"].remove("start_date")


class Period(Model):
    """`months` is the term; `use_months` how many of them the vehicle is used (same by default).

    `start_date` may be left out of what users write: `check` fills it in.
    """

    model_config = ConfigDict(json_schema_extra=_start_date_may_be_left_out)

    start_date: Annotated[PublicDay, Field(description="Default: the 4th day after today.")]
    months: Months = MONTHS_PER_YEAR
    use_months: Months = Field(default_factory=lambda period: period["months"])

    @property
    def end_date(self) -> date:
        """The last insured day: the day before the start date's namesake, `months` later.

        Where that month has no such day, its last day.
        """
        months = self.start_date.month - 1 + self.months
        year, month = self.start_date.year + months // MONTHS_PER_YEAR, months % MONTHS_PER_YEAR + 1
        last = calendar.monthrange(year, month)[1]
        if self.start_date.day > last:
            return date(year, month, last)
        return date(year, month, self.start_date.day) - timedelta(days=1)
