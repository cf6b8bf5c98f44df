"""A record holds nobody real and no secret, and comes to the same wherever it is replayed."""

import base64
import errno
import json
import os
import stat
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import httpx
import pytest

from osago_core.application import check
from osago_daemon.trying import replay
from osago_daemon.trying.leaks import leak_in
from osago_daemon.trying.madeup import made_up
from osago_daemon.trying.masking import Masker
from osago_daemon.trying.recording import record
from osago_daemon.trying.swapping import Swap
from tests.support.processes import EXAMPLES
from tests.support.trial import CLIENTS, SEARCH, SECRET, TODAY

pytestmark = pytest.mark.anyio

TABLE = """\
base_url = "http://127.0.0.1:1/osago"

[insurers.yug.auth]
kind = "login"
path = "/login"
secrets = { password = "env:CANARY" }
body = { username = "'agent'", password = "secret.password" }
token = "body.ticket"

[insurers.yug.create]
path = "/create"
headers = { Idempotency-Key = "call.key" }
query = { day = "format_date(owner.birth_date, 'DD.MM.YYYY')" }
keep = { id = "body.id", who = "body.who" }

[insurers.yug.create.body]
v = "vehicle"
o = "owner"
p = "policyholder"
d = "drivers"
age = "full_years(owner.birth_date, call.today)"

[insurers.yug.poll]
path = "/of/{who}/{id}"
first_s = 0.0
every_s = 0.1
least_s = 0.1
form = { born = "owner.birth_date", name = "upper(owner.last_name)", phone = "policyholder.phone" }
method = "POST"

[insurers.yug.answer]
state = "body.state"
states = { pending = ["wait"], offer = ["ok"], declined = ["no"] }
premium = "body.premium"
payment_url = "body.pay"
insurer_quote_id = "body.id"
decline_message = "body.said"
"""


class Insurer:
    """Repeats what it knows of people in each answer; a link and a token open something."""

    def __init__(self, *decisions):
        self.decisions = list(decisions)

    def __call__(self, request):
        if request.url.path.endswith("/login"):
            return httpx.Response(200, json={"ticket": "9182736450"})
        if request.url.path.endswith("/create"):
            self.sent = sent = json.loads(request.content)
            who = sent["o"]["last_name"].upper()
            body = {
                "state": "wait",
                "id": "a7",
                "who": who,
                "echo": sent,
                "plate": sent["v"]["plate"],
            }
            return httpx.Response(200, json=body, headers={"Set-Cookie": "sid=cafe91827; Path=/"})
        decision = self.decisions.pop(0)
        words = f"{self.sent['o']['last_name']} {self.sent['p']['phone']} {SECRET}"
        hidden = base64.b64encode(words.encode()).decode()
        told = {"said": words, "hidden": hidden, "sessionId": "91827-f3", **decision}
        return httpx.Response(200, json=told)


OFFER = {"state": "ok", "premium": 7391.25, "id": "a7", "pay": "https://pay.yug.test/k9f3?t=zz81"}
WAIT = {"state": "wait"}


async def recorded(trial, client, *decisions, toml=TABLE, force=False):
    path = trial.folder / "yug.json"
    trip = trial.trip(toml, client)
    transport = httpx.MockTransport(Insurer(*decisions))
    return await record(trip, transport, path, force=force), path


@pytest.mark.parametrize("client", CLIENTS, ids=["person", "trader"])
async def test_a_record_is_nobodys_and_replays(trial, client):
    told, path = await recorded(trial, client, WAIT, WAIT, WAIT, OFFER)
    assert told == {"insurer": "yug", "outcome": "offer", "exchanges": 4}  # of the polls the first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    raw = path.read_bytes()
    assert SEARCH.found(raw) == []
    for secret in (SECRET, "91827", "k9f3", "zz81", base64.b64encode(SECRET.encode()).decode()):
        assert secret.encode() not in raw
    found = replay.read(path)
    outcome = await replay.replay(found)
    assert float(outcome.premium) == 7391.25
    assert outcome.payment_url == "https://pay.yug.test/made-up-1"
    name = found["application"]["owner"]["last_name"].upper()
    assert found["exchanges"][1]["answer"]["body"]["json"]["who"] == name
    assert (
        found["exchanges"][1]["answer"]["body"]["json"]["plate"]
        == found["application"]["vehicle"]["plate"]
    )


async def test_a_decline_is_recorded_as_well(trial):
    told, path = await recorded(trial, CLIENTS[0], {"state": "no"})
    assert told["outcome"] == "declined"
    assert (await replay.replay(replay.read(path))).reason == "other"


async def test_a_link_survives_in_a_json_text_with_escaped_slashes(trial):
    toml = TABLE.replace('"body.pay"', '"from_json(body.deep).pay"')
    deep = json.dumps({"pay": OFFER["pay"]}).replace("/", r"\/")
    told, path = await recorded(trial, CLIENTS[0], {**OFFER, "pay": "", "deep": deep}, toml=toml)
    assert told["outcome"] == "offer"
    assert (await replay.replay(replay.read(path))).payment_url == "https://pay.yug.test/made-up-1"
    assert b"k9f3" not in path.read_bytes()


async def test_a_changed_table_no_longer_replays_and_says_where(trial):
    _, path = await recorded(trial, CLIENTS[0], OFFER)
    found = replay.read(path)
    found["insurer"]["create"]["body"]["v"] = "vehicle.vin"
    with pytest.raises(replay.ReplayError, match=r"^create: body\.v is not what"):
        await replay.replay(found)
    found = replay.read(path)
    found["insurer"]["answer"]["premium"] = "body.premium || `1`"
    found["outcome"]["premium"] = 1.0
    with pytest.raises(replay.ReplayError, match=r"^outcome: premium: not as recorded$"):
        await replay.replay(found)


