"""The JSON Schema for editors: as the models have it, and with words for every key."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from osago_core import paths
from osago_daemon.config import schema, starting

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/insurers.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def document():
    return schema.document()


def test_the_written_schema_is_that_of_the_models():
    assert (ROOT / starting.SCHEMA).read_text(encoding="utf-8") == schema.text(), "run: make schema"


def test_every_key_has_a_description(document):
    missing = [
        f"{name}.{key}"
        for name, table in document["$defs"].items()
        for key, value in table.get("properties", {}).items()
        if not value.get("description")
    ]
    assert missing == []


def test_every_table_takes_known_keys_only(document):
    for name, table in document["$defs"].items():
        if "properties" in table:
            assert table["additionalProperties"] is False, name
            assert table["description"], name


def test_toml_has_no_null(document):
    assert '"null"' not in json.dumps(document)


def test_it_takes_the_shipped_file_and_those_to_begin_with(document, refused):
    shipped = paths.shipped("insurers.toml").read_text(encoding="utf-8")
    for text in (shipped, *map(starting.text, starting.LANGUAGES)):
        assert refused(document, tomllib.loads(text)) is None


def test_it_takes_every_complete_example_of_the_page(document, refused):
    blocks = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    examples = [block for block in map(tomllib.loads, blocks) if "insurers" in block]
    assert any(refused(document, example) is None for example in examples)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (("path =", "pathh ="), ("insurers", "sever", "create", "pathh")),
        (("per_second = 5", 'per_second = "5"'), ("insurers", "sever", "limits", "per_second")),
        (("per_second = 5", "per_second = 0"), ("insurers", "sever", "limits", "per_second")),
        (('"vehicle.vin"', "2024"), ("insurers", "sever", "create", "body", "vin")),
        (("[insurers.sever]", 'insurer = "x"\n[insurers.sever]'), ("insurer",)),
        (("premium =", 'money = "euros"\npremium ='), ("insurers", "sever", "answer", "money")),
        (('"bearer"', '"baerer"'), ("insurers", "sever", "auth")),
        (("env:SEVER_TOKEN", "SEVER_TOKEN"), ("insurers", "sever", "auth")),
    ],
)
def test_it_refuses_at_the_key_what_the_daemon_refuses(document, refused, good, wrong, key):
    assert refused(document, tomllib.loads(good)) is None
    assert refused(document, tomllib.loads(good.replace(*wrong))) == key


PLUGGED = """
[insurers.sever]
name = "Север"
adapter = "inguru"
agency = { id = 7 }
limits = { per_second = 5 }
"""


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("", ""), None),  # its own keys are the plug-in's business
        (("per_second", "per_secund"), ("insurers", "sever", "limits", "per_secund")),
        (('name = "Север"', "name = 5"), ("insurers", "sever", "name")),
        (
            ('adapter = "inguru"\nagency = { id = 7 }', "adapter = 5"),
            ("insurers", "sever", "adapter"),
        ),
        # Without a plug-in's name it is a table of ours, whose keys are all known.
        (('adapter = "inguru"', 'adapter = "rest"'), ("insurers", "sever", "agency")),
        (('adapter = "inguru"', ""), ("insurers", "sever", "agency")),
    ],
)
def test_of_a_plug_ins_table_it_knows_what_all_insurers_have(document, refused, change, key):
    assert refused(document, tomllib.loads(PLUGGED.replace(*change, 1))) == key


def test_editors_that_know_no_conditions_complete_the_usual_table(document):
    """Taplo follows `anyOf` and `properties`, neither `if` nor `else`."""
    table = document["properties"]["insurers"]["additionalProperties"]
    assert table["anyOf"] == [{"$ref": "#/$defs/RestSpec"}, {}]


def test_an_insurers_id_is_no_key_of_its_table(document, refused, good):
    table = tomllib.loads(good)
    table["insurers"]["sever"]["id"] = "sever"
    assert refused(document, table) == ("insurers", "sever", "id")


def test_defaults_are_there_to_be_seen(document):
    assert document["$defs"]["LimitNumbers"]["properties"]["at_once"]["default"] == 500


def test_dictionaries_are_known_to_editors(document):
    dictionaries = document["properties"]["dictionaries"]["additionalProperties"]
    assert dictionaries["properties"].keys() == {"entries", "file"}
    assert dictionaries["additionalProperties"] is False
