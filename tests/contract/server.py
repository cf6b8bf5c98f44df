"""Somebody's API on a real socket: answers what a test says, keeps what it was asked."""

import hashlib
import json
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web


@dataclass(frozen=True)
class Asked:
    """One request as it arrived, and the status that it was answered with."""

    line: str
    """`POST /path`, without the query."""
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    content: bytes
    status: int

    @property
    def body(self):
        return json.loads(self.content)

    @property
    def form(self):
        return dict(parse_qsl(self.content.decode(), strict_parsing=True))


@dataclass(frozen=True)
class Says:
    """One answer; `body` is sent as JSON unless it is bytes."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def response(self):
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        return web.Response(status=self.status, body=content, headers=headers)


THROTTLED = Says({"error": "rate_limited"}, 429, {"Retry-After": "3600"})
"""For longer than anybody waits."""


class Server:
    """What a test fills with answers: several to one line come in turn, the last one stays."""

    def __init__(self):
        self.url = ""
        self.asked = []
        self.guard = None
        """Looks at each request first: gives the answer to what it does not let in."""
        self._answers = {}

    def on(self, line, *answers):
        self._answers[line] = list(answers)

    def lines(self):
        """What was asked and let in, in order."""
        return [asked.line for asked in self.asked if asked.status != 401]

    def once(self, line):
        """The one request of that line that was let in."""
        [asked] = [each for each in self.asked if each.line == line and each.status != 401]
        return asked

    async def handle(self, request):
        content = await request.read()
        response = self._response(request, content)
        headers = {name.lower(): value for name, value in request.headers.items()}
        line = f"{request.method} {request.path}"
        self.asked.append(Asked(line, dict(request.query), headers, content, response.status))
        return response

    def _response(self, request, content):
        refused = None if self.guard is None else self.guard(request)
        if refused is not None:
            return refused
        answers = self._answers.get(f"{request.method} {request.path}")
        if answers is None:
            return Says({"error": "not_found"}, 404).response()
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return (answer(content) if callable(answer) else answer).response()


@asynccontextmanager
async def serving():
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()


def token(value, *, but):
    """Lets in who shows the token; `but` is the path where it is had."""

    def guard(request):
        if request.path == but or request.headers.get("Authorization") == value:
            return None
        return Says({"detail": "Invalid token."}, 401).response()

    return guard


def digest(user, password):
    """Lets in who answers the challenge of RFC 7616 (MD5, qop=auth), each count once."""
    used = set()

    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()

    def guard(request):
        said = request.headers.get("Authorization", "")
        found = {k: q or p for k, q, p in re.findall(r'(\w+)=(?:"([^"]*)"|([^,]+))', said)}
        middle = f"n-1:{found.get('nc')}:{found.get('cnonce')}:auth"
        secret, what = md5(f"{user}:api:{password}"), md5(f"{request.method}:{request.raw_path}")
        right = (user, request.raw_path, md5(f"{secret}:{middle}:{what}"))
        if right == (found.get("username"), found.get("uri"), found.get("response")):
            assert found["nc"] not in used
            used.add(found["nc"])
            return None
        challenge = 'Digest realm="api", nonce="n-1", qop="auth", algorithm=MD5'
        return Says(None, 401, {"WWW-Authenticate": challenge}).response()

    return guard
