"""Writes runs without end and says on stdout what has been written, until it is killed.

python reporting_writer.py FOLDER
"""

import os
import sys
from itertools import count
from pathlib import Path

from tests.daemon.storage.runlog.logs import Logs

logs = Logs(Path(sys.argv[1]))
log = logs.started()
writers = {}
for number in count():
    run = f"run{number % 7 + 7 * (number // 700)}"
    if run not in writers:
        writers[run] = logs.begin(log, run)
        logs.wait(0.5)
    writers[run].events([f"{run} {number}".encode() + b"x" * 300])
    os.write(1, f"{run} {number}\n".encode())
