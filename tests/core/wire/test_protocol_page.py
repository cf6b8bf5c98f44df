"""docs/protocol.md, the generated schema and the code say the same."""

import json
import re
from pathlib import Path
from typing import get_args

from osago_core.offer import DeclineReason, FailureKind
from osago_core.wire import openrpc
from osago_core.wire.errors import ErrorKind
from osago_core.wire.events import DoneReason, InsurerState, NoticeCode, Source
from osago_core.wire.methods import (
    ALL,
    MAX_ISOLATION_S,
    BreakerStatus,
    InsurersShowResult,
    InsurerStatus,
    LatencyStatus,
    LimitStatus,
)
from osago_core.wire.protocol import MAX_LINE_BYTES
from osago_daemon.quoting.record import REMEMBERED

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "protocol.md").read_text()


def section(title):
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(text):
    """The cells of a Markdown table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [re.split(r"(?<!\\) ?\| ?", line.strip("| ")) for line in lines]


def words(text):
    return re.findall(r"`([a-z_.]+)`", text)


def test_the_schema_in_the_repository_is_the_generated_one():
    assert (DOCS / "schema" / "openrpc.json").read_text() == openrpc.text(), "run: make schema"


def test_the_page_lists_exactly_the_methods_that_are_served():
    served = {
        name
        for cells in rows(section("Methods"))
        if "*" not in cells[0]
        for name in words(cells[0])
    }
    assert served | {"hello"} == {method.name for method in ALL}


def test_parameters_on_the_page_are_those_of_the_types():
    by_name = {method.name: method for method in ALL}
    for cells in rows(section("Methods")):
        if "*" in cells[0]:
            continue
        listed = set(re.findall(r"[{,] ?([a-z_]+)\??(?=[:,}])", re.sub(r"\[.*?\]", "", cells[1])))
        listed = {name for name in listed if name != "date"}
        assert listed == set(by_name[words(cells[0])[0]].params.model_fields), cells[0]


def test_events_on_the_page_have_the_fields_of_the_types():
    schemas = openrpc.document()["components"]["schemas"]
    titles = {
        "insurer_state": "InsurerStateEvent",
        "offer": "OfferEvent",
        "declined": "DeclinedEvent",
        "failed": "FailedEvent",
        "notice": "NoticeEvent",
        "done": "DoneEvent",
    }
    listed = rows(section("Events"))
    assert [words(cells[0])[0] for cells in listed] == list(titles)
    for kind, fields in listed:
        schema = schemas[titles[words(kind)[0]]]["properties"]
        missing = set(re.findall(r"`([a-z_]+)\??[`:]", fields)) - set(schema)
        values = {*InsurerState, *Source, *DoneReason, *NoticeCode, "code", "severity", "text"}
        assert missing <= values, kind


def test_what_is_told_of_an_insurer_is_on_the_page_field_by_field():
    listed = {words(cells[0])[0]: cells for cells in rows(section("Insurers"))}
    names = {name for cells in listed.values() for name in words(cells[0])}
    assert names == set(InsurerStatus.model_fields)
    assert set(InsurersShowResult.model_fields) - names == {
        "members",
        "adapter",
        "file",
        "pipeline",
    }
    for field, model in {
        "breaker": BreakerStatus,
        "latency": LatencyStatus,
        "limits": LimitStatus,
    }.items():
        told = re.search(r"\{(.*?)\}", listed[field][1])[1]
        assert re.findall(r"([a-z0-9_]+)\??(?:,|$)", told) == list(model.model_fields), field
    states = set(words(listed["breaker"][1].split("`state`:")[1]))
    assert set(get_args(BreakerStatus.model_fields["state"].annotation)) <= states
    limits = set(words(listed["limits"][1].split("`limit`:")[1]))
    assert set(get_args(LimitStatus.model_fields["limit"].annotation)) <= limits


def test_the_numbers_of_the_page_are_those_of_the_code():
    assert f"{MAX_ISOLATION_S / 86400:g} days at most" in section("Methods")
    assert f"latest {REMEMBERED} outcomes" in section("Insurers")


def test_every_kind_of_failure_and_error_is_on_the_page():
    assert set(FailureKind) <= set(words(section("Events")))
    assert set(ErrorKind) <= set(words(section("Errors")))


def test_every_reason_of_a_decline_is_on_the_page():
    (said,) = re.findall(r"^`declined.reason` is one of: (.*)$", section("Events"), re.MULTILINE)
    assert set(DeclineReason) <= set(words(said))


def test_the_limit_of_a_line_is_on_the_page():
    assert MAX_LINE_BYTES == 1024 * 1024
    assert "up to 1 MiB" in section("Framing")


def test_every_reference_in_the_schema_leads_somewhere():
    document = openrpc.document()
    for reference in set(re.findall(r'"\$ref": "#([^"]+)"', json.dumps(document))):
        place = document
        for part in reference.strip("/").split("/"):
            place = place[part]
