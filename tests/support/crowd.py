"""Light clients: raw JSON lines over the socket, that come back when a daemon dies under them."""

import json
from collections.abc import Callable
from inspect import isawaitable

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

PATIENCE_S = 55.0
"""For anything at all: a run's deadline, and daemons that are started again meanwhile."""
AGAIN_S = 0.02
MAX_LINE_BYTES = 1 << 20
OUTCOMES = {"offer", "declined", "failed"}

_GONE = (OSError, anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError)


async def until(condition, *, within_s=PATIENCE_S, every_s=AGAIN_S):
    """Until it holds; a condition that must be awaited may be one as well."""
    with anyio.fail_after(within_s):
        while True:
            held = condition()
            if held is True or (isawaitable(held) and await held):
                return
            await anyio.sleep(every_s)


class RefusedError(Exception):
    """The daemon answered with an error."""


async def ask(socket, method, **params):
    """One request's result, from a daemon that is there or comes back within a while."""
    with anyio.fail_after(PATIENCE_S):
        while True:
            try:
                async with await anyio.connect_unix(socket) as stream:
                    await stream.send(_request(method, params))
                    return _result(await BufferedByteReceiveStream(stream).receive_until(*_LINE))
            except _GONE:
                await anyio.sleep(AGAIN_S)


class Client:
    """Wants one application quoted by one daemon, whoever serves its socket by and by."""

    def __init__(self, socket, application, *, on_event: Callable | None = None, **params):
        self.quote_id = None
        self.starts = 0
        self.resumed = 0
        self.events = []
        self._socket = socket
        self._params = {"application": application, "deadline_s": PATIENCE_S} | params
        self._on_event = on_event or (lambda _: None)

    @property
    def done(self):
        return bool(self.events) and self.events[-1]["type"] == "done"

    async def run(self):
        """Until the run is done. Raises RefusedError, also where the daemon forgot the run."""
        with anyio.fail_after(PATIENCE_S * 1.5):
            while not self.done:
                try:
                    await self._talk()
                except _GONE:
                    await anyio.sleep(AGAIN_S)

    async def _talk(self):
        async with await anyio.connect_unix(self._socket) as stream:
            await stream.send(self._opening())
            lines = BufferedByteReceiveStream(stream)
            found = _result(await lines.receive_until(*_LINE))
            self.quote_id = found["quote_id"]
            while not self.done:
                message = json.loads(await lines.receive_until(*_LINE))
                self.events.append(message["params"])
                self._on_event(message["params"])

    def _opening(self):
        if self.quote_id is None:
            self.starts += 1
            return _request("quote.start", self._params)
        self.resumed += 1
        after = self.events[-1]["seq"] if self.events else 0
        return _request("quote.watch", {"quote_id": self.quote_id, "after_seq": after})

    @property
    def queued(self):
        """Whether our own limits made it wait."""
        return any(event.get("state") == "queued" for event in self.events)

    @property
    def outcomes(self):
        """What each insurer came to."""
        return {event["insurer"]: event for event in self.events if event["type"] in OUTCOMES}

    def check_events(self):
        """Numbers without a gap or a repeat, one end."""
        assert [event["seq"] for event in self.events] == list(range(1, len(self.events) + 1))
        assert {event["quote_id"] for event in self.events} == {self.quote_id}
        assert [event["type"] for event in self.events].count("done") == 1
        assert self.done

    def check_delivery(self, insurers):
        """And one outcome of each insurer."""
        self.check_events()
        settled = [event["insurer"] for event in self.events if event["type"] in OUTCOMES]
        assert sorted(settled) == sorted(insurers)
        counts = self.events[-1]["counts"]
        assert counts["asked"] == counts["offers"] + counts["declined"] + counts["failed"]


def said(outcome):
    """What an outcome says, apart from whence and when: equal for all who asked for the same."""
    match outcome["type"]:
        case "offer":
            return ("offer", outcome["premium"], outcome.get("insurer_quote_id"))
        case "declined":
            return ("declined", outcome["reason"], outcome["message"])
        case _:
            return ("failed", outcome["kind"], outcome["message"])


def maybe_arrived(outcome):
    """Whether it says that a create may or may not have arrived, and is not sent again."""
    return (
        outcome["type"] == "failed"
        and outcome["kind"] == "connection"
        and "may or may not have arrived" in outcome["message"]
    )


_LINE = (b"\n", MAX_LINE_BYTES)


def _request(method, params):
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return json.dumps(request).encode() + b"\n"


def _result(line):
    answer = json.loads(line)
    if "error" in answer:
        raise RefusedError(answer["error"])
    return answer["result"]
