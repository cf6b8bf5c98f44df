from collections.abc import Callable
from pathlib import Path

import pytest

from osago_daemon.settings import Settings, load

GOOD = """\
[insurers.sever]
name = "Север-Полис"
base_url = "http://127.0.0.1:8787/sever"
auth = { kind = "bearer", token = "plain:sandbox-sever" }

[insurers.sever.create]
path = "/applications"
headers = { Idempotency-Key = "call.key" }
body = { vin = "vehicle.vin" }
keep = { id = "body.applicationId" }

[insurers.sever.poll]
path = "/applications/{id}/offer"

[insurers.sever.answer]
state = "body.status"
states = { pending = ["processing"], offer = ["completed"], declined = ["rejected"] }
premium = "body.premium"
"""


@pytest.fixture
def good() -> str:
    """A file without mistakes, to make one in."""
    return GOOD


@pytest.fixture
def load_text(tmp_path: Path) -> Callable[..., Settings]:
    """Load a file with this text; `environ` stands in for the environment."""

    def load_(text: str | bytes, **environ: str) -> Settings:
        path = tmp_path / "insurers.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(path, environ=environ)

    return load_


@pytest.fixture
def problems(load_text) -> Callable[..., list[str]]:
    """What is wrong with a text, without the folder in front: `3: insurers.sever.name: …`."""
    from osago_daemon.config_problems import ConfigError

    def problems_(text: str | bytes, **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load_text(text, **environ)
        return [str(p).partition("insurers.toml:")[2].strip() for p in caught.value.problems]

    return problems_
