"""Ten pretend insurers over real HTTP: lawful prices, own API shapes, latencies and moods.

Run it as `osago sandbox` (or `python -m osago_sandbox`), or inside a test:

    async with running(Settings(port=0, latency_scale=0)) as sandbox:
        config = insurers_toml(sandbox.url)

Nobody is insured here: names are made up and secrets public. It knows nothing of the daemon; what
both share is HTTP and the tariff.
"""

from osago_sandbox.config import insurers_toml
from osago_sandbox.server import Sandbox, Settings, running

__all__ = ["Sandbox", "Settings", "insurers_toml", "running"]
