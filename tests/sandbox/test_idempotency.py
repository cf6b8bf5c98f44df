"""The same key is the same application, wherever the insurer knows keys."""

import pytest

from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_sandbox.applications import KEPT_S, MOST_KEPT, Application, Applications
from osago_sandbox.insurers import INSURERS
from osago_sandbox.outcome import Refusal
from tests.sandbox.ask import COMPANY, IVANOV, application

pytestmark = pytest.mark.anyio

KNOW_NO_KEY = {"kedr", "trakt"}
KNOW_KEYS = [i.id for i in INSURERS if i.id not in KNOW_NO_KEY]


@pytest.mark.parametrize("insurer", [i.id for i in INSURERS])
async def test_a_repeat_under_the_same_key_is_the_same_application(ask, http, insurer):
    first = await ask(insurer, key="the-key")
    told = ask.last.body
    assert await ask(insurer, key="the-key") == first or insurer in KNOW_NO_KEY
    assert (ask.last.body == told) == (insurer not in KNOW_NO_KEY)

    counts = await stats(http, insurer)
    assert counts["creates"] == 2
    assert counts["applications"] == 1
    assert counts["duplicate_creates"] == (1 if insurer in KNOW_NO_KEY else 0)
    assert counts["creates_without_key"] == (2 if insurer in KNOW_NO_KEY else 0)


@pytest.mark.parametrize("insurer", [i.id for i in INSURERS])
async def test_another_key_for_the_same_content_is_a_duplicate(ask, http, insurer):
    for key in ("one", "two", "three"):
        await ask(insurer, key=key)
    assert (await stats(http, insurer))["duplicate_creates"] == 2


async def test_contacts_are_no_part_of_the_content(ask, http):
    for phone in ("+79990000001", "+79990000009"):
        await ask("sever", IVANOV | {"owner": IVANOV["owner"] | {"phone": phone}})
    assert (await stats(http, "sever"))["duplicate_creates"] == 1


async def test_other_content_is_no_duplicate(ask, http):
    for power in (87, 88):
        await ask("sever", IVANOV | {"vehicle": IVANOV["vehicle"] | {"power_hp": power}})
    assert (await stats(http, "sever"))["duplicate_creates"] == 0
    assert (await stats(http, "sever"))["applications"] == 2


@pytest.mark.parametrize("insurer", KNOW_KEYS)
async def test_another_clients_price_came_back_under_the_same_key(ask, http, caplog, insurer):
    caplog.set_level("INFO", "osago_sandbox.desk")
    await ask(insurer, key="the-key")
    with pytest.raises(Trouble) as caught:
        await ask(insurer, application(vehicle__power_hp=88), key="the-key")
    assert caught.value.kind is TroubleKind.REJECTED
    assert "Ключ идемпотентности" in str(caught.value)
    status = 500 if insurer == "verst" else 422  # every Fault of verst is a 500
    assert ask.last.status == status
    assert [record.getMessage() for record in caplog.records] == [
        f"{insurer}: an idempotency key with another content: {status}"
    ]
    assert set(await stats(http, insurer)) == {
        *("creates", "polls", "applications", "duplicate_creates", "creates_without_key"),
        *("logins", "other_steps", "max_concurrent", "max_per_second"),
    }


@pytest.mark.parametrize("insurer", KNOW_KEYS)
async def test_what_the_daemons_fingerprint_takes_for_the_same_may_repeat_a_key(ask, insurer):
    second = application(drivers__0__last_name="Петров").get("drivers")
    first = await ask(insurer, application(drivers=[*IVANOV["drivers"], *second]), key="the-key")
    again = application(
        drivers=[*second, *IVANOV["drivers"]],
        vehicle__brand="Lаda",  # a Cyrillic а
        owner__last_name="иванов ",
        owner__phone="+79990000009",
    )
    assert await ask(insurer, again, key="the-key") == first


@pytest.mark.parametrize("insurer", [i.id for i in INSURERS])
@pytest.mark.parametrize(
    "policyholder",
    [COMPANY, IVANOV["owner"] | {"first_name": "Пётр"}, IVANOV["owner"] | {"inn": "500100732259"}],
    ids=["company", "brother", "namesake"],
)
async def test_clients_who_differ_only_in_the_policyholder_were_one(
    ask, http, insurer, policyholder
):
    await ask(insurer)
    await ask(insurer, application(policyholder=policyholder))
    assert (await stats(http, insurer))["duplicate_creates"] == 0


async def stats(http, insurer):
    async with http.get("/_control/stats") as answer:
        return (await answer.json())["insurers"][insurer]


def test_applications_are_forgotten_after_a_while():
    desk = Applications()
    desk.add(taken(1, at_s=0.0), "key")
    assert desk.with_key("key", KEPT_S - 1) == desk.with_id("1", KEPT_S - 1) == taken(1, at_s=0.0)
    assert desk.with_key("key", KEPT_S) is None
    assert desk.with_id("1", KEPT_S) is None


def test_only_so_many_applications_are_remembered():
    desk = Applications()
    for number in range(MOST_KEPT + 2):
        desk.add(taken(number, at_s=1.0), f"key-{number}")
    desk.with_id("0", 1.0)
    assert desk.with_id("0", 1.0) is desk.with_key("key-0", 1.0) is None
    assert desk.with_key(f"key-{MOST_KEPT}", 1.0) is not None


def taken(number, at_s):
    return Application(
        id=str(number),
        number=number,
        content=b"",
        start_date=None,
        outcome=Refusal("нет"),
        created_at_s=at_s,
        ready_at_s=at_s,
    )
