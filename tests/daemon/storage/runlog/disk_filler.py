"""Writes runs to a small disk until long after it is full, then makes room; says how that went.

python disk_filler.py PLACE
"""

import json
import sys
from pathlib import Path

from structlog.testing import capture_logs

from tests.daemon.storage.runlog.logs import Logs

place = Path(sys.argv[1])
ballast = place / "ballast"
ballast.write_bytes(b"x" * 900 * 1024)
logs = Logs(place / "runs")
log = logs.started()
writers, written = {}, {}


def go_on(count):
    for number in range(count):
        run = f"run{number % 20}"
        if run not in writers:
            writers[run], written[run] = logs.begin(log, run), 0
        writers[run].events([b"%03d" % number * 30])
        written[run] += 1


logs.begin(log, "early").over()
with capture_logs() as logged:
    go_on(2000)
trouble_when_full = log.trouble
runs_when_full = logs.copy(Path("/dev/shm") / f"{place.name}-{id(logs)}")
with capture_logs():
    recovered = {run.id: len(run.lines) for run in runs_when_full.open().recover()}
for path in runs_when_full.files():
    path.unlink()
runs_when_full.folder.rmdir()
ballast.unlink()
for old in ("run0", "run1", "run2"):
    writers.pop(old).over()
written = {run: written[run] for run in writers}
logs.begin(log, "new")
for _ in range(2):
    for run, writer in writers.items():
        writer.events([b"short"])
        written[run] += 1
trouble_with_room = log.trouble
with capture_logs():
    again = {run.id: len(run.lines) for run in logs.open().recover()}
sys.stdout.write(
    json.dumps(
        {
            "trouble_when_full": trouble_when_full,
            "logged": [entry["event"] for entry in logged],
            "recovered_when_full": list(recovered),
            "trouble_with_room": trouble_with_room,
            "written_with_room": written,
            "recovered_with_room": {run: again.get(run) for run in written},
        }
    )
)
