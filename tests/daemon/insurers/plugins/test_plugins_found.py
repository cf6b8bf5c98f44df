"""Plug-ins are found by their entry points; what is wrong with one is a problem of the file."""

import importlib.metadata
import sys

import pytest

from osago_daemon.config_problems import ConfigError
from osago_daemon.insurers import registry
from tests.support import plugins

TABLE = """\
[insurers.sever]
name = "Север"
adapter = "plug"
"""
REST = """\
[insurers.yug]
name = "Юг"
base_url = "https://api.example.org"
create = { path = "/quotes", headers = { Key = "call.key" } }
answer = { premium = "body.premium" }
"""
HEAD = "from osago_daemon.insurers.plugin import *\n"
KIND = """
class Adapter_:
    async def quote(self, call):
        return Offer(premium=1)
KIND = AdapterKind(Spec, lambda spec, around: Adapter_())
"""
FINE = f"{HEAD}\nclass Spec(InsurerSpec):\n    agency: int = 0\n{KIND}"


def test_osagos_own_kind_comes_in_by_the_same_door():
    [door] = importlib.metadata.entry_points(group=registry.GROUP, name="rest")
    assert door.load() is registry.found("rest").kind
    assert registry.names()[0] == "rest"


def test_a_plug_ins_table_is_read_by_its_model(installed, load_text, problems):
    installed(FINE)
    [sever] = load_text(f"{TABLE}agency = 7\n").insurers
    assert (sever.spec.agency, sever.spec.adapter) == (7, "plug")
    assert problems(f'{TABLE}agensy = 7\nagency = "x"\n') == [
        "4: insurers.sever.agensy: unknown key; did you mean `agency`?",
        "5: insurers.sever.agency: expected a whole number, got text",
    ]


def test_only_what_a_file_names_is_imported(installed, load_text):
    installed(FINE)
    load_text(REST)
    assert "plug" not in sys.modules
    load_text(TABLE + REST)
    assert "plug" in sys.modules


def test_what_is_installed_is_looked_at_once(installed, load_text, monkeypatch):
    installed(FINE)
    load_text(TABLE + REST)
    monkeypatch.setattr(registry, "entry_points", None)
    load_text(TABLE + REST)


def test_an_unknown_kind_is_told_what_there_is(installed, problems):
    installed(FINE)
    assert problems(TABLE.replace('"plug"', '"plugg"')) == [
        "3: insurers.sever.adapter: unknown kind; there is rest, plug; did you mean `plug`?"
    ]
    assert problems(TABLE.replace('"plug"', "5")) == [
        "3: insurers.sever.adapter: unknown kind; there is rest, plug"
    ]


SPEC = f"{HEAD}\nclass Spec(InsurerSpec):\n"
BROKEN = "osago-plug 1.0 is broken: plug:KIND"
READING = "osago-plug 1.0 is broken: reading its table"
IMPORT = "osago-plug 1.0 can't be imported:"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import no_such_module", f"{IMPORT} No module named 'no_such_module'"),
        ("KINE = 1", f"{IMPORT} module 'plug' has no attribute 'KIND'"),
        ("1 / 0", f"{IMPORT} ZeroDivisionError at plug.py, line 1"),
        ("\n\ndef", f"{IMPORT} SyntaxError at plug.py, line 3"),
        ("import sys; sys.exit('canary')", f"{IMPORT} SystemExit at plug.py, line 1"),
        ("KIND = 1", f"{BROKEN} is no AdapterKind of osago_daemon.insurers.plugin"),
        (f"{HEAD}\nKIND = AdapterKind", f"{BROKEN} is no AdapterKind of"),
        (f"{HEAD}\nKIND = AdapterKind(Table, print)", f"{BROKEN} has a spec that is no subclass"),
        (f"{HEAD}\nKIND = AdapterKind(5, print)", f"{BROKEN} has a spec that is no subclass"),
        (f"{HEAD}\nKIND = AdapterKind(InsurerSpec, 5)", f"{BROKEN} has a build that can't be"),
        (f"{SPEC}    agency: 'Agenzy'\n{KIND}", f"{BROKEN} has an unfinished spec: name 'Agenzy'"),
        (
            f"{SPEC}    def model_post_init(self, _):\n        raise KeyError('canary')\n{KIND}",
            f"{READING} KeyError at plug.py, line 5",
        ),
        (
            f"{SPEC}    def surroundings_problems(self, secrets):\n        yield 5\n{KIND}",
            f"{READING} TypeError",
        ),
        (
            f"{SPEC}    def surroundings_problems(self, _):\n        raise SystemExit\n{KIND}",
            f"{READING} SystemExit at plug.py, line 5",
        ),
        (
            f"{SPEC}    @property\n    def pacing(self):\n        return 1 / 0\n{KIND}",
            f"{READING} ZeroDivisionError at plug.py, line 6",
        ),
    ],
)
def test_a_broken_plug_in_is_a_problem_of_the_file(installed, problems, text, problem):
    installed(text)
    [found] = problems(TABLE + REST)
    assert found.startswith(f"3: insurers.sever.adapter: {problem}")
    assert "canary" not in found
    assert "\n" not in found


def test_a_broken_plug_in_is_no_matter_where_nobody_names_it(installed, load_text):
    installed("1 / 0")
    assert load_text(REST).insurers


