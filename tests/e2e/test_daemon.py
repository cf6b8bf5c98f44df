"""The daemon as a process: start, stop, signals, leftovers, bad configuration."""

import json
import signal
import socket as sockets
import stat
import subprocess
import threading

import pytest

from tests.support.processes import EXAMPLES, program, wait_for_line

MISSPELT = """\
[insurers.a]
nmae = "A"
base_url = "https://a.example"
[insurers.a.create]
path = "/x"
body = { a = "b[" }
[insurers.a.answer]
premium = "body.premium"
"""

APPLICATION = EXAMPLES / "application.json"


def test_without_a_daemon_the_one_command_that_helps_is_named(osago):
    result = osago("quote", APPLICATION)
    assert (result.returncode, result.stdout) == (3, "")
    assert "osago daemon start" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_status_only_looks(osago):
    assert osago("status").returncode == 3
    assert sorted(osago.home.iterdir()) == []


def test_start_status_stop(osago):
    started = osago("daemon", "start")
    assert started.returncode == 0, started.stderr
    try:
        status = osago.json("status", "--json")
        assert status["state"] == "running"
        assert status["insurers"] == 10
        assert "already" in osago("daemon", "start").stderr
        assert osago.json("status", "--json")["daemon"]["pid"] == status["daemon"]["pid"]
    finally:
        stopped = osago("daemon", "stop")
    assert stopped.returncode == 0
    assert osago("status").returncode == 3
    assert "no daemon" in osago("daemon", "stop").stderr
    key = osago.home / "state" / "fingerprint.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_quote_start_starts_one(osago):
    try:
        document = osago.json("quote", APPLICATION, "--json", "--start")
        assert document["offers"]
    finally:
        osago("daemon", "stop")


def test_a_second_daemon_on_the_same_socket_is_refused(osago):
    with osago.daemon() as first:
        wait_for_line(first, "event=ready")
        with osago.daemon() as second:
            said = second.stdout.read()
        assert second.returncode == 1
        assert "another daemon is already running" in said
        assert osago("status").returncode == 0
        first.terminate()


def test_a_killed_daemons_socket_is_taken_over(osago):
    with osago.daemon() as first:
        wait_for_line(first, "event=ready")
        first.kill()
    assert (osago.home / "osago.sock").is_socket()
    assert osago("status").returncode == 3
    with osago.daemon() as second:
        wait_for_line(second, "event=ready")
        assert osago("status").returncode == 0
        second.terminate()


@pytest.fixture
def hanging(sandbox):
    """Insurers that take everything and say nothing."""
    sandbox.fault("*", "hang")
    yield
    sandbox.heal()


@pytest.mark.usefixtures("hanging")
def test_sigterm_ends_runs_with_what_has_arrived_and_tells_every_client(osago):
    with osago.daemon() as daemon:
        wait_for_line(daemon, "event=ready")
        with osago.popen("quote", APPLICATION, "-o", "ndjson") as quote:
            quote.stdout.readline()
            daemon.send_signal(signal.SIGTERM)
            events = [json.loads(line) for line in quote.stdout]
        assert daemon.wait() == 0
    assert (events[-1]["type"], events[-1]["reason"]) == ("done", "draining")
    assert not (osago.home / "osago.sock").exists()


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[insurers.a\n", ["insurers.toml:1"]),
        (
            MISSPELT,
            ["insurers.toml:2", "`name`", "insurers.toml:6", "insurers.a.create.body.a"],
        ),
    ],
    ids=["syntax", "keys"],
)
def test_a_broken_configuration_says_file_line_key_and_what_was_expected(osago, toml, expected):
    osago.config = osago.home / "insurers.toml"
    osago.config.write_text(toml)
    osago.__post_init__()
    result = osago("daemon", "run")
    assert result.returncode == 2
    for text in expected:
        assert text in result.stderr
    for _ in range(2):  # the second time tells nothing of the first
        started = osago("daemon", "start")
        assert started.returncode == 2
        assert len(started.stderr.splitlines()) == 1 + len(result.stderr.splitlines())


def test_a_missing_configuration_is_named(osago):
    result = osago("daemon", "run", "--insurers", "nowhere.toml")
    assert result.returncode == 2
    assert "nowhere.toml" in result.stderr


def test_a_socket_path_that_is_too_long_is_explained_by_both_sides(osago):
    long = osago.home / ("x" * 120)
    for arguments in (["status"], ["daemon", "run"]):
        result = osago(*arguments, "--socket", long)
        assert "107" in result.stderr
        assert result.returncode == 2


def test_no_personal_data_reaches_the_log_or_the_disk(osago):
    canary = json.loads(APPLICATION.read_text())
    canary["owner"]["last_name"] = canary["drivers"][0]["last_name"] = "Канарейкин"
    with osago.daemon("--log-level", "debug") as daemon:
        wait_for_line(daemon, "event=ready")
        result = osago("quote", "-", "--json", "--deadline", "5", stdin=json.dumps(canary))
        daemon.terminate()
        log = daemon.stdout.read()
    assert "run_done" in log
    written = b"".join(f.read_bytes() for f in osago.home.rglob("*") if f.is_file())
    values = [
        "Канарейкин",
        canary["owner"]["passport"]["number"],
        canary["drivers"][0]["license"]["number"],
        canary["vehicle"]["vin"],
        canary["owner"]["phone"],
    ]
    for value in values:
        assert value not in log
        assert value.encode() not in written
        assert value not in result.stdout


