"""The shipped insurers.toml and the sandbox are held together."""

import json
import tomllib

from osago_core.paths import shipped
from osago_sandbox import insurers_toml
from osago_sandbox.config import SHIPPED_URL, SHORTEST_WAIT_S
from osago_sandbox.insurers import INSURERS
from osago_sandbox.server import DEFAULT_HOST, DEFAULT_PORT, base_url


def configured(text):
    return tomllib.loads(text)["insurers"]


def steps_of(table):
    """Name → table, in their order."""
    if "steps" in table:
        return {step["name"]: step for step in table["steps"]}
    return {name: table[name] for name in ("create", "poll") if name in table}


def pace_of(table):
    """When to poll."""
    poll = steps_of(table).get("poll", {})
    return poll.get("poll", poll)


def test_the_shipped_file_describes_the_ten_in_their_order():
    tables = configured(shipped("insurers.toml").read_text(encoding="utf-8"))
    assert {name: table["name"] for name, table in tables.items()} == {
        insurer.id: insurer.name for insurer in INSURERS
    }
    assert list(tables) == [insurer.id for insurer in INSURERS]
    for name, table in tables.items():
        assert table["base_url"] == f"{SHIPPED_URL}/{name}"


def test_the_shipped_address_is_the_default_one():
    assert base_url(DEFAULT_HOST, DEFAULT_PORT) == SHIPPED_URL


def test_a_written_file_differs_by_its_address_only():
    url = "http://127.0.0.1:1234"
    text = insurers_toml(url)
    assert text.replace(url, SHIPPED_URL) == shipped("insurers.toml").read_text(encoding="utf-8")
    assert all(table["base_url"] == f"{url}/{name}" for name, table in configured(text).items())


def test_faster_insurers_are_polled_as_much_more_often():
    shipped_tables, faster = (configured(insurers_toml(SHIPPED_URL, s)) for s in (1.0, 0.1))
    for name, table in shipped_tables.items():
        pace, faster_pace = pace_of(table), pace_of(faster[name])
        if "first_s" in pace:
            assert faster_pace["first_s"] == max(pace["first_s"] / 10, SHORTEST_WAIT_S)
        assert ("least_s" in faster_pace) == ("poll" in steps_of(table))
    for name in ("sever", "omut"):
        table = configured(insurers_toml(SHIPPED_URL, 0))[name]
        assert pace_of(table)["first_s"] == SHORTEST_WAIT_S


def test_paths_and_repeat_safety_agree():
    tables = configured(insurers_toml(SHIPPED_URL))
    for insurer in INSURERS:
        table, endpoints = tables[insurer.id], dict(insurer.endpoints)
        if (login := endpoints.pop("login", None)) is not None:
            assert ("POST", table["auth"]["path"]) == login
        steps = steps_of(table)
        assert list(steps) == list(endpoints)
        for name, step in steps.items():
            if step["path"] != "{link}":
                assert step["path"] == endpoints[name][1]
        takes_key = insurer.api.key_header is not None or insurer.api.form.key is not None
        for name in steps.keys() - {"poll"}:
            assert ('"call.key"' in json.dumps(steps[name])) == takes_key


def test_everywhere_is_reached_on_loopback():
    assert base_url("0.0.0.0", 1) == "http://127.0.0.1:1"
    assert base_url("::", 1) == "http://[::1]:1"
    assert base_url("10.0.0.5", 1) == "http://10.0.0.5:1"
