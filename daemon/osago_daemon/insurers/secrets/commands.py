"""Secrets that a program prints, such as a password manager.

Run without a shell; what it says on stderr is never read, because it may quote the secret.
"""

import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from osago_daemon.insurers.secrets.files import MAX_BYTES, text_of
from osago_daemon.insurers.secrets.reference import SecretError, SecretRef

TIMEOUT_S = 10.0
"""A password manager answers within a second; one that asks a person is of no use to a daemon."""

_CHUNK = 65536
_LOOK_S = 0.1
"""How often a program is looked at that says nothing."""


class Patience:
    """Of who waits for programs in another thread, which only they themselves can end."""

    def __init__(self) -> None:
        """There is some."""
        self._over = threading.Event()

    @property
    def is_over(self) -> bool:
        """Whether nobody waits any more."""
        return self._over.is_set()

    def end(self) -> None:
        """From any thread. Programs that run are killed, others are not begun."""
        self._over.set()


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs programs from a folder, with the daemon's environment."""

    folder: Path
    """Where programs with a slash in their name are looked for, and run."""
    environ: Mapping[str, str] = field(repr=False)
    timeout_s: float = TIMEOUT_S
    patience: Patience = field(default_factory=Patience, repr=False, compare=False)

    def program(self, reference: SecretRef) -> str:
        """Where the program is; `SecretError` if it is not there or can't be run."""
        name = reference.words[0]
        looked_for = str(self.folder / name) if "/" in name else name
        found = shutil.which(looked_for, path=self.environ.get("PATH", os.defpath))
        if found is None:
            raise SecretError(f"{reference}: there is no such program, or it is not executable")
        return found

    def output(self, reference: SecretRef) -> str:
        """The first line of what the program prints. Blocks for up to the timeout."""
        raw, code = self.printed(reference, [self.program(reference), *reference.words[1:]])
        if code:
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            raise SecretError(f"{reference} ended with {how}")
        return text_of(reference, raw.partition(b"\n")[0])

    def printed(self, reference: SecretRef, program: Sequence[str]) -> tuple[bytes, int]:
        """All that a program prints, and its exit code. It is killed when its time is up."""
        if self.patience.is_over:
            raise SecretError(f"{reference}: nobody waits for it")
        try:
            process = subprocess.Popen(  # noqa: S603  # the administrator's own words, no shell
                program,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self.folder,
                env=dict(self.environ),
                start_new_session=True,  # a process group of its own, to be killed as one
            )
        except (OSError, ValueError):
            raise SecretError(f"{reference} can't be started") from None
        try:
            return self._finished(reference, process)
        finally:
            _end(process)

    def _finished(
        self, reference: SecretRef, process: "subprocess.Popen[bytes]"
    ) -> tuple[bytes, int]:
        """What it printed and its exit code, once it has closed its output."""
        until = time.monotonic() + self.timeout_s
        printed = bytearray()
        assert process.stdout is not None  # noqa: S101  # it was asked for
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            for look_s in self._looks(until):
                if not selector.select(look_s):
                    continue
                chunk = os.read(process.stdout.fileno(), _CHUNK)
                if not chunk:
                    break
                printed += chunk
                if len(printed) > MAX_BYTES:
                    raise SecretError(f"{reference} prints too much for a secret")
        for look_s in self._looks(until):
            with suppress(subprocess.TimeoutExpired):
                return bytes(printed), process.wait(look_s)
        raise SecretError(f"{reference} was not done within {self.timeout_s:g} s and was stopped")

    def _looks(self, until: float) -> Iterator[float]:
        """How long to wait for something, again and again until time or patience is up."""
        while (left_s := until - time.monotonic()) > 0 and not self.patience.is_over:
            yield min(left_s, _LOOK_S)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Nothing that the command started stays, if the command itself has not been done."""
    if process.returncode is None:
        # Not waited for yet, so its number is still its own and its group's.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
