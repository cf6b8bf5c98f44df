"""Insurers that say everything they know about the client in everything they say.

`chatty` in clear, `whisper` in base64 so that no mask sees it: both in their id of the application,
which polling needs, and in the link to the payment.
"""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

WAITED_FOR = ("chatty", "whisper")
INSURERS = (*WAITED_FOR, "refuser", "grump", "muddler")

_TABLE = """
[insurers.{id}]
name = "{id}"
base_url = "{url}/{id}"
retry.attempts = 1

[insurers.{id}.create]
path = "/create"
headers = {{ Idempotency-Key = "call.key" }}
{keep}

[insurers.{id}.create.body]
vehicle = "vehicle"
owner = "owner"
policyholder = "policyholder"
drivers = "drivers"

{poll}

[insurers.{id}.answer]
state = "body.state"
states = {{ {pending}offer = ["offer"], declined = ["declined"] }}
premium = "body.premium"
insurer_quote_id = "body.id"
payment_url = "body.url"
decline_message = "body.message"
error_message = "body.message"
"""
_POLL = """
[insurers.{id}.poll]
path = "/of/{{id}}"
first_s = 0.1
every_s = 0.1
least_s = 0.1
"""


class Chatty:
    """What they were asked, and whether those that are waited for have decided."""

    def __init__(self, url):
        self.toml = "".join(_table(id_, url) for id_ in INSURERS)
        self.decided = threading.Event()
        self.creates = 0
        self.polls = 0

    def answer(self, insurer, application):
        """HTTP status and body of a create."""
        self.creates += 1
        words = ", ".join(_texts(application))
        match insurer:
            case "chatty":
                return 202, {"state": "pending", "id": _who(application)}
            case "whisper":
                return 202, {"state": "pending", "id": hidden(application)}
            case "refuser":
                return 200, {"state": "declined", "message": f"Отказано: {words}"}
            case "grump":
                return 400, {"state": "error", "message": f"Неверно: {words}"}
        return 200, words

    def told(self, id_):
        """Body of a poll."""
        self.polls += 1
        if not self.decided.is_set():
            return {"state": "pending", "id": id_}
        return {"state": "offer", "id": id_, "premium": 7391, "url": link(id_)}


def link(id_):
    """Where the client pays."""
    return f"https://pay.example/{quote(id_)}?client={quote(id_)}"


def hidden(application):
    """Who it is, for those who decode it."""
    return base64.urlsafe_b64encode(_who(application).encode()).decode()


def _who(application):
    return f"{application['vehicle']['vin']}:{application['policyholder']['phone']}"


@contextmanager
def chatty_insurers():
    """Serve all four on one port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.chatty = Chatty(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.chatty
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._say(*self.server.chatty.answer(self.path.split("/")[1], sent))

    def do_GET(self):
        self._say(200, self.server.chatty.told(unquote(self.path.rsplit("/", 1)[1])))

    def _say(self, status, body):
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Nothing."""


def _table(id_, url):
    two_steps = id_ in WAITED_FOR
    return _TABLE.format(
        id=id_,
        url=url,
        keep='keep = { id = "body.id" }' if two_steps else "",
        pending='pending = ["pending"], ' if two_steps else "",
        poll=_POLL.format(id=id_) if two_steps else "",
    )


def _texts(value):
    match value:
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
        case str():
            yield value
