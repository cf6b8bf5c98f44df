"""The pages of docs/ say what the code does, and their links lead somewhere."""

import ast
import copy
import json
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from osago_core.application import WARNING_CODES, Application, Valid, check
from osago_core.application.period import Period
from osago_core.application.shape import leaves, places_of
from osago_core.wire import openrpc
from osago_sandbox.control import CONTROLS
from osago_sandbox.faults import FAULTS
from osago_sandbox.insurers import INSURERS
from osago_sandbox.profiles import PROFILES
from osago_sandbox.stats import Tally

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "README.ru.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
APPLICATION = (ROOT / "docs/application.md").read_text(encoding="utf-8")
SANDBOX = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
TODAY = date(2026, 7, 1)
EXAMPLES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "examples").glob("*.json"))
    if path.stem != "broken"
}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def rows(text, columns):
    """The cells of the rows that begin with a code, of all tables with so many columns."""
    split = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    return [cells for cells in split if len(cells) == columns]


def code(cell):
    return cell.removeprefix("`").removesuffix("`")


def fields():
    """The rows of the application's fields: path, type, required, forms, example, marks."""
    return [[code(path), *cells] for path, *cells in rows(APPLICATION, 6)]


def field_id(row):
    return f"{row[0]}-{row[4]}"


each_field = pytest.mark.parametrize("row", fields(), ids=field_id)
each_leaf = pytest.mark.parametrize("row", [row for row in fields() if row[4]], ids=field_id)


def of_owner(path):
    """The page says `owner` once for both parties."""
    return re.sub(r"^policyholder\.", "owner.", path)


def leaf_places():
    found = {}
    for path, place in leaves(Application):
        found.setdefault(of_owner(path), []).append(place)
    return found


def holder(application, path):
    """The object that holds a field, made where it is missing, and the field's key."""
    *above, key = path.replace("[]", ".0").split(".")
    for step in above:
        if isinstance(application, list):
            application = application[int(step)]
        else:
            if application.get(step) is None:
                application[step] = {}
            application = application[step]
    return application, key


def codes_at(application, path):
    checked = check(application, today=TODAY)
    found = () if isinstance(checked, Valid) else checked.problems
    return {each.code for each in found if each.path == path.replace("[]", "[0]")}


def variants(path):
    """Copies of the examples that have a place for the field."""
    for application in copy.deepcopy(list(EXAMPLES.values())):
        if path.startswith("drivers") and application["drivers"] == "unlimited":
            continue
        yield application


def test_every_field_of_the_application_is_on_the_page():
    sections = {path for path in leaf_places() if path in places_of(Application)}
    assert set(leaf_places()) - sections <= {row[0] for row in fields()}
    assert {code(cells[0]) for cells in rows(APPLICATION, 3)} >= set(places_of(Application))


@each_leaf
def test_a_field_on_the_page_exists_and_bears_its_marks(row):
    path, *_, marks = row
    places = leaf_places()[path]
    expected = {place.personal is not None for place in places}
    assert ("P" in marks) in expected
    assert ("U" in marks) == (not places[0].rated)


def test_what_is_personal_in_all_forms_is_marked_so():
    marked = {row[0] for row in fields() if "P" in row[5]}
    assert {path for path, places in leaf_places().items() if any(p.personal for p in places)} == (
        marked
    )


@each_leaf
def test_an_example_on_the_page_is_accepted(row):
    path, value = row[0], json.loads(code(row[4]))

    def accepted(application):
        group, key = holder(application, path)
        group[key] = value
        return not codes_at(application, path)

    assert any(accepted(application) for application in variants(path))


@each_field
def test_a_field_is_required_as_the_page_says(row):
    path, required = row[0], row[2]
    removed = []  # the codes found where the field was taken away
    for application in variants(path):
        group, key = holder(application, path)
        if key in group:
            del group[key]
            removed.append(codes_at(application, path))
    if required == "yes":
        assert removed
        assert all("missing_field" in codes for codes in removed)
    elif required == "no":
        assert not any("missing_field" in codes for codes in removed)


def test_every_choice_is_on_the_page():
    forms = {word for row in fields() for word in re.findall(r"\w+", row[3])}
    schemas = openrpc.document()["components"]["schemas"]
    for title in ("Vehicle", "Person", "PassportRf", "OtherIdentity", "PaperDocument", "Driver"):
        for field in schemas[title]["properties"].values():
            for choice in (field, *field.get("anyOf", ())):
                assert set(choice.get("enum", ())) <= forms, title


def test_exactly_the_warnings_are_on_the_page():
    section = APPLICATION.split("\n## Problems and warnings\n")[1].split("\n## ")[0]
    assert {code(cells[0]) for cells in rows(section, 2)} == WARNING_CODES


def test_the_extra_keys_of_the_normal_form_are_on_the_page():
    checked = check(EXAMPLES["application"], today=TODAY)
    assert isinstance(checked, Valid)
    form = checked.application.normal_form()
    extra = form.keys() - places_of(Application).keys()
    extra |= {f"period.{key}" for key in form["period"].keys() - places_of(Period).keys()}
    section = APPLICATION.split("\n## Normal form\n")[1].split("\n## ")[0]
    assert {code(cells[0]) for cells in rows(section, 2)} == {"policyholder", *extra}


def test_the_insurers_on_the_page_are_those_of_the_sandbox():
    listed = rows(SANDBOX, 7)
    assert [(code(cells[0]), cells[1]) for cells in listed] == [(i.id, i.name) for i in INSURERS]
    for cells, insurer in zip(listed, INSURERS, strict=True):
        assert ("poll" in cells[2]) == (insurer.api.poll is not None), insurer.id
        key = insurer.api.key_header or insurer.api.form.key
        assert (f"`{key}`" in cells[3]) if key else cells[3] == "none", insurer.id


def test_the_faults_on_the_page_are_those_of_the_sandbox():
    listed = {code(cells[0]): cells[1] for cells in rows(SANDBOX, 4)}
    assert listed.keys() == FAULTS.keys()
    for fault, parameters in FAULTS.items():
        assert set(re.findall(r"`([a-z_]+)`", listed[fault])) == set(parameters), fault


def test_the_control_paths_on_the_page_are_those_of_the_sandbox():
    section = SANDBOX.split("\n## Control\n")[1].split("\n### ")[0]
    assert {code(cells[0]) for cells in rows(section, 2)} == {"GET /", *CONTROLS}


def test_the_counts_on_the_page_are_those_of_the_sandbox():
    section = SANDBOX.split("\n### Stats\n")[1].split("\n## ")[0]
    assert [code(cells[0]) for cells in rows(section, 2)] == list(Tally().as_json())


def test_every_profile_is_on_the_page():
    assert all(f"`{profile}`" in SANDBOX for profile in PROFILES)


@each_page
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def anchors(page):
    """What GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
@pytest.mark.parametrize(
    ("language", "parse"), [("json", json.loads), ("toml", tomllib.loads), ("python", ast.parse)]
)
def test_blocks_of_code_parse(page, language, parse):
    text = page.read_text(encoding="utf-8")
    for block in re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        parse(block)
