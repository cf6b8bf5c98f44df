"""omut: the vehicle is sent ahead, and the calculation names it."""

import uuid

import pytest

pytestmark = pytest.mark.anyio

VEHICLE = {
    "category": "B",
    "registration": "russia",
    "vin": "XTA219010L0000001",
    "brand": {"name": "LADA"},
    "model": {"name": "Granta"},
    "year": 2020,
    "engine_power": 87,
}
CALCULATION = {
    "product_type": "osago",
    "purpose": "personal",
    "policy_start_date": "2026-12-01T00:00:00+03:00",
    "policy_months": 12,
    "usage_months": 12,
    "drivers_info": {"is_unlimited_drivers": True},
    "owner": {"kind": "person", "name": "Иванов", "address": {"region": "Москва"}},
    "insurer": {"name": "Иванов"},
}


@pytest.fixture
def post(http):
    async def posted(path, body, key=None):
        headers = {"X-Partner-Key": "sandbox-omut"}
        if key is not None:
            headers["Idempotency-Key"] = key
        async with http.post(f"/omut/osago/{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    return posted


@pytest.fixture
def vehicle(post):
    """The id of a vehicle that was taken."""

    async def taken(key=None, **changes):
        status, body = await post("vehicles", {"vehicle": VEHICLE | changes}, key)
        assert status == 201
        return body["vehicle_id"]

    return taken


@pytest.fixture
def calculated(http, post):
    """What came of a calculation with a vehicle."""

    async def asked(id_, key=None):
        status, body = await post("calculate", CALCULATION | {"vehicle_id": id_}, key)
        assert (status, body["status"]) == (200, "DRAFT")
        path = f"/omut/osago/calculate/{body['request_id']}"
        async with http.get(path, headers={"X-Partner-Key": "sandbox-omut"}) as answer:
            (offer,) = (await answer.json())["offers"]
            return offer

    return asked


@pytest.fixture
async def stats(http):
    async def counted():
        async with http.get("/_control/stats") as answer:
            return (await answer.json())["insurers"]["omut"]

    return counted


async def test_underwriting_sees_vehicle_and_calculation_together(vehicle, calculated):
    assert (await calculated(await vehicle()))["status"] == "PAYMENT_READY"
    old = await calculated(await vehicle(year=1990))
    assert (old["status"], "Возраст ТС" in old["message"]) == ("REJECTED", True)


async def test_the_price_is_the_vehicles(vehicle, calculated):
    weak, strong = [(await calculated(await vehicle(engine_power=hp)))["price"] for hp in (87, 160)]
    assert strong > weak * 1.2


async def test_a_vehicle_is_no_create(vehicle, calculated, stats):
    await calculated(await vehicle())
    seen = await stats()
    assert (seen["other_steps"], seen["creates"], seen["applications"]) == (1, 1, 1)
    assert seen["duplicate_creates"] == 0


async def test_the_same_car_under_another_id_is_the_same_application(vehicle, calculated, stats):
    first, second = await vehicle(), await vehicle()
    assert first != second
    await calculated(first)
    await calculated(second)
    assert (await stats())["duplicate_creates"] == 1


async def test_another_car_with_the_same_calculation_is_none(vehicle, calculated, stats):
    for year in (2019, 2020):
        await calculated(await vehicle(year=year))
    assert (await stats())["duplicate_creates"] == 0


async def test_a_key_brings_the_same_vehicle_and_no_other(post, vehicle, calculated):
    first = await vehicle("key")
    assert await vehicle("key") == first
    assert await vehicle("other") != first
    status, body = await post("vehicles", {"vehicle": VEHICLE | {"year": 2021}}, "key")
    assert (status, "Ключ идемпотентности" in body["message"]) == (422, True)
    assert await calculated(first, "key") == await calculated(first, "key")  # of its own steps


async def test_a_key_for_another_car_is_a_key_for_another_application(post, vehicle, calculated):
    await calculated(await vehicle("a"), "key")
    other = await vehicle("b", year=2021)
    status, body = await post("calculate", CALCULATION | {"vehicle_id": other}, "key")
    assert (status, "Ключ идемпотентности" in body["message"]) == (422, True)


async def test_a_vehicle_that_nobody_knows(post):
    status, body = await post("calculate", CALCULATION | {"vehicle_id": str(uuid.UUID(int=5))})
    assert (status, body["message"]) == (422, "Транспортное средство не найдено")
    assert [problem["property"] for problem in body["properties"]] == ["vehicle_id"]


@pytest.mark.parametrize("id_", [None, 5, ["a"], {}])
async def test_what_is_no_id_is_missing(post, id_):
    status, body = await post("calculate", CALCULATION | {"vehicle_id": id_})
    assert (status, body["properties"][0]["message"]) == (400, "is required")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"vehicle": VEHICLE | {"year": None}}, "vehicle.year"),
        ({"vehicle": VEHICLE | {"vin": None}}, "vehicle.vin"),
        ({"vehicle": VEHICLE | {"brand": {}}}, "vehicle.brand.name"),
        ({"vehicle": []}, "vehicle.category"),
        ([], "vehicle.category"),
    ],
)
async def test_a_badly_filled_vehicle_is_refused_at_once(post, body, named):
    status, told = await post("vehicles", body)
    assert (status, named in {p["property"] for p in told["properties"]}) == (400, True)
    assert all(p["property"].startswith("vehicle.") for p in told["properties"])


async def test_vehicles_want_the_key_of_who_asks(http):
    for path in ("vehicles", "calculate"):
        async with http.post(f"/omut/osago/{path}", json={"vehicle": VEHICLE}) as answer:
            assert answer.status == 401


async def test_ids_follow_from_the_content(vehicle):
    assert uuid.UUID(await vehicle()).version == 4
