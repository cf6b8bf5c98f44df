"""The file to begin with: what is written, where, and that nothing is ever lost."""

import stat
import tomllib
from urllib.parse import unquote, urlsplit

import pytest

from osago_daemon.config import check, starting

each_language = pytest.mark.parametrize("language", starting.LANGUAGES)


def write(path, *, force=False, language="en"):
    return starting.document(path, force=force, language=language)


@each_language
def test_it_needs_nothing_but_its_secret(tmp_path, monkeypatch, language):
    path = tmp_path / "new/folder/insurers.toml"
    monkeypatch.delenv(starting.SECRET, raising=False)
    assert write(path, language=language)["written"] == str(path)
    [problem] = check.document(path)["problems"]
    assert problem["key"] == "insurers.example.auth.token"
    monkeypatch.setenv(starting.SECRET, "token")
    found = check.document(path)
    assert found["valid"]
    assert found["warnings"] == []


def test_both_languages_say_the_same_but_in_words():
    def without_words(text):
        table = tomllib.loads(text)["insurers"]["example"]
        return {**table, "name": "", "answer": {**table["answer"], "decline_reasons": {}}}

    english, russian = map(starting.text, starting.LANGUAGES)
    assert without_words(english) == without_words(russian)


def commented_out(lines):
    """Number and key of each `# key = value` that could stand where it stands."""
    table_is_out = False
    for i, line in enumerate(lines):
        table_is_out = line.startswith("# [") or (table_is_out and line != "")
        key, equals, _ = line.removeprefix("# ").partition(" = ")
        if line.startswith("# ") and equals and key.isidentifier() and not table_is_out:
            yield i, key


@each_language
def test_what_is_commented_out_is_right_too(tmp_path, monkeypatch, language):
    monkeypatch.setenv(starting.SECRET, "token")
    monkeypatch.setenv("EXAMPLE_KEY", "key")
    (tmp_path / "example.password").touch(mode=0o600)
    (tmp_path / "example.password").write_text("secret")
    path = tmp_path / "insurers.toml"
    lines = starting.text(language).splitlines()
    places = list(commented_out(lines))
    assert len(places) >= 15
    for i, key in places:
        before = [line for line in lines[:i] if not line.startswith(f"{key} = ")]
        path.write_text("\n".join([*before, lines[i].removeprefix("# "), *lines[i + 1 :]]))
        problems = {each["text"] for each in check.document(path)["problems"]}
        assert problems <= {"every insurer is switched off by enabled = false"}, lines[i]


def test_the_schema_that_editors_are_pointed_to_is_there():
    first = starting.text("en").splitlines()[0]
    assert first.startswith("#:schema file:///")
    path = unquote(urlsplit(first.removeprefix("#:schema ")).path)
    with open(path, encoding="utf-8") as file:  # noqa: PTH123  # as an editor does
        assert '"insurers.toml"' in file.read()


def test_without_the_schema_editors_are_pointed_nowhere(monkeypatch, tmp_path):
    monkeypatch.setattr(starting.paths, "shipped", tmp_path.joinpath)
    assert "#:schema" not in starting.text("en")


def test_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "insurers.toml"
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_stays_untouched(tmp_path):
    path = tmp_path / "insurers.toml"
    path.write_text("mine")
    assert write(path)["error"] == "exists"
    assert path.read_text() == "mine"
    assert [each.name for each in tmp_path.iterdir()] == ["insurers.toml"]


def test_force_keeps_every_earlier_file(tmp_path):
    path = tmp_path / "insurers.toml"
    for text in ("first", "second"):
        path.write_text(text)
        write(path, force=True)
        assert "[insurers.example]" in path.read_text(encoding="utf-8")
    kept = {each.name: each.read_text() for each in tmp_path.iterdir() if each != path}
    assert kept == {"insurers.toml.bak": "first", "insurers.toml.bak2": "second"}
    assert stat.S_IMODE((tmp_path / "insurers.toml.bak").stat().st_mode) == 0o600


def test_a_link_stays_one_and_its_file_is_kept_beside(tmp_path):
    (tmp_path / "dots").mkdir()
    real, link = tmp_path / "dots/insurers.toml", tmp_path / "insurers.toml"
    real.write_text("mine")
    link.symlink_to(real)
    assert write(link)["error"] == "exists"
    found = write(link, force=True)
    assert link.is_symlink()
    assert "[insurers.example]" in real.read_text(encoding="utf-8")
    assert found["backup"] == f"{real}.bak"


def test_a_place_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    found = write(tmp_path / "file/insurers.toml")
    assert (found["error"], found["reason"]) == ("unwritable", "Not a directory")
    assert write(tmp_path, force=True)["error"] == "unwritable"
