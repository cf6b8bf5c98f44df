"""Daemons that are killed and started again at the same place, and what they wrote meanwhile."""

import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager

from tests.support.crowd import ask
from tests.support.processes import Osago

START_S = 20.0


class Served:
    """One socket, and whichever daemon serves it. The log of all of them goes into one file."""

    def __init__(self, osago: Osago, *arguments):
        self.osago = osago
        self.socket = osago.env["OSAGO_SOCKET"]
        self.log_path = osago.home / f"{osago.socket}.log"
        self.kills = 0
        self._arguments = arguments
        self._process: subprocess.Popen | None = None

    def start(self):
        """Returns at once; whoever wants it ready asks for its status."""
        with self.log_path.open("ab") as log:
            self._process = self.osago.daemon(*self._arguments, log=log)

    def check_alive(self):
        """Says what the daemon said if it ended by itself. True, for conditions."""
        assert self._process.poll() is None, self.log[-4000:]
        return True

    def until_up(self):
        """Until somebody can connect. Says what the daemon said if it won't come up."""
        ends = time.monotonic() + START_S
        while not self._answers():
            self.check_alive()
            assert time.monotonic() < ends, self.log
            time.sleep(0.01)

    def kill(self):
        """As kill -9, at whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self.kills += 1

    def stop(self):
        """As systemd stops it. Its exit code."""
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGTERM)
        try:
            return self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise

    def _answers(self):
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(self.socket) == 0

    @property
    def log(self):
        return self.log_path.read_text()

    async def status(self):
        """Of a daemon that is up, or comes up within a while."""
        return await ask(self.socket, "daemon.status")


@contextmanager
def serving(*fleet):
    """Started, and up; whatever became of them meanwhile, none is left behind."""
    with ExitStack() as stack:
        for one in fleet:
            one.start()
            stack.callback(one.stop)
        for one in fleet:
            one.until_up()
        yield fleet
