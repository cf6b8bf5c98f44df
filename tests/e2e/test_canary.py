"""Nothing of a client can be read in what daemons leave behind, at any moment of a run's life."""

import base64
import hashlib
import json
from contextlib import ExitStack

import anyio
import pytest

from tests.support import canary
from tests.support.chatty import INSURERS, WAITED_FOR, chatty_insurers, hidden, link
from tests.support.crowd import Client, until
from tests.support.fleet import Served, serving
from tests.support.processes import Osago
from tests.support.redis_dump import dump, overhearing
from tests.support.valkey import valkey

pytestmark = pytest.mark.anyio

CLIENTS = (canary.PERSON, canary.TRADER)
SEARCH = canary.Search(*CLIENTS)


class Place:
    """Where a daemon writes: its home, and a Redis server if it uses one."""

    def __init__(self, home, server=None, heard=None):
        self.home = home
        self.store = f"disk:{home}/store" if server is None else server.url
        self.looked_at = set()
        self._clean = set()
        self._server = server
        self._heard = heard

    def everything(self):
        """Names and bytes."""
        for file in self.home.rglob("*"):
            try:
                if file.is_file() and file.suffix != ".toml":
                    yield str(file.relative_to(self.home)), file.read_bytes()
            except FileNotFoundError:  # a segment that was just replaced
                continue
        if self._server is not None:
            yield from dump(self._server)
            yield "what the server was told", self._heard.data

    def found(self):
        """What shows up where."""
        found = {}
        for name, data in self.everything():
            self.looked_at.add(name)
            digest = hashlib.sha256(data).digest()
            if digest not in self._clean:
                if values := SEARCH.found(data + name.encode()):
                    found[name] = values
                else:
                    self._clean.add(digest)
        return found


@pytest.fixture(params=["disk", "redis"])
def place(request, home):
    with ExitStack() as stack:
        if request.param == "disk":
            yield Place(home)
            return
        server = stack.enter_context(valkey(home))
        yield Place(home, server, stack.enter_context(overhearing(server)))


@pytest.fixture
def chatty():
    with chatty_insurers() as chatty:
        yield chatty


def test_no_personal_field_is_forgotten():
    assert canary.forgotten_paths() == set()


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.encode(),
        lambda text: text.upper().encode(),
        lambda text: json.dumps(text).encode(),
        lambda text: text.encode("utf-16"),
        *(lambda text, n=n: _base64(b"x" * n + text.encode()) for n in range(3)),
    ],
)
def test_what_is_there_is_found_however_it_is_written(home, written):
    for client in CLIENTS:
        for value in (client["owner"]["last_name"], client["vehicle"]["vin"], "19.10.1971"):
            (home / "planted").write_bytes(b"\0\xff " + written(f" {value} ") + b" \0")
            assert list(Place(home).found()) == ["planted"]


def _base64(data):
    return base64.b64encode(data)


async def test_no_field_of_a_client_can_be_read_in_files_redis_or_log(place, sandbox, chatty):
    config = place.home / "insurers.toml"
    config.write_text(sandbox.config.read_text() + chatty.toml)
    osago = Osago(place.home, config, store=place.store)
    daemon = Served(osago, "--log-level=debug")
    clients = [Client(daemon.socket, application) for application in CLIENTS]
    with serving(daemon):
        async with anyio.create_task_group() as tasks:
            for client in clients:
                tasks.start_soon(client.run)
            await until(lambda: all(waits(client) for client in clients))
            assert place.found() == {}, "under way"
            daemon.kill()
            assert place.found() == {}, "killed"
            polls = chatty.polls
            daemon.start()
            await until(lambda: chatty.polls > polls)
            assert place.found() == {}, "started again"
            chatty.decided.set()
        assert place.found() == {}, "done"
        again = Client(daemon.socket, canary.PERSON, cache="only")
        await again.run()
        assert_they_talked(clients, again, chatty)
        shown = [osago(*command) for command in (["cache"], ["status"], ["insurers"])]
        shown += [osago("insurers", "show", insurer) for insurer in INSURERS]
        assert SEARCH.found("".join(one.stdout + one.stderr for one in shown).encode()) == []
        assert [one.returncode for one in shown] == [0] * len(shown)
    assert place.found() == {}, "stopped"
    assert any(".runs/" in name for name in place.looked_at)
    assert daemon.log.count("event=ready") == 2


def waits(client):
    """Everybody else has answered, these have an application."""
    waiting = {event["insurer"] for event in client.events if event.get("state") == "waiting"}
    return set(WAITED_FOR) <= waiting and set(INSURERS) - set(WAITED_FOR) <= set(client.outcomes)


def assert_they_talked(clients, again, chatty):
    """So that there was something to find."""
    assert chatty.creates == len(clients) * len(INSURERS)
    for application, client in zip((*CLIENTS, canary.PERSON), (*clients, again), strict=True):
        assert client.outcomes["whisper"]["insurer_quote_id"] == hidden(application)
        assert client.outcomes["whisper"]["payment_url"] == link(hidden(application))
        assert client.outcomes["chatty"]["premium"] == 7391
        assert client.outcomes["refuser"]["type"] == "declined"
    assert again.outcomes["whisper"]["source"] == "cache"
