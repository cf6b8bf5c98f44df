"""The worked example: its table, its signature, and that each attempt has its own."""

import ast
import base64
import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from osago_daemon.config import check, effective
from osago_daemon.config.reading import read
from osago_daemon.insurers.auth import Exit
from osago_daemon.insurers.secrets import Secrets
from tests.support import plugins

TOML = (plugins.EXAMPLE / "insurers.toml").read_text(encoding="utf-8")
PAGE = (Path(__file__).parents[4] / "docs/insurers.md").read_text(encoding="utf-8")


@pytest.fixture
def file(site, tmp_path, monkeypatch):
    """The example's insurers.toml, where the plug-in is installed."""
    monkeypatch.setenv("INGURU_PASSWORD", "canary-password")
    plugins.install_example(site)
    plugins.forget()
    path = tmp_path / "insurers.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def test_the_file_is_complete_and_shows_its_values(file):
    found = check.document(file)
    assert (found["problems"], found["insurers"]) == ([], 1)
    assert [each["reference"] for each in found["secrets"]] == ["env:INGURU_PASSWORD"]
    assert [each["code"] for each in found["warnings"]] == ["no_limits"]
    shown = effective.document(file, read(file), ("inguru",))["insurers"][0]["values"]
    auth = {tuple(each["key"]): each["value"] for each in shown if each["key"][0] == "auth"}
    assert auth == {
        ("auth", "login"): "agent",
        ("auth", "password"): "env:INGURU_PASSWORD",
        ("auth", "age_s"): 60,
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("age_s = 60", "ages = 60", "auth.ages: unknown key; did you mean `age_s`?"),
        ("age_s = 60", "age_s = 0", "auth.age_s: it should be greater than or equal to 1"),
        ("env:INGURU_PASSWORD", "env:NOPE", "auth.password: env:NOPE: this environment variable"),
        ("env:INGURU_PASSWORD", "plain:canary", "auth.password: a secret does not belong in"),
        ('path = "/eosago/4.0"', 'path = "eosago"', "create.path: expected a path"),
    ],
)
def test_mistakes_of_its_table_are_told_as_any(file, old, new, problem):
    assert old in TOML
    file.write_text(TOML.replace(old, new), encoding="utf-8")
    [found] = check.document(file)["problems"]
    assert f"{found['key']}: {found['text']}".startswith(f"insurers.inguru.{problem}")
    assert "canary" not in found["text"]


def test_the_signature_is_the_one_of_their_page(file):
    del file
    inguru = importlib.import_module("osago_inguru")
    scheme, signed = inguru.signature("agent", "secret", 1_800_000_000, 60).split(" ")
    assert scheme == "INGURU"
    # Worked out with sha256sum and md5sum.
    assert base64.b64decode(signed).decode() == SIGNED


SIGNED = (
    "d4f0bc5a29de06b510f9aa428f1eedba926012b591fef7a518e776a7c9bd1824"
    ":1800000000:60:89e2f7b614dc06183b6c67c6fbc99194"
)


def test_each_attempt_is_signed_anew_and_the_password_is_masked(file, tmp_path):
    del file
    inguru = importlib.import_module("osago_inguru")
    moments = [datetime(2026, 11, 27, tzinfo=UTC) + timedelta(seconds=n) for n in (0, 90)]
    clock = iter(moments)
    table = {"login": "agent", "password": "env:P"}
    auth = inguru.InguruAuth.model_validate(table).build(Secrets(tmp_path, {"P": "canary-word"}))
    session = auth.session(Exit("https://api.example.org", None, lambda: next(clock)))
    visit = session.visit(None)
    request = httpx.Request("POST", "https://api.example.org/eosago/4.0")
    sent = [visit.headers(request)["Authorization"].partition(" ")[2] for _ in moments]
    times = [int(base64.b64decode(each).split(b":")[1]) for each in sent]
    assert times == [int(moment.timestamp()) for moment in moments]
    assert "canary-word" not in session.mask("no such user: canary-word") + repr(auth)


@pytest.mark.parametrize("name", ["osago_inguru.py", "osago_lines.py"])
def test_the_page_shows_the_code_that_is_tested(name):
    """Whole, or the class and function that it shows of it."""
    text = (plugins.EXAMPLE / name).read_text(encoding="utf-8")
    section = PAGE.split("\n## Plug-ins\n")[1]
    blocks = [block.split("```", 1)[0] for block in section.split("```python\n")[1:]]
    assert any(block in text for block in blocks if block.count("\n") > 10)
    for block in blocks:
        ast.parse(block)


def test_the_examples_use_nothing_but_what_is_kept_stable():
    for path in plugins.EXAMPLE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("osago"):
                assert (node.module, *(each.name for each in node.names))[:2] in {
                    ("osago_daemon.insurers", "plugin"),
                    ("osago_daemon.insurers.plugin", node.names[0].name),
                }, path
