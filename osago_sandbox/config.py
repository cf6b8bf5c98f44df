"""The insurers.toml that fits a running sandbox: the shipped one with its address and pace."""

import re

from osago_core.paths import shipped

SHIPPED_URL = "http://127.0.0.1:8787"
"""The address in the shipped insurers.toml: the sandbox's defaults."""

SHORTEST_WAIT_S = 0.1
"""Between polls, however fast the sandbox is; the daemon accepts no shorter one."""

_POLL_TABLE = re.compile(r"^\[insurers\.\w+(\.steps)?\.poll\]$", re.MULTILINE)
_POLL_WAIT = re.compile(r"^(?P<key>first_s|every_s) = (?P<seconds>[\d.]+)", re.MULTILINE)
_LEAST_WAIT = re.compile(r"^least_s = .*\n", re.MULTILINE)


def insurers_toml(url: str, latency_scale: float = 1.0) -> str:
    """The text of an insurers.toml whose base URLs start with `url`.

    The shipped file polls at the pace of the shipped latencies; insurers that are made faster are
    polled as much more often.
    """
    text = shipped("insurers.toml").read_text(encoding="utf-8").replace(SHIPPED_URL, url)
    if latency_scale >= 1:
        return text

    def faster(wait: re.Match[str]) -> str:
        seconds = max(SHORTEST_WAIT_S, float(wait["seconds"]) * latency_scale)
        return f"{wait['key']} = {seconds:.3g}"

    closest = f"\\g<0>\nleast_s = {SHORTEST_WAIT_S}"
    return _POLL_TABLE.sub(closest, _LEAST_WAIT.sub("", _POLL_WAIT.sub(faster, text)))
