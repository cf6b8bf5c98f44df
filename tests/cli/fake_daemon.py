"""A daemon that says what a test has it say: real lines on a real Unix socket, from a thread."""

import json
import socket
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Reply:
    """What to do about one request."""

    result: dict | None = None
    error: dict | None = None
    events: list = field(default_factory=list)
    """Told after the answer."""
    then_die: bool = False
    """Hang up and be gone afterwards, as after `kill -9`; without an answer if there is none."""
    on_death: str = ""
    """The last bytes: half a line."""


def refusal(kind, **data):
    return Reply(error={"code": -32000, "message": kind, "data": {"kind": kind, **data}})


HELLO = Reply({"protocol": 1, "daemon": {"version": "1", "pid": 1}})


class FakeDaemon:
    """Answers each method from its own queue of replies; the last one is kept."""

    def __init__(self, path):
        self.path = path
        self.replies = {"hello": deque([HELLO])}
        self.asked = []
        self.died = threading.Event()
        self._listener = None
        self._threads = []
        self._connections = []

    def answers(self, method, *replies):
        self.replies[method] = deque(replies)

    def start(self):
        self.died.clear()
        self.path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._run(self._accept, self._listener)

    def kill(self):
        """Gone without a word; the socket's file stays, and nobody listens."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._connections.clear()
        self.died.set()

    def close(self):
        self.kill()
        for thread in self._threads:
            thread.join(5)

    def params_of(self, method):
        return [params for asked, params in self.asked if asked == method]

    def _run(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener):
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._connections.append(connection)
                self._run(self._serve, connection)

    def _serve(self, connection):
        with suppress(OSError, ValueError), connection.makefile("rb") as lines:
            for line in lines:
                request = json.loads(line)
                self.asked.append((request["method"], request["params"]))
                replies = self.replies[request["method"]]
                reply = replies.popleft() if len(replies) > 1 else replies[0]
                self._say(connection, request["id"], reply)
                if reply.then_die:
                    self.kill()
                    return

    def _say(self, connection, id_, reply):
        messages = []
        if reply.result is not None:
            messages.append({"jsonrpc": "2.0", "id": id_, "result": reply.result})
        if reply.error is not None:
            messages.append({"jsonrpc": "2.0", "id": id_, "error": reply.error})
        messages += [
            {"jsonrpc": "2.0", "method": "quote.event", "params": event} for event in reply.events
        ]
        text = "".join(json.dumps(message) + "\n" for message in messages) + reply.on_death
        connection.sendall(text.encode())
