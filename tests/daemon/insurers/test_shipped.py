"""Every shipped insurer can say every shipped example."""

import json
from datetime import date
from urllib.parse import parse_qs

import httpx
import pytest

from osago_core.application import Valid, check
from osago_core.paths import shipped
from osago_daemon.insurers.xml import read_xml
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.settings import load

pytestmark = pytest.mark.anyio

BROKEN = "broken"  # an example of what `osago check` says
EXAMPLES = sorted(p for p in shipped("examples").glob("*.json") if p.stem != BROKEN)
INSURERS = load(shipped("insurers.toml"), environ={}).insurers
TODAY = date(2026, 11, 28)

BEFORE = {
    "/lukomor/auth/token": {"token": "a-token", "expires_in": 5},
    "/omut/osago/vehicles": {"vehicle_id": "v-1"},
}
"""What comes before the application itself, and what is said to it."""


def said(request):
    """The content, read as what it says it is."""
    match request.headers["content-type"].split(";")[0]:
        case "application/json":
            return json.loads(request.content)
        case "text/xml":
            return read_xml(request.content)
        case _:
            return parse_qs(request.content.decode(), strict_parsing=True)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("insurer", INSURERS, ids=lambda insurer: insurer.id)
async def test_a_request_is_built_and_sent(insurer, example, call):
    checked = check(json.loads(example.read_text(encoding="utf-8")), today=TODAY)
    assert isinstance(checked, Valid)
    call.application = checked.application.normal_form()
    sent = []

    def refusing(request):
        answer = BEFORE.get(request.url.path)
        sent.append(request)
        return httpx.Response(418) if answer is None else httpx.Response(201, json=answer)

    with pytest.raises(Trouble) as caught:
        await insurer.adapter(httpx.MockTransport(refusing)).quote(call)
    assert caught.value.kind is TroubleKind.REJECTED
    assert said(sent[-1])
