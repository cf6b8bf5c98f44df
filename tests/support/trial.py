"""Insurers tried out in this process, with a handler in their place and unmistakable clients."""

import copy
import json
from datetime import UTC, date, datetime

import httpx

from osago_core.application import check
from osago_daemon.trying.opening import opened
from osago_daemon.trying.walking import Trip, walk
from tests.support import canary
from tests.support.processes import EXAMPLES

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
SECRET = "canary/Секрет+91:8273"  # needs escaping wherever it goes


def without_public_words(client):
    """The addresses' towns are public, and shown; so is `.example` in insurers' links."""
    found = copy.deepcopy(client)
    for party in ("owner", "policyholder"):
        found[party]["email"] = found[party]["email"].replace(".example", ".org")
        found[party]["address"]["text"] = (
            "ул Журавлиная, д 739, кв 9187, d’Or 5 ₽"  # signs of no alphabet
        )
    return found


CLIENTS = [without_public_words(client) for client in (canary.PERSON, canary.TRADER)]
SEARCH = canary.Search(*CLIENTS)


class Trial:
    """An insurer tried out in this process."""

    def __init__(self, folder):
        self.folder = folder
        self.steps = []

    def trip(self, toml, raw=None, insurer="yug"):
        path = self.folder / "insurers.toml"
        path.write_text(f'[insurers.{insurer}]\nname = "Юг"\n{toml}', encoding="utf-8")
        raw = json.loads((EXAMPLES / "application.json").read_text()) if raw is None else raw
        application = check(raw, today=TODAY).application
        tried = opened(path, insurer)
        return Trip(tried, application, 5.0, self.steps.append, now=lambda: NOW)

    async def walk(self, toml, handler, raw=None):
        walked = await walk(self.trip(toml, raw), httpx.MockTransport(handler))
        json.dumps(self.steps, default=float)  # as the program tells it
        return walked
