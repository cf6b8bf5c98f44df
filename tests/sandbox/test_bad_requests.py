"""Wrong requests get each insurer's own kind of 4xx."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_sandbox.bodies import Json
from osago_sandbox.form import Misfilled
from osago_sandbox.insurers import INSURERS
from osago_sandbox.reading import LARGEST, Reader
from tests.sandbox.ask import application, living_in, parsed
from tests.sandbox.by_hand import let_in

pytestmark = pytest.mark.anyio

EVERYONE = [insurer.id for insurer in INSURERS]
INVALID_STATUS = {insurer.id: insurer.api.invalid_status for insurer in INSURERS}
JSON = [insurer.id for insurer in INSURERS if type(insurer.api.codec) is Json]
REFUSES_LOGINS = {insurer.id: insurer.api.unauthorized_status for insurer in INSURERS}
del REFUSES_LOGINS["filin"]  # anyone may ask
WITH_POLL = [insurer for insurer in INSURERS if insurer.api.poll]


@pytest.mark.parametrize("insurer", EVERYONE)
async def test_an_unknown_region_has_no_price(ask, insurer):
    with pytest.raises(Trouble) as caught:
        await ask(insurer, living_in("Атлантида", "Посейдонис"))
    assert caught.value.kind is TroubleKind.REJECTED
    assert ask.last.status == INVALID_STATUS[insurer]


@pytest.mark.parametrize("insurer", EVERYONE)
async def test_missing_facts_are_named_as_the_insurer_calls_them(ask, insurer):
    form = next(i.api.form for i in INSURERS if i.id == insurer)
    with pytest.raises(Trouble) as caught:
        await ask(insurer, application(vehicle__year=None, vehicle__vin=None))
    assert caught.value.kind is TroubleKind.REJECTED
    said = json.dumps(ask.last.body, ensure_ascii=False).replace("/", ".")
    assert form.year in said
    assert form.one_of[0] in said


@pytest.mark.parametrize("insurer", JSON)
async def test_a_body_that_is_no_json_object_is_a_bad_request(http, insurer):
    target = next(i for i in INSURERS if i.id == insurer)
    path = f"/{insurer}{target.api.create}"
    for body in (b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":1e99999999999999999999}'):
        headers, query = await let_in(http, insurer, "POST", path)
        async with http.post(path, data=body, headers=headers, params=query) as answer:
            assert answer.status == target.api.invalid_status
            assert isinstance(await answer.json(), dict)


@pytest.mark.parametrize("insurer", REFUSES_LOGINS)
async def test_without_the_secret_nobody_gets_in(http, insurer):
    target = next(i for i in INSURERS if i.id == insurer)
    async with http.post(f"/{insurer}{target.api.create}", json={}) as answer:
        assert answer.status == REFUSES_LOGINS[insurer]
        assert parsed(answer.content_type, await answer.read())
    wrong = {"Authorization": "Bearer wrong", "X-Api-Key": "wrong"}
    async with http.post(
        f"/{insurer}{target.api.create}?api_key=wrong", json={}, headers=wrong
    ) as answer:
        assert answer.status == REFUSES_LOGINS[insurer]


@pytest.mark.parametrize("insurer", WITH_POLL, ids=lambda insurer: insurer.id)
async def test_an_unknown_application_is_not_found(http, insurer):
    path = f"/{insurer.id}{insurer.api.poll}".replace("{id}", "424242")
    headers, query = await let_in(http, insurer.id, "GET", path)
    async with http.get(path, headers=headers, params=query) as answer:
        assert answer.status == 404
        assert await answer.json()


def test_every_mistake_is_found_at_once():
    form = INSURERS[0].api.form
    body = {
        "vehicle": {"category": "Z", "year": 2020.5, "enginePower": "87", "vin": 5},
        "multidrive": False,
        "drivers": [{"birthDate": "01.02.1985"}, 7],
    }
    with pytest.raises(Misfilled) as caught:
        form.read(body)
    problems = caught.value.problems
    assert problems["vehicle.category"].startswith("must be one of A, A1")
    assert problems["vehicle.enginePower"] == "must be a number"
    assert problems["vehicle.vin"] == "must be a string"
    assert problems["drivers[0].birthDate"].startswith("must be a date")
    assert problems["drivers[1].name"] == "is required"
    assert problems["owner.region"] == "is required"


def test_numbers_beyond_reason_are_not_numbers():
    reader = Reader({"year": int(LARGEST) + 1})
    reader.whole("year")
    assert reader.problems == {"year": "must be a number"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=anything, where=st.sampled_from(["vehicle", "owner", "drivers", "startDate"]))
def test_whatever_stands_in_a_body_reading_it_ends_in_problems(value, where):
    with pytest.raises(Misfilled):
        INSURERS[0].api.form.read({where: value})
