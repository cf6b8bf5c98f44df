"""What plug-ins may use stays: names and members are compared with those of the stored list."""

import json
from pathlib import Path

from pydantic import BaseModel

from osago_daemon.insurers import plugin

STORED = Path(__file__).with_name("api-1.json")


def members(name):
    """The public attributes of a class that are its own business; nothing of another value."""
    value = getattr(plugin, name)
    if not isinstance(value, type):
        return []
    fields = getattr(value, "model_fields", {})
    public = {each for each in dir(value) if not each.startswith("_")}
    return sorted(public.difference(dir(BaseModel), dir(str), dir(Exception)).union(fields))


def test_the_names_are_those_of_the_stored_list():
    stored = json.loads(STORED.read_text())
    assert stored["api"] == plugin.PLUGIN_API, "store the new list beside the old one"
    assert sorted(plugin.__all__) == sorted(stored["names"])


def test_no_member_has_gone():
    stored = json.loads(STORED.read_text())["names"]
    for name, kept in stored.items():
        assert set(kept) <= set(members(name)), f"{name}: that raises PLUGIN_API"


def test_the_contract_says_which_version_it_is():
    assert "PLUGIN_API" in plugin.__doc__
    assert all(getattr(plugin, name) is not None for name in plugin.__all__)
