"""The baseline: one `asyncio.gather` over aiohttp that polls every 2 s, in a process of its own.

    python -m benchmarks.peak.gather CONNECTIONS PORT… < applications.ndjson

prints what came of it as a line of JSON. As somebody would write it who knows aiohttp: uvloop, one
session, keep-alive, connections bounded below the limit of open files, one deadline per offer.
"""

import asyncio
import json
import resource
import sys
import time
from typing import Any

import aiohttp
import uvloop

from benchmarks.peak.measures import Answers
from benchmarks.peak.processes import cpu_s, peak_mb

POLL_EVERY_S = 2.0
DEADLINE_S = 60.0
HEADERS = {"Authorization": "Bearer peak", "Accept": "application/json"}


async def ask(
    session: aiohttp.ClientSession, base: str, key: str, application: dict[str, Any]
) -> float:
    """When the offer was there, in seconds since 1970."""
    headers = {"Idempotency-Key": key}
    async with session.post(f"{base}/applications", json=application, headers=headers) as answer:
        answer.raise_for_status()
        id_ = (await answer.json())["applicationId"]
    while True:
        await asyncio.sleep(POLL_EVERY_S)
        async with session.get(f"{base}/applications/{id_}/offer") as answer:
            answer.raise_for_status()
            offer = await answer.json()
        if offer["status"] == "completed":
            return time.time()


async def main(connections: int, ports: list[int], applications: list[dict[str, Any]]) -> None:
    answers = Answers(started_at=time.time(), ended_at=0)
    cpu_before = cpu_s("self")

    async def one(number: int, insurer: int) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                base = f"http://127.0.0.1:{ports[insurer]}"
                at = await ask(session, base, f"{number}-{insurer}", applications[number])
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            answers.failures[type(error).__name__] += 1
        else:
            answers.offers.append((number, insurer, at))

    connector = aiohttp.TCPConnector(limit=connections)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, headers=HEADERS
    ) as session:
        pairs = ((n, i) for n in range(len(applications)) for i in range(len(ports)))
        await asyncio.gather(*(one(number, insurer) for number, insurer in pairs))
    answers.ended_at = time.time()
    deadline = answers.started_at + DEADLINE_S
    answers.deadlines = dict.fromkeys(range(len(applications)), deadline)
    print(json.dumps([answers.as_json(), cpu_s("self") - cpu_before, peak_mb("self")]))


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    connections_, *ports_ = map(int, sys.argv[1:])
    uvloop.run(main(connections_, ports_, [json.loads(line) for line in sys.stdin]))
