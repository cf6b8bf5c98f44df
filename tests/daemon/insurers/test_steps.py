"""Any number of steps: what is sent, what is kept, where an application goes on."""

import json
from urllib.parse import parse_qsl

import httpx
import pytest

from osago_core.offer import Offer
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio

BROKER = """
[[steps]]
name = "driver"
each = "if(drivers == 'unlimited', `[]`, drivers)"
path = "/drivers"
body = { born = "item.birth_date", number = "index" }
keep = { driver_ids = "body.id" }

[[steps]]
name = "owner"
when = "owner.kind == 'company'"
path = "/owners"
keep = { owner_id = "body.id" }

[[steps]]
name = "calculation"
path = "/calculations"
headers = { Idempotency-Key = "call.key" }
body = { drivers = "kept.driver_ids", owner = "kept.owner_id" }
keep = { id = "body.id" }

[[steps]]
name = "result"
method = "GET"
path = "/calculations/{id}"
poll = { first_s = 2.0 }

[[steps]]
name = "link"
path = "/calculations/{id}/link"
body = { price = "kept.price" }

[answer]
state = "body.status"
states = { pending = ["wait"], offer = ["ok"], declined = ["no"] }
premium = "kept.price"
payment_url = "body.url"
"""
BROKER = BROKER.replace("poll = {", 'keep = { price = "body.price" }\npoll = {')


class Server:
    """Answers by path; what it was sent is kept."""

    def __init__(self, **answers):
        self.answers = {path: list(found) for path, found in answers.items()}
        self.asked = []

    def __call__(self, request):
        path = request.url.path.removeprefix("/sever/")
        self.asked.append((request.method, path, request.content))
        found = self.answers[path.split("/")[-1]]
        answer = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    @property
    def paths(self):
        return [path for _, path, _ in self.asked]


def server(**others):
    answers = {
        "drivers": [{"id": 71}, {"id": 72}],
        "calculations": [{"id": "c-1", "status": "wait"}],
        "c-1": [{"status": "wait"}, {"status": "ok", "price": 12345.67}],
        "link": [{"status": "ok", "url": "http://127.0.0.1/pay"}],
    }
    return Server(**{**answers, **others})


WHOLE_WAY = [
    *("drivers", "drivers", "calculations"),
    *("calculations/c-1", "calculations/c-1", "calculations/c-1/link"),
]


async def test_every_step_in_its_order_and_what_one_keeps_for_the_next(adapter, call):
    theirs = server()
    offer = await adapter(BROKER, theirs).quote(call)
    assert isinstance(offer, Offer)
    assert (str(offer.premium), offer.payment_url) == ("12345.67", "http://127.0.0.1/pay")
    assert theirs.paths == WHOLE_WAY
    assert json.loads(theirs.asked[0][2]) == {"born": "1985-02-01", "number": 0}
    assert json.loads(theirs.asked[1][2]) == {"born": "1990-03-05", "number": 1}
    # Numbers stay numbers, and a step that was left out kept null.
    assert json.loads(theirs.asked[2][2]) == {"drivers": [71, 72], "owner": None}
    assert json.loads(theirs.asked[5][2]) == {"price": 12345.67}
    assert call.hints == [None, None]


async def test_only_what_is_known_to_be_the_same_twice_may_be_repeated(adapter, call):
    await adapter(BROKER, server()).quote(call)
    assert call.repeatable == [False, False, True, False]
    call.repeatable.clear()
    harmless = BROKER.replace('name = "driver"', 'name = "driver"\nrepeatable = true')
    await adapter(harmless, server()).quote(call)
    assert call.repeatable == [True, True, True, False]


async def test_how_far_it_is_is_written_down_after_everything_that_does_something(adapter, call):
    await adapter(BROKER, server()).quote(call)
    assert [written["@done"] for written in call.written] == [
        ["driver", 1],
        ["driver", None],
        ["calculation", None],
    ]
    assert call.written[-1]["driver_ids"] == [71, 72]


@pytest.mark.parametrize("done", range(3))
async def test_wherever_it_broke_off_it_goes_on_with_the_next_step(adapter, call, done):
    await adapter(BROKER, server()).quote(call)
    call.kept = json.loads(json.dumps(call.written[done]))
    theirs = server(drivers=[{"id": 72}])
    offer = await adapter(BROKER, theirs).quote(call)
    assert str(offer.premium) == "12345.67"
    assert theirs.paths == WHOLE_WAY[done + 1 :]
    if done == 0:
        assert json.loads(theirs.asked[1][2])["drivers"] == [71, 72]


