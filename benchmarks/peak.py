"""The mission's peak; what it measures and how stands in `benchmarks/peak/command.py`.

python benchmarks/peak.py [--applications 2500] [--warm 200] [--only daemon|cold|warm|gather]
    [--profile FOLDER]
"""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from benchmarks.peak.command import main  # noqa: E402

if __name__ == "__main__":
    main()
