"""Plain commands start as fast as typer does: what is heavy is imported where it is used."""

import subprocess
import sys

from tests.support.processes import CLEAN

HEAVY = {"aiohttp", "anyio", "httpx", "pydantic", "rich", "stamina", "textual"}


def test_the_command_line_imports_nothing_heavy():
    code = "import sys, osago_cli.app; print(*sorted(m for m in sys.modules if '.' not in m))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=CLEAN, check=True
    )
    assert HEAVY & set(result.stdout.split()) == set()
