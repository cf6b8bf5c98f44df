"""Secrets in the desktop's or another keyring, by the package `keyring` where it is installed.

It is asked in a process of its own, bounded as a command is: a keyring may wait for the session's
bus, or for a person who unlocks it, and a thread that waits can't be ended.
"""

import json
import os
import sys
from dataclasses import replace

from osago_daemon.insurers.secrets.commands import Commands
from osago_daemon.insurers.secrets.reference import SecretError, SecretRef

_NOT_THERE = "keyring"
_ASK = f"""
import json, os, sys
out = os.dup(1)
os.dup2(2, 1)  # what a backend prints is no answer
try:
    import keyring
except ModuleNotFoundError as error:
    said = {{"no_package": error.name == "{_NOT_THERE}", "error": type(error).__name__}}
except BaseException as error:
    said = {{"error": type(error).__name__}}
else:
    try:
        said = {{"password": keyring.get_password(*sys.argv[1:])}}
    except BaseException as error:
        said = {{"error": type(error).__name__}}
with open(out, "w", encoding="utf-8") as told:
    json.dump(said, told)
os._exit(0)  # nothing that a backend has started is waited for
"""


def password(reference: SecretRef, commands: Commands) -> str:
    """The password of the entry; raises `SecretError`. Blocks for up to the timeout."""
    # Packages are looked for where this process looks for them, and nowhere else.
    environ = {**commands.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ours = replace(commands, environ=environ)
    raw, _ = ours.printed(reference, [sys.executable, "-P", "-c", _ASK, *reference.entry])
    try:
        said = json.loads(raw)
        found = said.get("password")
    except (ValueError, AttributeError):
        raise SecretError(f"{reference}: the keyring's process ended without an answer") from None
    if said.get("no_package"):
        raise SecretError(
            f"{reference} needs the Python package `keyring` beside osago: pip install keyring"
        )
    if "error" in said:  # the name only: texts may quote
        raise SecretError(f"{reference}: the keyring can't be asked: {said['error']}")
    if found is None:
        raise SecretError(
            f"{reference}: the keyring has no such entry: run keyring set SERVICE USER"
        )
    return str(found)
