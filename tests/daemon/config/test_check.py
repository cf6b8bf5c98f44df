"""What `osago config check` finds: mistakes, oddities, and which secrets are there."""

import json

from osago_core import paths
from osago_daemon.config import check


def places(found):
    return [(each["line"], each["key"], each["code"]) for each in found["warnings"]]


def test_a_good_file_is_counted_and_its_secrets_are_named_by_reference(write, good):
    off = good.replace("sever]", "off]").replace("sever.", "off.").replace("Север", "Юг")
    path = write(good + off.replace('name = "', 'enabled = false\nname = "'))
    assert check.document(path) == {
        "valid": True,
        "file": str(path),
        "insurers": 1,
        "switched_off": 1,
        "secrets": [
            {"reference": "env:SEVER_TOKEN", "found": True, "keys": ["insurers.sever.auth.token"]}
        ],
        "problems": [],
        "warnings": [],
    }


def test_every_mistake_is_told_at_once_beside_the_oddities_of_other_insurers(write, good):
    other = good.replace("sever", "yug").replace("Север", "Юг").replace("limits = ", "# ")
    path = write(good.replace("path =", "pathh =").replace("env:SEVER_TOKEN", "env:NO") + other)
    found = check.document(path)
    assert not found["valid"]
    assert [(each["line"], each["key"]) for each in found["problems"]] == [
        (4, "insurers.sever.auth.token"),
        (7, "insurers.sever.create.path"),
        (8, "insurers.sever.create.pathh"),
    ]
    assert places(found) == [(14, "insurers.yug.limits", "no_limits")]


def test_a_secret_that_is_not_there_is_listed_as_not_found(write, good, monkeypatch):
    path = write(good)
    monkeypatch.delenv("SEVER_TOKEN")
    [secret] = check.document(path)["secrets"]
    assert (secret["reference"], secret["found"]) == ("env:SEVER_TOKEN", False)


def test_what_is_legal_but_odd_is_a_warning_at_its_line(write, good):
    odd = (
        good.replace("https:", "http:")
        .replace("limits = { per_second = 5 }", "limits = { at_once = 5 }\nallow_http = true")
        .replace("call.key", "call.today")
    )
    found = check.document(write(odd))
    assert found["valid"]
    assert places(found) == [
        (5, "insurers.sever.limits", "no_limits"),
        (6, "insurers.sever.allow_http", "http_allowed"),
        (8, "insurers.sever.create", "create_not_repeatable"),
    ]


def test_an_own_folder_of_tariff_tables_is_a_warning(write, good):
    found = check.document(write(good + '[tariff]\ndirectory = "nowhere"\n'))
    assert places(found) == [(15, "tariff.directory", "own_tariff")]


def test_an_insurer_that_is_switched_off_is_not_warned_of(write, good):
    off = good.replace("sever", "off").replace("Север", "Юг").replace("limits = ", "# ")
    path = write(good + off.replace('name = "', 'enabled = false\nname = "'))
    assert check.document(path)["warnings"] == []


def test_no_value_of_a_secret_is_in_what_is_found(write, good, monkeypatch):
    token = good.replace("env:SEVER_TOKEN", "plain:canary-plain").replace("https:", "http:")
    local = token.replace("api.example.org", "127.0.0.1")
    for text in (good, token, local):
        assert "canary" not in json.dumps(check.document(write(text)))
    monkeypatch.setenv("SEVER_TOKEN", "canary\nwith a line break")
    found = check.document(write(good))
    assert not found["valid"]
    assert "canary" not in json.dumps(found)


def test_what_is_no_file_and_what_is_no_toml_is_told_with_its_place(write, tmp_path):
    [problem] = check.document(tmp_path / "none.toml")["problems"]
    assert problem["text"] == "there is no such file"
    [problem] = check.document(write("[insurers.sever\n"))["problems"]
    assert (problem["line"], problem["column"]) == (1, 16)
    deep = f"[insurers.a]\nx = {'[' * 400}{']' * 400}\n"
    assert check.document(write(deep))["problems"]


def test_the_shipped_file_is_fine():
    found = check.document(paths.shipped("insurers.toml"))
    assert (found["valid"], found["insurers"], found["switched_off"]) == (True, 10, 0)
    assert found["secrets"][0]["reference"] == "plain:…"
