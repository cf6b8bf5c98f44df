"""An adapter of a plug-in knows no watcher; its requests and answers are shown all the same."""

import json

import httpx
import pytest

from tests.support import plugins
from tests.support.trial import CLIENTS, SEARCH, SECRET

pytestmark = pytest.mark.anyio

PLUGIN = """
import httpx
from osago_daemon.insurers.plugin import AdapterKind, InsurerSpec, Offer, SecretReference, ServerUrl

class Spec(InsurerSpec):
    base_url: ServerUrl
    pin: SecretReference

class Adapter:
    def __init__(self, spec, around):
        self.spec, self.out = spec, around.transport
        self.pin = around.secrets.resolve(spec.pin).get_secret_value()

    async def quote(self, call):
        body = {"who": call.application["owner"]["last_name"], "sent": self.pin}
        async def send():
            request = httpx.Request("POST", self.spec.base_url + "/x", json=body)
            return await self.out.handle_async_request(request)
        answer = await call.attempt(send, repeatable=False)
        return Offer(premium=str(answer.json()["premium"]))

KIND = AdapterKind(Spec, Adapter)
"""
TABLE = 'adapter = "plugx"\nbase_url = "http://127.0.0.1:1"\npin = "env:CANARY"\n'


@pytest.fixture
def plugged(tmp_path, monkeypatch):
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))
    plugins.install(site, "osago-plugx", modules={"plugx": PLUGIN}, plugx="plugx:KIND")
    plugins.forget()
    yield
    plugins.forget()


@pytest.mark.usefixtures("plugged")
async def test_it_is_shown_without_expressions(trial):
    def insurer(request):
        return httpx.Response(200, json={"premium": 7391, "echo": json.loads(request.content)})

    walked = await trial.walk(TABLE, insurer, CLIENTS[0])
    [step] = trial.steps
    assert (step["step"], step["login"], step["expressions"]) == ("request", False, [])
    assert json.loads(step["request"]["body"]["text"]) == {"who": "***", "sent": "***"}
    assert step["answer"]["status"] == 200
    assert walked.told["premium"] == 7391
    shown = json.dumps([trial.steps, walked.told], ensure_ascii=False)
    assert SEARCH.found(shown.encode()) == []
    assert SECRET not in shown
