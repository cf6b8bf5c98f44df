"""Does something at the n-th step of one run's tasks: between any two of its awaits."""

from collections.abc import Callable
from typing import Any

import trio

from tests.simulation.world import QUOTE


class AtStep(trio.abc.Instrument):
    """Counts the steps of the tasks that belong to one client's runs, and acts at the n-th."""

    def __init__(self, client: str, nth: int, act: Callable[[], None], *, woken: bool) -> None:
        """`nth` counts from 1; 0 only counts.

        `woken`: act when the task's wait is over and it has not run yet, else when it waits again.
        """
        self.steps = 0
        self._client = client
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
        quote = task.context.get(QUOTE)
        if quote is None or quote.client != self._client:
            return
        self.steps += 1
        if self.steps == self._nth:
            self._act()
