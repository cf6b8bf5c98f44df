"""A storm of sick insurers: what holds in `make storm`, in short and without comparing times."""

import subprocess
import sys

from tests.support.processes import CLEAN, ROOT


def test_a_storm_delays_no_run_exceeds_no_limit_and_asks_no_broken_off_insurer():
    short = ["--runs", "16", "--lanes", "8", "--deadline", "5", "--no-times"]
    storm = subprocess.run(
        [sys.executable, ROOT / "benchmarks/storm.py", *short],
        env=CLEAN,
        capture_output=True,
        text=True,
        check=False,
    )
    assert storm.returncode == 0, storm.stdout + storm.stderr
    assert "everything holds" in storm.stdout
