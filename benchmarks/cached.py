"""Ten answers of today out of the store, at the daemon's socket, beside a bare answer of it.

    python benchmarks/cached.py [QUOTES]

One daemon process on a store on disk, and one on a real Valkey. One client asks one quote after
the other and takes the time from its request to the last event; then sixteen ask at once. Beside
it `daemon.status`, which touches no store. The rounds are interleaved. How quick the machine is
just now shows in the start of a bare interpreter.
"""

import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from tests.support.desk import example  # noqa: E402
from tests.support.processes import Osago, sandbox_process  # noqa: E402
from tests.support.valkey import valkey  # noqa: E402


def request(method: str, params: dict) -> bytes:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return json.dumps(message).encode() + b"\n"


STATUS = request("daemon.status", {})
QUOTE = request("quote.start", {"application": example()})

QUOTES = 500
ROUNDS = 5
CLIENTS = 16


class Client:
    """A blocking client of one daemon."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._file = self._socket.makefile("rb")

    def status(self) -> None:
        self._socket.sendall(STATUS)
        self._file.readline()

    def quote(self) -> int:
        """How many outcomes came out of the store."""
        self._socket.sendall(QUOTE)
        kept = 0
        while True:
            line = self._file.readline()
            kept += b'"source":"cache"' in line
            if b'"type":"done"' in line:
                return kept


def main() -> None:
    quotes = int(sys.argv[1]) if len(sys.argv) > 1 else QUOTES
    with tempfile.TemporaryDirectory(prefix="osago-bench-") as name, ExitStack() as stack:
        home = Path(name)
        sandbox = stack.enter_context(sandbox_process(home, latency_scale=0))
        server = stack.enter_context(valkey(home))
        stores = {"disk": f"disk:{home}/store", "redis": server.url}
        paths = {
            kind: stack.enter_context(daemon(home / kind, sandbox.config, store))
            for kind, store in stores.items()
        }
        report(
            {kind: one_by_one(path, quotes) for kind, path in paths.items()},
            {kind: at_once(path, quotes) for kind, path in paths.items()},
        )


@contextmanager
def daemon(home: Path, config: Path, store: str) -> Iterator[str]:
    home.mkdir()
    osago = Osago(home, config)
    with osago.daemon("--store", store, "--log-level", "warning") as process:
        path = osago.env["OSAGO_SOCKET"]
        while not Path(path).exists():  # it says nothing at this log level
            time.sleep(0.05)
        Client(path).quote()
        yield path
        process.terminate()


def one_by_one(path: str, quotes: int) -> dict[str, float]:
    """Median milliseconds of one request."""
    client = Client(path)
    times: dict[str, list[float]] = {"status": [], "quote": []}
    for _ in range(quotes):
        for name, ask in (("status", client.status), ("quote", client.quote)):
            start = time.perf_counter()
            kept = ask()
            times[name].append((time.perf_counter() - start) * 1000)
            if name == "quote" and kept != 10:
                raise SystemExit(f"only {kept} of 10 answers came out of the store")
    return {name: statistics.median(values) for name, values in times.items()}


def at_once(path: str, quotes: int) -> float:
    """Quotes per second, the median of some rounds."""
    rates = []
    for _ in range(ROUNDS):
        clients = [Client(path) for _ in range(CLIENTS)]
        threads = [
            threading.Thread(target=lambda c=client: [c.quote() for _ in range(quotes // CLIENTS)])
            for client in clients
        ]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rates.append(quotes // CLIENTS * CLIENTS / (time.perf_counter() - start))
    return statistics.median(rates)


def bare_start_ms(times: int = 20) -> float:
    """Median milliseconds of `python -c pass`."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def report(single: dict[str, dict[str, float]], rates: dict[str, float]) -> None:
    print(f"\nTen answers of today out of the store, {CLIENTS} clients for the rate")
    print(f"(a bare interpreter starts in {bare_start_ms():.1f} ms)")
    print(f"{'store':<8}{'status ms':>11}{'quote ms':>10}{'x status':>10}{'quotes/s':>10}")
    for kind, medians in single.items():
        ratio = medians["quote"] / medians["status"]
        print(
            f"{kind:<8}{medians['status']:>11.2f}{medians['quote']:>10.2f}"
            f"{ratio:>10.1f}{rates[kind]:>10.0f}"
        )


if __name__ == "__main__":
    main()
