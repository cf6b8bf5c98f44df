"""What the tariff has to say of outcomes: a port, so that asking knows no tariff.

Findings are made once, where an outcome is made, and kept with it. A mistake in them costs nobody
the outcome.
"""

from collections.abc import Callable
from datetime import date
from typing import Protocol, TypeAlias

from osago_core.application import Application
from osago_core.offer import Outcome
from osago_core.wire.tariff import Findings
from osago_daemon.telemetry.bugs import report_bug


class Appraisal(Protocol):
    """Of one application, on one day."""

    def of(self, insurer: str, outcome: Outcome) -> Findings | None:
        """What is to be said of an outcome that was just obtained; None: nothing."""


Appraiser: TypeAlias = Callable[[Application, date], Appraisal]
"""For an application, on a Moscow day. Must cost nothing before the first outcome."""


class _Silent:
    def of(self, insurer: str, outcome: Outcome) -> None:
        del insurer, outcome


def silent(application: Application, day: date) -> Appraisal:
    """Has nothing to say."""
    del application, day
    return _Silent()


def findings_of(appraisal: Appraisal, insurer: str, outcome: Outcome) -> Findings | None:
    """What it says. Never raises."""
    try:
        return appraisal.of(insurer, outcome)
    except Exception as bug:  # noqa: BLE001  # costs nobody the outcome
        report_bug(bug, insurer=insurer)
        return None
