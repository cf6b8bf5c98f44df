"""Plug-ins as pip leaves them: modules in a folder, and the metadata that name their kinds."""

import shutil
import tomllib
from pathlib import Path

from osago_daemon.insurers import registry

EXAMPLE = Path(__file__).parents[2] / "examples/plugin"


def install(folder, name, *, version="1.0", modules=(), **kinds):
    """Put a distribution there. `modules`: name → text; kinds: name → `module:object`."""
    folder.mkdir(exist_ok=True)
    for module, text in dict(modules).items():
        (folder / f"{module}.py").write_text(text, encoding="utf-8")
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [f"[{registry.GROUP}]", *(f"{kind} = {value}" for kind, value in kinds.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def install_example(folder):
    """The worked example, with the entry points of its pyproject.toml."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    kinds = project["entry-points"][registry.GROUP]
    install(folder, project["name"], version=project["version"], **kinds)
    shutil.copy(EXAMPLE / "osago_inguru.py", folder)


def forget():
    """Look for plug-ins again, as a process that has just begun."""
    registry.found.cache_clear()
    registry._doors.cache_clear()
