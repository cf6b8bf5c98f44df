"""`osago insurers test` and `record`: real processes, real HTTP, no daemon."""

import json
import signal

import anyio
import pytest

from osago_daemon.trying import replay
from tests.support.processes import EXAMPLES
from tests.support.trial import CLIENTS, SEARCH


def test_an_insurer_is_tried_out_and_recorded(osago, home):
    application = json.dumps(CLIENTS[0])
    found = osago("insurers", "test", "sever", "--application=-", "--json", stdin=application)
    assert (found.returncode, found.stderr) == (0, "")
    document = json.loads(found.stdout)
    assert document["steps"][0]["step"] == "create"
    assert document["outcome"]["type"] in {"offer", "declined"}
    assert SEARCH.found(found.stdout.encode()) == []

    kept = osago("insurers", "record", "sever", "--application=-", stdin=application)
    assert (kept.returncode, kept.stdout) == (0, "")
    raw = (home / "sever.json").read_bytes()
    assert SEARCH.found((kept.stderr + raw.decode()).encode()) == []
    assert b"sandbox-sever" not in raw
    anyio.run(replay.replay, replay.read(home / "sever.json"))

    again = osago("insurers", "record", "sever", OSAGO_LANG="ru")
    assert again.returncode == 2
    assert "--force" in again.stderr


REAL = """
[insurers.yug]
name = "Юг"
base_url = "https://0.0.0.0:9"
create = { path = "/calc", body = { brand = "vehicle.brand" } }
answer = { premium = "body.premium" }
enabled = false
"""


@pytest.fixture
def real(osago, home):
    """A real insurer, where nobody listens."""
    file = home / "real.toml"
    file.write_text(REAL, encoding="utf-8")
    osago.env["OSAGO_INSURERS"] = str(file)
    return osago


def test_a_real_insurer_is_asked_on_purpose_only(real):
    found = real("insurers", "test", "yug")
    assert found.returncode == 2
    assert found.stderr == (
        "This sends one real application to Юг: https://0.0.0.0:9\n"
        "this is not a terminal: say --yes to send it\n"
    )
    assert "1. create" not in found.stdout

    rehearsed = real("insurers", "test", "yug", "--dry-run")
    assert (rehearsed.returncode, rehearsed.stderr) == (0, "")
    assert "1. create: POST https://0.0.0.0:9/calc\n" in rehearsed.stdout


def test_mistakes_are_told_before_anything_is_sent(real, home):
    broken = real("insurers", "test", "yug", f"--application={EXAMPLES}/broken.json")
    assert broken.returncode == 2
    assert "problems in the application" in broken.stderr

    (home / "real.toml").write_text(REAL.replace('"/calc"', '"calc"') + "\n[insurers.other]\n")
    wrong = real("insurers", "test", "yug")
    assert wrong.returncode == 2
    assert wrong.stdout.startswith(f"{home}/real.toml:5: insurers.yug.create.path: expected a path")
    assert "insurers.other" not in wrong.stdout


def test_ctrl_c_ends_it_with_what_is_known(osago, sandbox):
    sandbox.fault("sever", "hang", step="poll")
    try:
        with osago.popen("insurers", "test", "sever") as process:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "→" in line and "not decided" in line:
                    process.send_signal(signal.SIGINT)
                    break
            lines += process.stdout.readlines()
            assert process.wait() == 130
            assert process.stderr.read() == "interrupted\n"
    finally:
        sandbox.heal()
    assert any(line.startswith("1. create") for line in lines)
