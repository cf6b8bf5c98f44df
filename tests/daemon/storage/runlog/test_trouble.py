"""Any history of full disks, kills in the middle of a step and restarts: never a wrong number."""

import errno
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.daemon.storage.runlog.logs import Logs

RUNS = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("event"), RUNS),
        st.tuples(st.just("event"), RUNS),
        st.tuples(st.just("over"), RUNS),
        st.tuples(st.just("wait"), st.just(70)),
        st.tuples(st.just("room"), st.integers(0, 1500)),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("kill"), st.integers(0, 12)),
    ),
    max_size=40,
)
PLENTY = 10**9


class _KilledError(BaseException):
    """The daemon is no more."""


class _Disk:
    """Takes so many bytes more; ends the daemon before the so-manieth change from now."""

    def __init__(self):
        self.room = PLENTY
        self.killed_in = PLENTY
        self._write, self._unlink, self._fchmod = os.write, os.unlink, os.fchmod

    @contextmanager
    def in_place(self):
        with (
            patch.object(os, "write", self.write),
            patch.object(os, "unlink", self.unlink),
            patch.object(os, "fchmod", self.fchmod),
        ):
            yield

    def write(self, descriptor, data):
        self._one_more(lambda: self._write(descriptor, data[: min(len(data) // 2, self.room)]))
        written = self._write(descriptor, data[: self.room])
        self.room -= written
        if not written:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written

    def unlink(self, *args, **kwargs):
        self._one_more()
        self._unlink(*args, **kwargs)

    def fchmod(self, *args):
        self._one_more()
        self._fchmod(*args)

    def _one_more(self, last_deed=lambda: None):
        self.killed_in -= 1
        if self.killed_in < 0:
            last_deed()
            raise _KilledError


class _Daemon:
    """Does the steps, and knows for each run what its watchers have heard."""

    def __init__(self, place):
        self.logs = Logs(place / "runs")
        self.disk = _Disk()
        self.ever_short = False
        self.heard = {}
        self.begun = 0
        self.told = 0
        self.restart()

    def do(self, step, number):
        try:
            with self.disk.in_place():
                getattr(self, step)(number)
        except _KilledError:
            self.restart()

    def room(self, number):
        self.disk.room = number if number < 1000 else PLENTY
        self.ever_short = True

    def wait(self, seconds):
        self.logs.wait(seconds)

    def kill(self, after_changes):
        self.disk.killed_in = after_changes

    def event(self, which):
        self.told += 1
        line = b"event %d" % self.told
        if which not in self.current:
            self.begun += 1
            self.current[which] = run = f"run{self.begun}"
            self.writers[run] = self.logs.begin(self.log, run, in_s=100_000)
            self.heard[run] = ((), False)
        run = self.current[which]
        self.about = (run, (*self.heard[run][0], line), False)
        self.writers[run].events([line])
        self.heard[run] = self.about[1:]

    def over(self, which):
        if which in self.current:
            run = self.current.pop(which)
            self.about = (run, self.heard[run][0], True)
            self.writers[run].over()
            self.heard[run] = self.about[1:]

    def restart(self, _=0):
        self.about = getattr(self, "about", ("", (), False))
        self.disk.killed_in = PLENTY
        self.log = self.logs.open()
        runs = self.log.recover()
        for run in runs:
            state = (run.lines, run.over)
            begun_unheard = self.heard.get(run.id, ((), False))
            unheard = self.about[1:] if run.id == self.about[0] else begun_unheard
            assert state in (begun_unheard, unheard), run.id
        if not self.ever_short:
            assert {run.id for run in runs} >= set(self.heard)
        self.heard = {run.id: (run.lines, run.over) for run in runs}
        self.writers = {run.id: run.writer for run in runs}
        self.current = dict(enumerate(run.id for run in runs if not run.over))


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_what_is_recovered_is_exactly_what_watchers_have_heard(steps):
    with tempfile.TemporaryDirectory() as place:
        daemon = _Daemon(Path(place))
        for step in steps:
            daemon.do(*step)
        daemon.restart()


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_once_there_is_room_every_run_that_goes_on_is_recovered_again(steps):
    with tempfile.TemporaryDirectory() as place:
        daemon = _Daemon(Path(place))
        for step in steps:
            daemon.do(*step)
        daemon.disk.room = daemon.disk.killed_in = PLENTY
        daemon.logs.begin(daemon.log, "new")
        for which in tuple(daemon.current):
            daemon.event(which)
        going_on = set(daemon.current.values())
        daemon.restart()
        assert going_on <= set(daemon.heard)
