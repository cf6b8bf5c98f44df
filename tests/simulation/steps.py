"""Does something at the n-th step of some tasks: between any two of their awaits."""

from collections.abc import Callable
from typing import Any

import trio

from tests.simulation.world import QUOTE


class AtStep(trio.abc.Instrument):
    """Counts the steps of the tasks that are meant, and acts at the n-th."""

    def __init__(
        self,
        meant: Callable[[Any], bool],
        nth: int,
        act: Callable[[], None],
        *,
        woken: bool,
    ) -> None:
        """`meant` gets a task's context. `nth` counts from 1; 0 only counts.

        `woken`: act when the task's wait is over and it has not run yet, else when it waits again.
        """
        self.steps = 0
        self._meant = meant
        self._nth = nth
        self._act = act
        self._woken = woken

    def before_task_step(self, task: Any) -> None:
        """Trio calls this when a task is about to run."""
        if self._woken:
            self._count(task)

    def after_task_step(self, task: Any) -> None:
        """Trio calls this when a task has run up to its next await, or to its end."""
        if not self._woken:
            self._count(task)

    def _count(self, task: Any) -> None:
        if not self._meant(task.context):
            return
        self.steps += 1
        if self.steps == self._nth:
            self._act()


def of_client(client: str) -> Callable[[Any], bool]:
    """The tasks that belong to one client's runs."""

    def meant(context: Any) -> bool:
        quote = context.get(QUOTE)
        return quote is not None and quote.client == client

    return meant