async def test_what_was_written_down_under_other_steps_is_of_no_use(adapter, call):
    call.kept = {"@done": ["payment", None]}
    with pytest.raises(Trouble, match=r"written down under another insurers\.toml") as caught:
        await adapter(BROKER, server()).quote(call)
    assert caught.value.kind is TroubleKind.BAD_ANSWER


async def test_a_decline_ends_it_at_any_step(adapter, call):
    theirs = server(drivers=[{"id": 71}, {"id": 72, "status": "no"}])
    outcome = await adapter(BROKER, theirs).quote(call)
    assert outcome.reason == "other"
    assert theirs.paths == ["drivers", "drivers"]


async def test_a_step_that_does_not_decide_may_say_whatever_it_likes(adapter, call):
    theirs = server(drivers=[{"id": 71, "status": "ok"}, {"id": 72, "status": "made"}])
    assert isinstance(await adapter(BROKER, theirs).quote(call), Offer)


async def test_a_step_that_decides_may_have_the_offer_already(adapter, call):
    early = BROKER.replace('name = "calculation"', 'name = "calculation"\ndecides = true')
    early = early.replace('premium = "kept.price"', 'premium = "kept.price || body.price"')
    theirs = server(calculations=[{"id": "c-1", "status": "ok", "price": 5000}])
    assert str((await adapter(early, theirs).quote(call)).premium) == "5000.00"
    assert theirs.paths == WHOLE_WAY[:3]


async def test_a_create_with_no_word_for_its_state(adapter, call):
    table = """
    [create]
    path = "/applications"
    decides = false
    keep = { id = "body.id" }
    [poll]
    path = "/applications/{id}"
    [answer]
    state = "body.status"
    states = { pending = ["wait"], offer = ["ok"] }
    premium = "body.price"
    """
    theirs = Server(applications=[{"id": 7}], **{"7": [{"status": "ok", "price": 1000}]})
    assert str((await adapter(table, theirs).quote(call)).premium) == "1000.00"


async def test_no_drivers_are_no_requests(adapter, call):
    call.application = {**call.application, "drivers": "unlimited"}
    theirs = server()
    await adapter(BROKER, theirs).quote(call)
    assert theirs.paths == WHOLE_WAY[2:]
    assert json.loads(theirs.asked[0][2])["drivers"] == []


async def test_each_over_what_is_no_list_is_a_mistake_of_the_file(adapter, call):
    wrong = BROKER.replace("if(drivers == 'unlimited', `[]`, drivers)", "vehicle.vin")
    with pytest.raises(Trouble, match=r"insurers\.sever\.steps\[0\]\.each: is no list") as caught:
        await adapter(wrong, server()).quote(call)
    assert caught.value.kind is TroubleKind.MISCONFIGURED


async def test_a_last_step_that_is_left_out_decides_nothing(adapter, call):
    table = """
    [[steps]]
    name = "a"
    path = "/drivers"
    [[steps]]
    name = "b"
    when = "vehicle.trailer"
    path = "/b"
    [answer]
    premium = "body.price"
    """
    with pytest.raises(Trouble, match="nobody decided"):
        await adapter(table, server()).quote(call)


ONE = 'answer.premium = "body.premium"\ncreate = { path = "/quotes", %s }'
PRICE = {"quotes": [{"premium": 1}]}


async def test_a_form(adapter, call):
    table = ONE % (
        "form = { vin = 'vehicle.vin', born = 'drivers[].birth_date', "
        "body = 'vehicle.body_number', plate = 'vehicle.plate' }"
    )
    theirs = Server(**PRICE)
    requests = []

    def answering(request):
        requests.append(request)
        return theirs(request)

    await adapter(table, answering).quote(call)
    (request,) = requests
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(request.content.decode()) == [
        ("vin", "XTA219010L0000001"),
        ("born", "1985-02-01"),
        ("born", "1990-03-05"),
        ("plate", "А123ВС77"),
    ]


async def test_a_multipart_form_with_a_file_and_a_document(adapter, call):
    table = ONE % (
        "multipart = { vin = 'vehicle.vin', body = 'vehicle.body_number', "
        "data = { body = { year = 'vehicle.year' } }, "
        "scan = { value = 'vehicle.plate', filename = \"'plate.txt'\", type = 'text/plain' } }"
    )
    requests = []

    def answering(request):
        requests.append(request)
        return httpx.Response(200, json={"premium": 1})

    insurer = adapter(table, answering)
    await insurer.quote(call)
    await insurer.quote(call)
    first, second = requests
    kind, _, boundary = first.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert int(first.headers["content-length"]) == len(first.content)
    parts = first.content.decode().split(f"--{boundary}")
    assert [part.strip() for part in parts[1:]] == [
        'Content-Disposition: form-data; name="vin"\r\n\r\nXTA219010L0000001',
        (
            'Content-Disposition: form-data; name="data"\r\n'
            'Content-Type: application/json\r\n\r\n{"year":2020}'
        ),
        (
            'Content-Disposition: form-data; name="scan"; filename="plate.txt"\r\n'
            "Content-Type: text/plain\r\n\r\nА123ВС77"
        ),
        "--",
    ]
    assert first.content == second.content