@pytest.mark.parametrize("name", ["plug", "rest"])
def test_a_name_that_two_claim_is_nobodys(site, problems, name):
    plugins.install(site, "osago-plug", modules={"plug": FINE}, **{name: "plug:KIND"})
    plugins.install(site, "other-plug", version="2.1", modules={"pluh": FINE}, plug="pluh:KIND")
    plugins.forget()
    other = "other-plug 2.1" if name == "plug" else "osago 0.1.0"
    both = " and ".join(sorted(["osago-plug 1.0", other]))
    [found] = problems(TABLE.replace('"plug"', f'"{name}"'))
    assert found == (
        f'3: insurers.sever.adapter: more than one claims the name "{name}": {both}; '
        "uninstall one of them"
    )


@pytest.mark.usefixtures("site")
def test_files_that_were_never_installed_say_how_they_are(problems, monkeypatch):
    """Where only the path leads to them there are no entry points, and so no kinds at all."""
    monkeypatch.setattr(registry, "entry_points", lambda **_: ())
    plugins.forget()
    [found] = problems(REST)
    assert found.startswith("1: insurers.yug.adapter: osago's own kinds are not among")
    assert "python -m pip install --editable ." in found


@pytest.mark.usefixtures("site")
def test_metadata_that_nobody_can_read_are_told_of(problems, monkeypatch):
    def unreadable(**_):
        raise TypeError("canary")

    monkeypatch.setattr(registry, "entry_points", unreadable)
    plugins.forget()
    assert problems(REST) == [
        "1: insurers.yug.adapter: the entry points of what is installed can't be read: TypeError"
    ]


def test_a_distribution_without_a_name_is_called_by_its_module(site, problems):
    plugins.install(site, "osago-plug", modules={"plug": "1 / 0"}, plug="plug:KIND")
    (site / "osago_plug-1.0.dist-info/METADATA").unlink()
    plugins.forget()
    [found] = problems(TABLE)
    assert "the package of plug can't be imported" in found


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        ("lambda spec, around: 1 / 0", "building an adapter ZeroDivisionError at plug.py, line 4"),
        ("lambda spec, around: None", "what it builds is no adapter, it has no quote()"),
        ("lambda spec: None", "building an adapter TypeError"),
    ],
)
def test_what_cannot_be_built_is_told_when_the_daemon_starts(installed, load_text, build, problem):
    installed(f"{HEAD}\n\nKIND = AdapterKind(InsurerSpec, {build})")
    [sever] = load_text(TABLE).insurers
    with pytest.raises(registry.KindError) as caught:
        sever.adapter(None)
    assert str(caught.value) == f"osago-plug 1.0 is broken: {problem}"
    assert caught.value.__cause__ is None


def test_answers_of_another_version_of_a_plug_in_are_not_reused(site, load_text):
    versions = []
    for version in ("1.0", "1.1", "1.1"):
        for old in site.glob("*.dist-info/*"):
            old.unlink()
        for old in site.glob("*.dist-info"):
            old.rmdir()
        text = {"plug": FINE}
        plugins.install(site, "osago-plug", version=version, modules=text, plug="plug:KIND")
        plugins.forget()
        versions.append(load_text(TABLE).insurers[0].version)
    assert versions[0] != versions[1] == versions[2]


SECRET = f"{SPEC}    base_url: ServerUrl\n    password: SecretReference\n{KIND}"


@pytest.mark.parametrize(
    ("url", "reference", "problem"),
    [
        ("https://a.example", "env:NOPE", "5: insurers.sever.password: env:NOPE: this environment"),
        ("https://a.example", "canary", "5: insurers.sever.password: a secret does not belong"),
        ("https://a.example", "plain:canary", "5: insurers.sever.password: a secret does not"),
        ("http://a.example", "env:OK", "4: insurers.sever.base_url: http sends personal data"),
    ],
)
@pytest.mark.usefixtures("secret_plug")
def test_secrets_and_addresses_of_a_plug_in_are_held_to_the_same(problems, url, reference, problem):
    [found] = problems(f'{TABLE}base_url = "{url}"\npassword = "{reference}"\n', OK="canary")
    assert found.startswith(problem)
    assert "canary" not in found


@pytest.mark.usefixtures("secret_plug")
def test_a_plug_ins_secret_may_stand_in_the_file_for_a_server_on_this_machine(load_text):
    text = f'{TABLE}base_url = "http://127.0.0.1"\npassword = "plain:canary"\n'
    [sever] = load_text(text).insurers
    assert "canary" not in repr(sever.spec)


@pytest.fixture
def secret_plug(installed):
    installed(SECRET)


def test_a_plug_in_that_breaks_over_its_secrets_is_a_problem_of_the_file(installed, load_text):
    """Only when they are opened, not already when the file is read."""
    does = "return () if secrets.checking else 1 / 0"
    installed(f"{SPEC}    def surroundings_problems(self, secrets):\n        {does}\n{KIND}")
    settings = load_text(TABLE + REST)
    with pytest.raises(ConfigError) as caught:
        settings.opened()
    [problem] = caught.value.problems
    assert (problem.key, problem.line) == ("insurers.sever.adapter", 3)
    assert problem.text == f"{READING} ZeroDivisionError at plug.py, line 5"
