"""filin: a form with repeated fields, filled in by hand."""

import pytest

pytestmark = pytest.mark.anyio

FIELDS = [
    ("start", "2026-12-01"),
    ("months", "12"),
    ("use_months", "12"),
    ("everyone_drives", "no"),
    ("auto_cat", "B"),
    ("auto_use", "personal"),
    ("auto_registration", "russia"),
    ("auto_year", "2020"),
    ("auto_hp", "87.5"),
    ("auto_seats", ""),
    ("auto_vin", "XTA219010L0000001"),
    ("client_kind", "person"),
    ("client_name", "Иванов Иван"),
    ("client_region", "Республика Татарстан"),
    ("client_town", "Казань"),
    ("policyholder_name", "Иванов Иван"),
]


def driver(birth="1985-02-01", kbm_class="13"):
    return [
        ("driver_birth", birth),
        ("driver_since", "2005-06-01"),
        ("driver_licence", "9900000001"),
        ("driver_class", kbm_class),
    ]


async def ask(http, fields, headers=None):
    async with http.post("/filin/quote", data=fields, headers=headers) as answer:
        return answer.status, await answer.json()


async def price(http, fields):
    status, body = await ask(http, fields)
    assert (status, body["decision"]) == (200, "approve")
    return body["base_rub"], body["premium_rub"]


async def test_fields_that_come_again_are_more_drivers(http):
    base_rate, one = await price(http, [*FIELDS, *driver()])
    two = await price(http, [*FIELDS, *driver(), *driver(kbm_class="5")])
    assert two[1] / two[0] > one / base_rate  # the worse class counts


async def test_an_empty_field_is_a_class_that_nobody_knows(http):
    base_rate, known = await price(http, [*FIELDS, *driver()])
    other, unknown = await price(http, [*FIELDS, *driver(kbm_class="")])
    assert unknown / other > known / base_rate


async def test_every_driver_counts_when_people_are_refused(http):
    _, body = await ask(http, [*FIELDS, *driver(), *driver(birth="2006-01-01")])
    assert body["decision"] == "decline"


async def test_whoever_drives_needs_no_drivers(http):
    unlimited = dict(FIELDS) | {"everyone_drives": "yes"}
    assert await price(http, list(unlimited.items()))


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ([*FIELDS, *driver(), ("driver_birth", "1990-01-01")], "driver_since"),
        ([*FIELDS, *driver()[:-1]], "driver_class"),
        (FIELDS, "drivers"),
        ([*FIELDS, *driver(), ("auto_year", "2021")], "auto_year"),
        ([*FIELDS, *driver(), ("auto_hp", "1e3")], "auto_hp"),
        ([*FIELDS, *driver(birth="01.02.1985")], "drivers[0].driver_birth"),
    ],
)
async def test_what_is_wrong_is_named_by_its_field(http, fields, where):
    status, body = await ask(http, fields)
    assert (status, body["where"]) == (400, [where])


@pytest.mark.parametrize("body", [b"", b"%ff=1", b"\xff=1", b"a=1&" * 2000, b"[]"])
async def test_forms_that_are_none(http, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await ask(http, body, headers))[0] == 400


async def test_json_is_no_form(http):
    headers = {"Content-Type": "application/json"}
    status, body = await ask(http, b"{}", headers)
    assert (status, body["where"]) == (400, ["Content-Type"])
