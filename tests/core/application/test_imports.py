"""The application stays light: nothing but pydantic and the standard library."""

import os
import subprocess
import sys

PROGRAM = """
import sys, pydantic
import osago_core
def packages():
    return {name.partition(".")[0] for name in sys.modules if not name.startswith("_")}
before = packages()
import osago_core.application
print(*sorted(packages() - before - sys.stdlib_module_names))
"""

OF_PYDANTIC = {"annotated_types", "pydantic_core", "typing_extensions", "typing_inspection"}


def test_importing_the_application_pulls_pydantic_only():
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment, check=True
    )
    assert set(run.stdout.split()) <= OF_PYDANTIC
