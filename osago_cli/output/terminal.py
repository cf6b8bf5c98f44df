"""What depends on a terminal: colour and progress, nothing else."""

import os
import sys


def is_terminal() -> bool:
    """Whether stdout is a terminal that can redraw."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