async def test_path_parameters_of_the_application(adapter, call):
    table = ONE % "path_params = { plate = 'vehicle.plate' }"
    table = table.replace('"/quotes"', '"/cars/{plate}/quotes"')
    theirs = Server(**PRICE)
    await adapter(table, theirs).quote(call)
    assert theirs.paths == ["cars/А123ВС77/quotes"]
    empty = adapter(table.replace("vehicle.plate", "vehicle.body_number"), theirs)
    with pytest.raises(Trouble, match=r"create\.path_params\.plate: has no value") as caught:
        await empty.quote(call)
    assert caught.value.kind is TroubleKind.MISCONFIGURED


async def test_a_secret_in_the_body_and_a_signature_over_what_is_sent(adapter, call):
    table = 'secrets.pin = "env:PIN"\n' + ONE % (
        "body = { pin = 'secret.pin' }, "
        'headers = { X-Sign = "hmac(secret.pin, concat([request.method, request.path, '
        "request.body]), 'sha256')\" }"
    )
    requests = []

    def answering(request):
        requests.append(request)
        return httpx.Response(400, json={"message": "pin p1n-s3cret?"})

    told = table + '\nanswer.error_message = "body.message"'
    insurer = adapter(told, answering, PIN="p1n-s3cret")
    with pytest.raises(Trouble) as caught:
        await insurer.quote(call)
    assert caught.value.message == "HTTP 400: pin ***?"
    (request,) = requests
    assert json.loads(request.content) == {"pin": "p1n-s3cret"}
    # openssl's: printf 'POST/sever/quotes{"pin":"p1n-s3cret"}' | openssl dgst -sha256 -hmac …
    assert request.headers["x-sign"] == SIGNED


SIGNED = "a3cd6e95d0eac07337ba7f169841847d0f52fb17e332c6c3704e80a76f7be493"


async def test_the_time_and_the_id_of_a_call(adapter, call):
    table = ONE % "body = { at = 'call.now', on = 'call.today', id = 'call.uuid' }"
    theirs = Server(**PRICE)
    await adapter(table, theirs).quote(call)
    assert json.loads(theirs.asked[0][2]) == {
        "at": "2026-11-28T01:00:00+03:00",
        "on": "2026-11-28",
        "id": "key-1",
    }
    assert call.repeatable == [True]


def see(where, status=303):
    return httpx.Response(status, headers={"location": where})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_poll_that_ends_with_see_other(adapter, call, status):
    theirs = server(
        **{"c-1": [see("/sever/offers/9", status)], "9": [{"status": "ok", "price": 7}]}
    )
    assert str((await adapter(BROKER, theirs).quote(call)).premium) == "7.00"
    assert theirs.asked[4][:2] == ("GET", "offers/9")


async def test_a_create_that_sends_us_elsewhere_is_not_done_twice(adapter, call):
    theirs = server(calculations=[see("/sever/calculations", 307)])
    with pytest.raises(Trouble, match="HTTP 307") as caught:
        await adapter(BROKER, theirs).quote(call)
    assert caught.value.kind is TroubleKind.BAD_ANSWER
    theirs = server(calculations=[see("/sever/made/1")], **{"1": [{"id": "c-1"}]})
    await adapter(BROKER, theirs).quote(call)
    method, _, content = theirs.asked[3]
    assert (method, content) == ("GET", b"")


@pytest.mark.parametrize(
    "where",
    [
        "https://127.0.0.1:8787/sever/x",
        "http://127.0.0.1:8788/sever/x",
        "http://evil.example/x",
        "//evil.example/x",
        "http://u:p@127.0.0.1:8787/sever/x",
    ],
)
async def test_nobody_is_sent_to_another_server(adapter, call, where):
    theirs = server(**{"c-1": [see(where)]})
    with pytest.raises(Trouble, match="HTTP 303"):
        await adapter(BROKER, theirs).quote(call)
    assert theirs.paths[-1] == "calculations/c-1"


async def test_redirects_have_an_end(adapter, call):
    theirs = server(**{"c-1": [see("/sever/calculations/c-1")]})
    with pytest.raises(Trouble, match="redirects") as caught:
        await adapter(BROKER, theirs).quote(call)
    assert caught.value.kind is TroubleKind.BAD_ANSWER
    assert len(theirs.paths) == 6
