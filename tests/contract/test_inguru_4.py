"""A signature anew for each request, by the plug-in of examples/plugin; the answers are made up."""

import base64
import hashlib
import sys

import pytest
from aiohttp import web

from tests.contract.house import NOW, application, differences, price, why
from tests.contract.server import THROTTLED, Says
from tests.support import plugins

pytestmark = pytest.mark.anyio

SHAPE = "inguru-4"
SECRETS = {"INGURU_PASSWORD": "p4ss-canary"}
LINE = "POST /eosago/4.0"
EXCEPTIONS = {
    # Zeros are no number of a passport, a phone or a post office: nobody applies with these.
    "owner.passportSerial": ("0000", "4500"),
    "phone": ("70000000000", "79000000001"),
    "owner.zip": ("000000", "101000"),
    # An application of ours does not have them: an address is one text, a card ends.
    "owner.house": ("1", ...),
    "owner.apartment": ("1", ...),
    "vehicle.dcIssueDate": ("2025-12-01", ...),
    # Left out where the shape was written down.
    "owner.fullAddress": ("...", "г Москва, ул Тестовая, д 1"),
}
GOOD = {"sk": 7, "status": "ok", "price": 12345.67, "eId": 77, "url": "https://pay.example.org/77"}


def hexed(name, text):
    return hashlib.new(name, text.encode()).hexdigest()


def signed(password):
    """Lets in who signs as their page says, and not too long ago."""

    def guard(request):
        scheme, _, said = request.headers.get("Authorization", "").partition(" ")
        who, time, age, proof = base64.b64decode(said).decode().split(":")
        secret = hexed("sha256", hexed("md5", password))
        right = hexed("md5", f"agent:{time}:{age}:{secret}")
        recent = 0 <= int(time) - NOW.timestamp() <= int(age) == 60
        if (scheme, who, proof, recent) == ("INGURU", hexed("sha256", "agent"), right, True):
            return None
        return web.json_response({"error": "signature"}, status=401)

    return guard


@pytest.fixture
def insurer(server, tmp_path, monkeypatch):
    site = tmp_path / "site"
    plugins.install_example(site)
    monkeypatch.syspath_prepend(str(site))
    plugins.forget()
    server.guard = signed("p4ss-canary")
    server.on(LINE, Says({"results": [GOOD]}))
    yield server
    plugins.forget()
    sys.modules.pop("osago_inguru", None)


async def test_an_offer_and_the_request_field_by_field(house, insurer, expected):
    told = await house.quote(
        application(
            vehicle__diagnostic_card={"number": "000000000000001", "valid_until": "2026-12-01"},
            owner__address__postcode="101000",
        )
    )
    offer = told["inguru-7"]
    assert price(offer) == (12345.67, True)
    assert (offer["payment_url"], offer["insurer_quote_id"]) == ("https://pay.example.org/77", "77")
    assert differences(expected[LINE], insurer.once(LINE).body) == EXCEPTIONS


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        (
            Says({"results": [{**GOOD, "status": "refused", "message": "Нет"}]}),
            ("declined", "other", "Нет"),
        ),
        (
            Says({"results": [{**GOOD, "status": "failed", "message": "Сбой"}]}),
            ("failed", "server_error", "Сбой"),
        ),
        (Says({"results": [{**GOOD, "sk": 8}]}), ("declined", "other", "")),
        (Says({"results": []}), ("declined", "other", "")),
        (Says({"error": "vin"}, 400), ("failed", "rejected_request", "HTTP 400: vin")),
        (Says({"error": "down"}, 500), ("failed", "server_error", "HTTP 500: down")),
        (THROTTLED, ("failed", "throttled", "HTTP 429: rate_limited")),
        (Says({"error": "no results"}), ("failed", "bad_answer")),
    ],
)
async def test_what_else_comes_back(house, insurer, says, outcome):
    insurer.on(LINE, says)
    told = await house.quote()
    assert why(told["inguru-7"])[: len(outcome)] == outcome


async def test_a_wrong_password(house, insurer):
    insurer.guard = signed("another")
    told = await house.quote()
    assert why(told["inguru-7"]) == ("failed", "auth", "HTTP 401: signature")
    assert "canary" not in str(told)
    assert len(insurer.asked) == 1
