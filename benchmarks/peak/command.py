"""Thousands of different applications at once, ten two-endpoint insurers each, over real HTTP.

Through the Unix socket and the whole pipeline of one daemon process, cold (nothing known of the
insurers) and warm (after some applications, as on any working day), beside a plain
`asyncio.gather` over aiohttp that polls every 2 s. Each has a stub of its own with the same seed:
every pair of insurer and application takes equally long in every column. Stub, daemon and client
share the machine, so compare the columns of one run and nothing else.
"""

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from operator import sub
from pathlib import Path

from benchmarks.peak import client
from benchmarks.peak.applications import applications
from benchmarks.peak.measures import Answers, Costs, Heard, Measures, measure
from benchmarks.peak.processes import (
    ROOT,
    Load,
    Stub,
    cpu_s,
    daemon,
    environment,
    machine_cpu_s,
    peak_mb,
    stub,
)
from benchmarks.peak.profile import by_area, profiled
from benchmarks.peak.report import machine, table


def main() -> None:
    options = _parser().parse_args()
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    columns: list[Measures] = []
    with tempfile.TemporaryDirectory(prefix="osago-peak-") as name:
        if options.only in {None, "gather"}:
            columns.append(_gather(options))
        if options.only != "gather":
            for warm in sorted(_warmths(options)):
                home = Path(name) / f"warm-{warm}"
                home.mkdir()
                columns.append(_daemon(options, home, warm))
    print(table(columns))
    path = os.environ.get("PYTHONPATH")  # another tree, with another daemon
    command = [*filter(None, [path and f"PYTHONPATH={path}"]), "python", *sys.argv]
    print(
        f"\n`{shlex.join(command)}` on {machine()}; "
        f"open files up to {files:,}, gather uses up to {options.gather_connections:,} connections"
    )


def _warmths(options: argparse.Namespace) -> set[int]:
    match options.only:
        case "cold":
            return {0}
        case "warm":
            return {options.warm}
        case _:
            return {0, options.warm}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, default=2500)
    parser.add_argument("--insurers", type=int, default=10)
    parser.add_argument("--sigma", type=float, default=0.35, help="of the lognormal answer times")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--warm", type=int, default=200, help="applications before; 0: cold only")
    parser.add_argument("--only", choices=["daemon", "cold", "warm", "gather"])
    parser.add_argument("--connections", type=int, default=4, help="to the daemon's socket")
    parser.add_argument(
        "--gather-connections", type=int, default=15000, help="fewer make it ask too late"
    )
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="py-spy's samples go here")
    return parser


def _gather(options: argparse.Namespace) -> Measures:
    load = Load(options.applications, options.insurers, options.sigma, options.seed)
    lines = "\n".join(map(json.dumps, applications(options.applications)))
    with stub(load) as insurers:
        arguments = map(str, (options.gather_connections, *insurers.ports))
        before, machine_before = cpu_s(insurers.pid), machine_cpu_s()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.peak.gather", *arguments],
            input=lines,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
            env=environment(),
        )
        answers, cpu, memory = json.loads(done.stdout)
        stubs = cpu_s(insurers.pid) - before
        costs = Costs(cpu, memory, stubs, machine_cpu_s() - machine_before)
        return _measures("gather, every 2 s", Answers.from_json(answers), costs, insurers, options)


def _daemon(options: argparse.Namespace, home: Path, warm: int) -> Measures:
    load = Load(options.applications + warm, options.insurers, options.sigma, options.seed)
    requests = [
        client.request(number, application)
        for number, application in enumerate(applications(load.applications))
    ]
    name = f"daemon, warm ({warm})" if warm else "daemon, cold"
    with stub(load) as insurers, daemon(home, insurers.ports) as served, ExitStack() as stack:
        if warm:
            client.ask(served.socket, requests[options.applications :], options.connections)
        profile = options.profile and options.profile / f"{home.name}.folded"
        if profile:
            stack.enter_context(profiled(served.pid, profile))
        before = _cpu_s(served.pid, insurers.pid)
        measured = requests[: options.applications]
        answers = client.ask(served.socket, measured, options.connections)
        own, stubs, everybody, clients = map(sub, _cpu_s(served.pid, insurers.pid), before)
        costs = Costs(own, peak_mb(served.pid), stubs, everybody, clients)
        stack.close()  # ends the profile while the daemon still runs
        if profile and profile.exists():
            print(f"Where the time of “{name}” goes:")
            print("\n".join(f"{share:>7.1%}  {area}" for area, share in by_area(profile)), "\n")
        return _measures(name, answers, costs, insurers, options)


def _cpu_s(daemon_pid: int, stub_pid: int) -> list[float]:
    return [cpu_s(daemon_pid), cpu_s(stub_pid), machine_cpu_s(), cpu_s("self")]


def _measures(
    name: str, answers: Answers, costs: Costs, insurers: Stub, options: argparse.Namespace
) -> Measures:
    heard = Heard(insurers.tell("log"), insurers.tell("stats"))
    return measure(name, answers, costs, heard, options.applications)
