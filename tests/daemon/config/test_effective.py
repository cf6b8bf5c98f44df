"""Every value that holds, where it comes from, and nothing secret."""

import json
import tomllib

from osago_core import paths
from osago_daemon.config import effective
from osago_daemon.config.reading import read


def shown(path, *ids):
    file = read(path)
    return effective.document(path, file, ids or file.ids)


def values(found, insurer):
    [each] = [each for each in found["insurers"] if each["id"] == insurer]
    return {tuple(v["key"]): (v["value"], v["line"]) for v in each["values"]}


def test_the_file_and_the_defaults_are_told_apart(write, good):
    found = values(shown(write(good)), "sever")
    assert found["name",] == ("Север-Полис", 2)
    assert found["auth", "kind"] == ("bearer", 4)
    assert found["limits", "per_second"] == (5, 5)
    assert found["limits", "at_once"] == (500, None)
    assert found["retry", "server_error", "retries"] == (2, None)
    assert found["create", "headers", "Idempotency-Key"] == ("call.key", 9)
    assert found["create", "body", "vin"] == ("vehicle.vin", 10)
    assert found["poll",] == (None, None)
    assert ("id",) not in found


def says(shown_, told):
    """Whether all that is told is shown; steps, as tables of a list, are shown with defaults."""
    if isinstance(told, dict):
        return told.keys() <= shown_.keys() and all(says(shown_[n], v) for n, v in told.items())
    if isinstance(told, list) and isinstance(shown_, list):
        return len(told) == len(shown_) and all(map(says, shown_, told))
    return shown_ == told


def test_whatever_the_shipped_file_says_is_shown_as_it_says_it():
    """So no key that a table can have is forgotten; secrets aside."""
    path = paths.shipped("insurers.toml")
    found = shown(path)

    def leaves(table, key=()):
        for name, value in table.items():
            if isinstance(value, dict):
                yield from leaves(value, (*key, name))
            else:
                yield (*key, name), value

    tables = tomllib.loads(path.read_text(encoding="utf-8"))["insurers"]
    assert [each["id"] for each in found["insurers"]] == list(tables)
    for name, table in tables.items():
        for key, value in leaves(table):
            expected = "plain:…" if str(value).startswith("plain:") else value
            assert says(values(found, name)[key][0], expected), key
            assert values(found, name)[key][1] is not None, key


def test_secrets_are_shown_as_references_only(write, good):
    odd = good.replace("body = {", "query = { api_key = \"'canary-1'\" }\nbody = {")
    odd = odd.replace("env:SEVER_TOKEN", "plain:canary-2").replace("https:", "http:")
    path = write(odd.replace("api.example.org", "127.0.0.1"))
    found = shown(path)
    assert "canary" not in json.dumps(found)
    assert values(found, "sever")["create", "query", "api_key"][0] == "'…'"
    assert values(found, "sever")["auth", "token"][0] == "plain:…"


def test_an_alias_is_shown_as_it_is_written(write, good):
    key = '{ kind = "api_key", name = "k", value = "env:SEVER_TOKEN", in = "query" }'
    path = write(good.replace('{ kind = "bearer", token = "env:SEVER_TOKEN" }', key))
    assert values(shown(path), "sever")["auth", "in"] == ("query", 4)


def test_the_own_tariff_is_shown(write, good):
    found = shown(write(good + '[tariff]\ndirectory = "mine"\n'))
    assert found["tariff"] == [{"key": ["directory"], "value": "mine", "line": 15}]
    assert shown(write(good))["tariff"][0]["value"] is None


DICTIONARY = """\
[dictionaries.makes.entries]
Kia = 7
LADA = { value = 1, aliases = ["ВАЗ"] }

"""


def test_an_insurer_that_looks_words_up_is_shown_as_well(write, good):
    text = DICTIONARY + good.replace("vehicle.vin", "look_up('makes', vehicle.brand)")
    assert values(shown(write(text)), "sever")["create", "body", "vin"][0].startswith("look_up(")


def test_dictionaries_are_listed_with_their_entries_and_where_they_come_from(write, good):
    path = write(DICTIONARY + '[dictionaries.models]\nfile = "models.csv"\n' + good)
    path.with_name("models.csv").write_text("key,value\nRio,0.5\nVesta,X7\n")
    makes, models = shown(path)["dictionaries"]
    entries = {"Kia": 7, "LADA": 1}
    assert makes == {"name": "makes", "line": 1, "source": None, "count": 2, "entries": entries}
    assert (models["line"], models["source"], models["count"]) == (5, "models.csv", 2)
    assert list(models["entries"]) == ["Rio", "Vesta"]
    assert json.loads(json.dumps(models)) == models