@pytest.mark.usefixtures("hanging")
def test_a_client_cut_off_in_the_middle_of_a_line_still_hears_the_end(osago):
    application = json.loads(APPLICATION.read_text())
    request = {"jsonrpc": "2.0", "id": 1, "method": "quote.start"}
    request["params"] = {"application": application}
    with osago.daemon() as daemon:
        wait_for_line(daemon, "event=ready")
        with sockets.socket(sockets.AF_UNIX) as client:
            client.connect(osago.env["OSAGO_SOCKET"])
            client.sendall(json.dumps(request).encode() + b'\n{"jsonrpc": "2.0", "id"')
            with client.makefile() as lines:
                assert "quote_id" in lines.readline()
                daemon.terminate()
                last = json.loads(lines.readlines()[-1])
    assert last["params"]["reason"] == "draining"


def test_an_error_that_nobody_reads_keeps_its_exit_code(osago):
    for where in ("> /dev/full 2>&1", "2>/dev/full", "2>&-"):
        line = " ".join([*program("osago_cli", "quote", "nowhere.json"), where])
        assert subprocess.run(["bash", "-c", line], env=osago.env, check=False).returncode == 2


def test_a_log_that_nobody_takes_costs_no_quote(osago):
    with osago.daemon() as daemon:
        wait_for_line(daemon, "event=ready")
        daemon.stdout.close()
        assert osago("quote", APPLICATION, "--insurer", "kedr").returncode == 0
        assert osago("status").returncode == 0
        daemon.terminate()
    assert daemon.returncode == 0


def test_more_clients_than_descriptors_are_survived(osago):
    few = ["prlimit", "--nofile=64:64", *program("osago_daemon")]
    with subprocess.Popen(
        few,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=osago.env,
        cwd=osago.home,
    ) as daemon:
        wait_for_line(daemon, "event=ready")
        crowd = [sockets.socket(sockets.AF_UNIX) for _ in range(100)]
        for one in crowd:
            one.connect(osago.env["OSAGO_SOCKET"])
        for one in crowd:
            one.close()
        assert osago("quote", APPLICATION, "--insurer", "kedr").returncode == 0
        daemon.terminate()
    assert daemon.returncode == 0


def test_nothing_is_imported_from_the_folder_the_user_stands_in(osago):
    (osago.home / "stamina.py").write_text("raise SystemExit('taken over')")
    try:
        assert osago("daemon", "start").returncode == 0
    finally:
        assert osago("daemon", "stop").returncode == 0


def test_a_daemon_that_hangs_up_in_the_middle_is_exit_3_and_no_traceback(osago):
    hello = {"jsonrpc": "2.0", "id": 1, "result": {"protocol": 1, "daemon": {"pid": 1}}}
    with sockets.socket(sockets.AF_UNIX) as stranger:
        stranger.bind(osago.env["OSAGO_SOCKET"])
        stranger.listen()

        def one_hello():
            client, _ = stranger.accept()
            with client:
                client.recv(65536)
                client.sendall(json.dumps(hello).encode() + b"\n")
                client.recv(65536)

        for command in (["status"], ["insurers"]):
            serving = threading.Thread(target=one_hello)
            serving.start()
            result = osago(*command)
            serving.join()
            assert (result.returncode, result.stdout) == (3, ""), command
            assert "Traceback" not in result.stderr
            assert len(result.stderr.splitlines()) == 1


def test_two_daemons_share_one_key(osago):
    with osago.daemon() as first:
        wait_for_line(first, "event=ready")
        with osago.daemon("--socket", osago.home / "b.sock") as second:
            wait_for_line(second, "event=ready")
            second.terminate()
        first.terminate()
    assert len(list((osago.home / "state").glob("*.key"))) == 1


def test_it_runs_from_an_almost_empty_environment(osago):
    """What cron gives: no HOME, no terminal, LANG=C."""
    for name in ("HOME", "OSAGO_LANG"):
        del osago.env[name]
    osago.env["LANG"] = "C"
    with osago.daemon() as daemon:
        wait_for_line(daemon, "event=ready")
        result = osago("quote", APPLICATION)
        daemon.terminate()
    assert result.returncode == 0
    assert "₽" in result.stdout


def test_a_demo_that_is_told_to_stop_leaves_nothing_behind(osago):
    env = {**osago.env, "TMPDIR": str(osago.home)}
    arguments = program("osago_cli", "demo", "-o", "ndjson")
    with subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True) as demo:
        wait_for_line(demo, "asking")
        demo.terminate()
    assert demo.returncode == 128 + signal.SIGTERM
    assert list(osago.home.iterdir()) == []


def test_the_demo_needs_nothing_and_leaves_nothing_behind(osago):
    arguments = program("osago_cli", "demo", "--json", "--latency-scale=0.01", "--deadline=10")
    env = osago.env | {"TMPDIR": str(osago.home)}
    for name in ("OSAGO_SOCKET", "OSAGO_STATE_DIR", "OSAGO_INSURERS"):
        del env[name]
    result = subprocess.run(arguments, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["done"]["counts"]["asked"] == 10
    assert list(osago.home.iterdir()) == []
