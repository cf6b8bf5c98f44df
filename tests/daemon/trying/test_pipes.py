"""The helper's pipes speak UTF-8, whatever the locale says."""

import json
import subprocess
import sys

import pytest

from osago_daemon.trying import __main__ as trying
from tests.support.processes import CLEAN, EXAMPLES
from tests.support.trial import SECRET

TABLE = """\
[insurers.yug]
name = "Юг ₽"
base_url = "https://insurer.invalid"
create = { path = "/calc", body = { brand = "vehicle.brand", said = "'Привет, ₽'" } }
answer = { premium = "body.premium" }
"""


def run(module, *arguments, encoding, stdin=""):
    found = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        input=stdin.encode(),
        capture_output=True,
        env=CLEAN | {"PYTHONIOENCODING": encoding, "CANARY": SECRET},
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, b"")
    return found.stdout.decode("utf-8")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "insurers.toml"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.mark.parametrize("encoding", ["koi8-r", "latin-1", "ascii"])
def test_a_trial_is_told_in_utf_8(table, encoding):
    raw = json.loads((EXAMPLES / "application.json").read_text(encoding="utf-8"))
    options = ["test", "--dry-run", f"--insurers={table}", "yug"]
    line = json.dumps(raw, ensure_ascii=False) + "\n"
    told = run("osago_daemon.trying", *options, encoding=encoding, stdin=line)
    ready, step = map(json.loads, told.splitlines())
    assert ready["name"] == "Юг ₽"
    assert "Привет, ₽" in step["request"]["body"]["text"]


@pytest.mark.parametrize("encoding", ["koi8-r", "ascii"])
def test_a_check_and_the_schema_are_told_in_utf_8(table, encoding):
    shown = json.loads(run("osago_daemon.config", "show", f"--insurers={table}", encoding=encoding))
    assert "Юг ₽" in json.dumps(shown, ensure_ascii=False)
    json.loads(run("osago_daemon.config", "schema", encoding=encoding))


def test_halves_of_surrogate_pairs_are_told(capfdbinary):
    """An answer may hold them, escaped."""
    trying._told("step", {"text": "\ud800"})
    assert json.loads(capfdbinary.readouterr().out) == {"type": "step", "text": "\ud800"}
