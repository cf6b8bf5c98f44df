"""`python -m osago_sandbox` as a process."""

import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

import osago_sandbox
from osago_sandbox import insurers_toml

COMMAND = [sys.executable, "-m", "osago_sandbox"]
ROOT = Path(osago_sandbox.__file__).parents[1]  # where `-m` finds it, installed or not


def run(*options):
    return subprocess.run(
        [*COMMAND, *options], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


@contextmanager
def started(*options):
    """A sandbox on a free port, its line of readiness read."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        ready = process.stdout.readline()
        match = re.fullmatch(r"sandbox ready: (http://127\.0\.0\.1:(\d+)) \(10 insurers\)\n", ready)
        assert match, ready or process.stderr.read()
        try:
            yield process, match[1], int(match[2])
        finally:
            process.kill()


def get(port, path):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal(number):
    with started() as (process, _, port):
        assert get(port, "/_control/health") == 200
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


@pytest.mark.e2e
def test_the_configuration_is_written_before_it_is_ready(tmp_path):
    config = tmp_path / "insurers.toml"
    with started("--write-config", str(config)) as (_, url, _):
        assert config.read_text(encoding="utf-8") == insurers_toml(url)


@pytest.mark.e2e
def test_the_log_names_no_secrets_and_no_people():
    with started("--verbose") as (process, _, port):
        get(port, "/sever/applications/5/offer?api_key=secret")
        process.terminate()
        log = process.stderr.read()
    assert "GET /sever/applications/5/offer 401" in log
    assert "secret" not in log


@pytest.mark.e2e
def test_a_configuration_for_stdout_needs_no_server():
    done = run("--write-config", "-", "--port", "1234")
    assert (done.returncode, done.stdout) == (0, insurers_toml("http://127.0.0.1:1234"))


@pytest.mark.e2e
def test_a_port_in_use_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"osago sandbox: port {port} on 127.0.0.1 is already in use;"
        " choose another with --port, or 0 for a free one\n"
    )


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "70000"], "'70000' is not a port"),
        (["--port", "http"], "'http' is not a port"),
        (["--latency-scale", "-1"], "'-1' is not a number from 0 up"),
        (["--latency-scale", "nan"], "'nan' is not a number from 0 up"),
        (["--profile", "mild"], "calm"),
        (["--seed", "x"], "--seed"),
        (["--write-config", "-", "--port", "0"], "needs a fixed --port"),
        (["--port", "0", "--write-config", "/nowhere/insurers.toml"], "can't write /nowhere"),
        (["--port", "0", "--host", "256.1.1.1"], "can't listen on 256.1.1.1"),
    ],
)
def test_bad_options_are_explained(options, words):
    done = run(*options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