async def test_nothing_is_overwritten_unless_told(trial):
    (trial.folder / "yug.json").write_text("mine")
    told, path = await recorded(trial, CLIENTS[0], OFFER)
    assert told == {"problem": "exists"}
    assert path.read_text() == "mine"
    told, path = await recorded(trial, CLIENTS[0], OFFER, force=True)
    assert told["outcome"] == "offer"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def _device(path):
    os.mkfifo(path, 0o644)  # whoever opens it waits; a device would need a superuser


IN_THE_WAY = {
    "a directory": (Path.mkdir, "Is a directory"),
    "a device": (_device, "not a regular file"),
    "a link to nothing": (lambda path: path.symlink_to("nothing"), "not a regular file"),
    "a link to a file": (lambda path: path.symlink_to("insurers.toml"), "not a regular file"),
}


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("what", IN_THE_WAY)
async def test_only_files_are_written_over_and_that_is_known_before_anything_is_sent(
    trial, what, force
):
    path = trial.folder / "yug.json"
    put, reason = IN_THE_WAY[what]
    put(path)
    before = path.lstat()
    sent = []
    told = await record(trial.trip(TABLE), httpx.MockTransport(sent.append), path, force=force)
    assert told == {"problem": "unwritable", "reason": reason}
    assert path.lstat() == before
    assert sent == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [("none/yug.json", "No such file or directory"), ("insurers.toml/yug.json", "Not a directory")],
)
async def test_a_folder_that_is_none_is_known_before_anything_is_sent(trial, name, reason):
    path = trial.folder / name
    sent = []
    transport = httpx.MockTransport(sent.append)
    told = await record(trial.trip(TABLE), transport, path, force=True)
    assert told == {"problem": "unwritable", "reason": reason}
    assert sent == []


async def test_a_record_is_replaced_whole_and_nothing_is_left_beside_it(trial, monkeypatch):
    path = trial.folder / "yug.json"
    path.write_text("mine")
    path.chmod(0o644)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", _no_space)
        told, _ = await recorded(trial, CLIENTS[0], OFFER, force=True)
    assert told == {"problem": "unwritable", "reason": "No space left on device"}
    assert path.read_text() == "mine"
    await recorded(trial, CLIENTS[0], OFFER, force=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(each.name for each in trial.folder.iterdir()) == ["insurers.toml", "yug.json"]


def _no_space(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_what_would_come_to_something_else_is_not_written(trial):
    toml = TABLE.replace('premium = "body.premium"', 'premium = "length(body.said)"')
    told, path = await recorded(trial, CLIENTS[0], OFFER, toml=toml)
    assert (told["problem"], told["step"]) == ("changed", "poll")
    assert not path.exists()


async def test_a_walk_without_an_end_is_not_written(trial):
    path = trial.folder / "yug.json"

    def refused(request):
        raise httpx.ConnectError("refused", request=request)

    told = await record(trial.trip(TABLE), httpx.MockTransport(refused), path, force=False)
    assert told == {"problem": "unrecordable", "why": "there was no answer"}
    assert not path.exists()


RECORDABLE = sorted(path.stem for path in EXAMPLES.glob("*.json") if path.stem != "broken")


def example_made_up(name):
    raw = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    application = check(raw, today=TODAY.replace(month=11)).application
    made = made_up(application, TODAY.replace(month=11))
    masker = Masker(application)
    masker.spare(made.kept)
    return made, masker


@pytest.mark.parametrize("name", RECORDABLE)
def test_what_is_made_up_or_kept_on_purpose_is_no_leak(name):
    made, masker = example_made_up(name)
    text = json.dumps(made.document, ensure_ascii=False)
    values = {"region": made.application.owner.address.region, "key": replay.KEY}
    said = [text, quote(text), urlencode(values), text.upper()]
    assert leak_in({"application": made.document, "exchanges": said}, masker) == ""


@pytest.mark.parametrize("name", RECORDABLE)
def test_whatever_is_real_is_a_leak(name):
    made, masker = example_made_up(name)
    assert len(made.pairs) > 10
    for real, _, _ in made.pairs:
        for text in (real, real.upper(), quote(real, safe=""), f"a={quote_plus(real)}&b=1"):
            assert leak_in({"exchanges": [{"x": text}]}, masker) == "exchanges[0].x", text


def test_a_short_code_is_swapped_and_a_leak_also_as_a_number():
    application = check(CLIENTS[0], today=TODAY).application
    made = made_up(application, TODAY)
    masker = Masker(application)
    masker.spare(made.kept)
    series = int(made.application.owner.passport.series)
    swapped = Swap(made.pairs, {}, masker).value({"series": 7719, "power": 87, "premium": 7391})
    assert swapped == {"series": series, "power": 87, "premium": 7391}
    assert leak_in({"exchanges": [swapped]}, masker) == ""
    assert leak_in({"exchanges": [{"series": 7719}]}, masker) == "exchanges[0].series"


@pytest.mark.parametrize("said", ['a"b/c', r"a\"b\/c", r"a\\\"b\\/c", "6122622f63"])
def test_a_secret_is_a_leak_however_it_is_escaped(said):
    application = check(CLIENTS[0], today=TODAY).application
    assert leak_in({"exchanges": [said]}, Masker(application, ['a"b/c'])) != ""


@pytest.mark.parametrize("client", CLIENTS, ids=["person", "trader"])
def test_a_made_up_application_is_valid_and_shares_nothing(client):
    application = check(client, today=TODAY).application
    made = made_up(application, TODAY)
    assert SEARCH.found(json.dumps(made.document, ensure_ascii=False).encode()) == []
    assert made == made_up(application, TODAY)
    assert made.application.vehicle.brand == application.vehicle.brand
