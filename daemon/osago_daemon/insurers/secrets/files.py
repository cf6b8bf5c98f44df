"""Secrets in files: whose the file must be, who else may read it, what of it is the secret."""

import os
import pwd
import shlex
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from osago_daemon.insurers.secrets.reference import SecretError, SecretRef

MAX_BYTES = 64 * 1024
"""A token or password fits; a wrong path to something huge is noticed."""

_ROOT = 0
_OTHERS = 0o007
_NOT_ITS_OWNER = 0o077
_READ_BY_GROUP = 0o040
# Opening a pipe must not wait for who writes to it.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the daemon is to the file system."""

    user: int
    groups: Collection[int]

    @classmethod
    def own(cls) -> Self:
        """This process's."""
        return cls(os.geteuid(), frozenset({os.getegid(), *os.getgroups()}))


def private_file(reference: SecretRef, path: Path) -> str:
    """A file's text without what is blank at its end; `SecretError` where others may see it."""
    return _read(reference, path, Identity.own())


def granted_file(reference: SecretRef, path: Path) -> str:
    """The same without looking at owner and mode.

    systemd guards its credentials by a folder and an access list, which the mode does not show.
    """
    return _read(reference, path, None)


def _read(reference: SecretRef, path: Path, identity: Identity | None) -> str:
    try:
        descriptor = os.open(path, _FLAGS)
        try:
            # Of what was opened: symbolic links are followed, and nobody swaps it in between.
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SecretError(f"{reference} is no regular file")
            if identity is not None:
                text = mode_problem(status, Path(os.path.realpath(path)), identity)
                if text is not None:
                    raise SecretError(f"{reference} {text}")
            raw = os.read(descriptor, MAX_BYTES + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SecretError(f"{reference}: {error.strerror or 'cannot be read'}") from None
    return text_of(reference, raw)


def text_of(reference: SecretRef, raw: bytes) -> str:
    """UTF-8 text of bounded size, without what is blank at its end; raises `SecretError`."""
    if len(raw) > MAX_BYTES:
        raise SecretError(f"{reference} is too large for a secret")
    try:
        return raw.decode().rstrip()
    except UnicodeDecodeError:
        raise SecretError(f"{reference} is not UTF-8 text") from None


def mode_problem(status: os.stat_result, path: Path, identity: Identity) -> str | None:
    """What is wrong with who may see or change a file, and the command that mends it.

    Right is a file of ours or root's that nobody else may touch, and one of root's that a group of
    ours may read, which is how an administrator hands a secret to a service.
    """
    name = shlex.quote(str(path))
    if status.st_uid not in {identity.user, _ROOT}:
        owner = _user_name(status.st_uid)
        mend = f"chown {_user_name(identity.user)} {name}"
        return f"belongs to {owner}, who can change it: run {mend}"
    open_to = status.st_mode & _NOT_ITS_OWNER
    if not open_to:
        return None
    ours = status.st_gid in identity.groups
    if status.st_uid == _ROOT and open_to == _READ_BY_GROUP and ours:
        return None
    who = "everybody" if open_to & _OTHERS else "its group"
    # What belongs to root reaches a daemon that is not root through the group alone.
    mode = "600" if status.st_uid == identity.user else "640"
    mend = f"chmod {mode} {name}"
    if mode != "600" and not ours:
        mend = f"chgrp {min(identity.groups)} {name} && {mend}"
    return f"is open to {who}: run {mend}"


def _user_name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
