"""The stub and the daemon as processes, and what /proc says of them."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
START_S = 30.0


@dataclass(frozen=True)
class Load:
    """What is asked, and how the insurers answer."""

    applications: int
    insurers: int
    sigma: float
    seed: int


def environment() -> dict[str, str]:
    """A PYTHONPATH given from outside wins: it may name another tree with another daemon."""
    given = os.environ.get("PYTHONPATH")
    path = os.pathsep.join(filter(None, [given, str(ROOT), str(ROOT / "daemon")]))
    return {**os.environ, "PYTHONPATH": path}


@dataclass(frozen=True)
class Stub:
    pid: int
    control: int
    ports: list[int]

    def tell(self, what: str) -> Any:
        """`stats` or `log`: a list with one entry per insurer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.control}/{what}") as got:
            return json.loads(got.read())


@contextmanager
def stub(load: Load) -> Iterator[Stub]:
    numbers = (load.insurers, load.applications, load.sigma, load.seed)
    command = [sys.executable, "-m", "benchmarks.peak.stub", *map(str, numbers)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    ) as process:
        assert process.stdout is not None
        try:
            control, *ports = json.loads(process.stdout.readline())
            yield Stub(process.pid, control, ports)
        finally:
            process.terminate()


@dataclass(frozen=True)
class Daemon:
    pid: int
    socket: Path
    log: Path


@contextmanager
def daemon(home: Path, ports: list[int]) -> Iterator[Daemon]:
    """One daemon process over the stub's insurers, its log in a file."""
    config = home / "insurers.toml"
    config.write_text("".join(_table(number, port) for number, port in enumerate(ports)))
    socket, log = home / "osago.sock", home / "daemon.log"
    options = ["--socket", socket, "--insurers", config, "--state-dir", home / "state"]
    command = [sys.executable, "-m", "osago_daemon", *map(str, options)]
    with (
        log.open("wb") as stderr,
        subprocess.Popen(command, stderr=stderr, cwd=home, env=environment()) as process,
    ):
        try:
            _wait_until_ready(process, log)
            yield Daemon(process.pid, socket, log)
        finally:
            process.terminate()


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while b"event=ready" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the daemon did not start:\n{log.read_text()}")
        time.sleep(0.05)


def _table(number: int, port: int) -> str:
    """An insurer with a body and an answer as the shipped ones have, and every default."""
    return TABLE.replace("NUMBER", str(number)).replace("PORT", str(port))


TABLE = '''
[insurers.iNUMBER]
name = "Insurer NUMBER"
base_url = "http://127.0.0.1:PORT"
auth = { kind = "bearer", token = "plain:peak" }

[insurers.iNUMBER.create]
path = "/applications"
headers = { Idempotency-Key = "call.key" }
keep = { id = "body.applicationId" }

[insurers.iNUMBER.create.body]
startDate = "period.start_date"
termMonths = "period.months"
multidrive = "drivers == 'unlimited'"
drivers = """drivers[].{
  name: concat([last_name, ' ', first_name, ' ', middle_name]),
  birthDate: birth_date,
  license: concat([license.series, license.number]),
  experienceFrom: driving_since,
  kbmClass: kbm_class
}"""
contact = { phone = "policyholder.phone", email = "policyholder.email" }

[insurers.iNUMBER.create.body.vehicle]
category = "vehicle.category"
purpose = "vehicle.use"
brand = "vehicle.brand"
model = "vehicle.model"
year = "vehicle.year"
enginePower = "vehicle.power_hp"
vin = "vehicle.vin"
licensePlate = "vehicle.plate"

[insurers.iNUMBER.create.body.owner]
name = "concat([owner.last_name, ' ', owner.first_name, ' ', owner.middle_name])"
birthDate = "owner.birth_date"
kladrCode = "owner.address.kladr"

[insurers.iNUMBER.create.body.policyholder]
passport = "concat([policyholder.passport.series, policyholder.passport.number])"

[insurers.iNUMBER.poll]
path = "/applications/{id}/offer"

[insurers.iNUMBER.answer]
state = "body.status"
states = { pending = ["processing"], offer = ["completed"], declined = ["rejected"] }
premium = "body.premium"
base_rate = "body.baseRate"
commission = "body.commission"
valid_until = "body.validUntil"
payment_url = "body.paymentUrl"
insurer_quote_id = "body.applicationId"
error_message = "body.message"

[insurers.iNUMBER.answer.coefficients]
kt = "body.coefficients.kt"
kbm = "body.coefficients.kbm"
kvs = "body.coefficients.kvs"
ko = "body.coefficients.ko"
km = "body.coefficients.km"
ks = "body.coefficients.ks"
'''


def cpu_s(pid: int | str) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine_cpu_s() -> float:
    """Time that all processes of the machine had so far."""
    fields = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq = map(int, fields[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int | str) -> float:
    """The most memory that a process had resident at once."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM")
