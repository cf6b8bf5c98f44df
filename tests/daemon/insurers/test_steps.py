"""Any number of steps: what is sent, what is kept, where an application goes on."""

import json
from urllib.parse import parse_qsl

import httpx
import pytest
from pydantic import ValidationError

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


def test_a_last_step_that_may_be_left_out_is_a_mistake(adapter):
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
    with pytest.raises(ValidationError, match="the last step decides: nobody would"):
        adapter(table, server())


EITHER = """
[[steps]]
name = "people"
path = "/people"
when = "owner.kind == 'person'"
decides = true
[[steps]]
name = "companies"
path = "/companies"
when = "owner.kind == 'company'"
[answer]
premium = "body.premium"
"""


async def test_one_of_two_steps_decides(adapter, call):
    for kind, path in (("person", "people"), ("company", "companies")):
        call.application = {**call.application, "owner": {"kind": kind}}
        theirs = Server(people=[{"premium": 1}], companies=[{"premium": 2}])
        assert isinstance(await adapter(EITHER, theirs).quote(call), Offer)
        assert theirs.paths == [path]
    call.application = {**call.application, "owner": {"kind": "sole_trader"}}
    with pytest.raises(Trouble, match="nobody decided") as caught:
        await adapter(EITHER, Server()).quote(call)
    assert caught.value.kind is TroubleKind.MISCONFIGURED


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


MD5 = b"98ec39d8ee0b09e600f9a7ebfa6683b6"
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


MEMBERS = """
[offers]
items = "body.offers"
insurer = "item.code"
members.sk-a = { code = "a", name = "A" }
members.sk-b = { code = "b", name = "B" }
"""


async def test_a_pending_item_of_a_create_is_polled_for(adapter, call):
    table = """
    create = { path = "/x", keep = { id = "body.id" } }
    poll.path = "/x/{id}"
    answer.state = "item.status"
    answer.states = { pending = ["wait"], offer = ["ok"] }
    answer.premium = "item.price"
    """
    first = {"code": "a", "price": 5000, "status": "ok"}
    second = {"code": "b", "price": 6000, "status": "wait"}
    theirs = Server(
        x=[{"id": 1, "offers": [first, second]}],
        **{"1": [{"offers": [first, {**second, "status": "ok"}]}]},
    )
    found = await adapter(table + MEMBERS, theirs).quote(call)
    assert str(found.outcomes["sk-b"].premium) == "6000.00"
    assert theirs.paths == ["x", "x/1"]


async def test_not_ready_of_what_is_not_asked_again_was_taken_for_done(adapter, call):
    table = BROKER + 'error_message = "body.message"\nerror_kinds = { "busy" = "pending" }\n'
    theirs = server(drivers=[httpx.Response(500, json={"message": "busy"})])
    with pytest.raises(Trouble, match="busy") as caught:
        await adapter(table, theirs).quote(call)
    assert caught.value.kind is TroubleKind.SERVER_ERROR
    theirs = server(**{"c-1": [httpx.Response(404, json={"message": "busy"}), DONE]})
    assert isinstance(await adapter(table, theirs).quote(call), Offer)


DONE = {"status": "ok", "price": 5000}


async def test_a_key_in_the_query_goes_along_with_a_redirect(adapter, call):
    table = """
    auth = { kind = "api_key", name = "k", value = "env:K", in = "query" }
    create.path = "/quotes"
    answer.premium = "body.premium"
    """
    seen = []

    def answering(request):
        seen.append(str(request.url))
        if request.method == "POST":
            return see("/sever/made?id=1")
        return httpx.Response(200, json={"premium": 1})

    await adapter(table, answering, K="s3cret").quote(call)
    assert seen[1] == "http://127.0.0.1:8787/sever/made?id=1&k=s3cret"


async def test_a_secret_that_is_a_part_of_another_left_the_rest_of_it(adapter, call):
    table = """
    secrets = { login = "env:L", password = "env:P" }
    create = { path = "/quotes", body = { l = "secret.login", p = "secret.password" } }
    answer = { premium = "body.premium", error_message = "body.message" }
    """
    theirs = Server(quotes=[httpx.Response(400, json={"message": "no: agent17-Secret99"})])
    insurer = adapter(table, theirs, L="agent17", P="agent17-Secret99")
    with pytest.raises(Trouble) as caught:
        await insurer.quote(call)
    assert caught.value.message == "HTTP 400: no: ***"


def test_a_key_that_is_read_of_somebody_elses_item_repeats_nothing(spec):
    found = spec(BROKER.replace('owner = "kept.owner_id"', 'x = "kept.driver_ids[].{k: call.key}"'))
    plain = BROKER.replace('headers = { Idempotency-Key = "call.key" }\n', "")
    assert found.flow[2].spec.is_repeatable  # by its header
    told = spec(plain.replace('owner = "kept.owner_id"', 'x = "kept.driver_ids[].{k: call.key}"'))
    assert not told.flow[2].spec.is_repeatable


async def test_nobody_has_so_many_drivers(adapter, call):
    table = BROKER.replace("if(drivers == 'unlimited', `[]`, drivers)", "kept.many")
    table = table.replace(
        '[[steps]]\nname = "driver"',
        '[[steps]]\nname = "list"\npath = "/list"\nkeep = { many = "body.many" }\n'
        '[[steps]]\nname = "driver"',
    )
    theirs = server(list=[{"many": [1] * 101}])
    with pytest.raises(Trouble, match="has more than 100 items"):
        await adapter(table, theirs).quote(call)
    theirs = server(list=[{"many": [1] * 100}], drivers=[{"id": "x" * 3000}])
    with pytest.raises(Trouble, match="more than can be kept"):
        await adapter(table, theirs).quote(call)


async def test_what_is_new_with_each_attempt(adapter, call):
    table = BROKER.replace(
        "poll = { first_s = 2.0 }", 'query = { id = "attempt.id", at = "attempt.now" }\npoll = {}'
    )
    seen = []
    theirs = server()

    def answering(request):
        seen.append(dict(request.url.params))
        return theirs(request)

    await adapter(table, answering).quote(call)
    first, second = seen[3:5]
    assert first["id"] != second["id"]
    assert first["at"] == "2026-11-28T01:00:00+03:00"


async def test_a_form_in_windows_1251_and_its_digest(adapter, call):
    table = ONE % (
        "charset = 'windows-1251', form = { plate = 'vehicle.plate', "
        "sign = \"digest(vehicle.plate, 'md5', 'hex', 'windows-1251')\" }"
    )
    requests = []

    def answering(request):
        requests.append(request)
        return httpx.Response(200, json={"premium": 1})

    await adapter(table, answering).quote(call)
    (request,) = requests
    kind = "application/x-www-form-urlencoded; charset=windows-1251"
    assert request.headers["content-type"] == kind
    # printf 'А123ВС77' | iconv -t cp1251 | md5sum
    assert request.content == b"plate=%C0123%C2%D177&sign=" + MD5


async def test_an_api_key_beside_a_login(adapter, call):
    table = """
    auth = { kind = "basic", username = "agent", password = "env:P" }
    secrets = { key = "env:K" }
    create = { path = "/quotes", headers = { X-Api-Key = "secret.key" } }
    answer.premium = "body.premium"
    """
    requests = []

    def answering(request):
        requests.append(request)
        return httpx.Response(200, json={"premium": 1})

    await adapter(table, answering, P="p", K="k3y").quote(call)
    assert requests[0].headers["x-api-key"] == "k3y"
    assert requests[0].headers["authorization"].startswith("Basic ")
