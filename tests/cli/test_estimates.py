"""What a silent insurer may ask is shown beside its failure, and never as an offer."""

import csv
import io
import json
from functools import partial

import pytest
from rich.console import Console

from osago_cli.output import estimates, live
from osago_cli.output.formats import Format, writer
from osago_cli.run_view import RunView

STARTED = {
    "quote_id": "q1",
    "insurers": [{"id": "a", "name": "Альфа"}, {"id": "b", "name": "Бета"}],
}
ESTIMATE = {
    "premium_low": 4100.2,
    "premium": 4312.55,
    "premium_high": 4600.0,
    "observations": 23,
    "since": "2026-10-25",
    "approximate": False,
}
OFFER = {
    "quote_id": "q1",
    "seq": 1,
    "at": "2026-11-22T09:30:00Z",
    "type": "offer",
    "insurer": "a",
    "insurer_name": "Альфа",
    "elapsed_ms": 1000,
    "attempts": 1,
    "source": "live",
    "premium": 12345.6,
    "final": True,
}
FAILED = {
    "quote_id": "q1",
    "seq": 2,
    "at": "2026-11-22T09:30:15Z",
    "type": "failed",
    "insurer": "b",
    "elapsed_ms": 15000,
    "attempts": 1,
    "source": "live",
    "kind": "timeout",
    "message": "",
    "retryable": True,
    "estimate": ESTIMATE,
}
DONE = {
    "quote_id": "q1",
    "seq": 3,
    "type": "done",
    "reason": "complete",
    "elapsed_ms": 15000,
    "counts": {"asked": 2, "offers": 1, "declined": 0, "failed": 1},
    "best": {"insurer": "a", "premium": 12345.6},
}


def shown(format_, capsys, failed=FAILED):
    view, out = RunView.of(STARTED), writer(format_, 60)
    out.start(view)
    for event in (OFFER, failed, DONE):
        view.apply(event)
        out.event(view, event)
    out.finish(view)
    return capsys.readouterr().out.replace("\u00a0", " ")


ENGLISH = (
    (
        "no answer: not in time; usually around 4,313 ₽, 4,100–4,600 ₽ "
        "(estimated from 23 answers, not an offer)"
    ),
    "Best: Альфа, 12,345.60 ₽",
)
RUSSIAN = (
    (
        "нет ответа: время ожидания вышло; обычно около 4 313 ₽, 4 100–4 600 ₽ "
        "(оценка по 23 ответам, не предложение)"
    ),
    "Лучшее: Альфа, 12 345,60 ₽",
)


@pytest.mark.parametrize(("lang", "expected"), [("en", ENGLISH), ("ru", RUSSIAN)])
def test_the_line_of_the_failure_says_it_and_the_best_price_stays_the_offers(
    capsys, monkeypatch, lang, expected
):
    monkeypatch.setenv("OSAGO_LANG", lang)
    _, failed, summary = shown(Format.TABLE, capsys).splitlines()
    assert failed.endswith(expected[0])
    assert summary.endswith(expected[1])


def test_it_comes_after_how_the_answer_was_got(capsys, monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    _, failed, _ = shown(Format.TABLE, capsys, FAILED | {"source": "joined"}).splitlines()
    assert "not in time, joined; usually around 4,313" in failed


def test_without_an_estimate_a_failure_reads_as_ever(capsys, monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    silent = {key: value for key, value in FAILED.items() if key != "estimate"}
    _, failed, _ = shown(Format.TABLE, capsys, silent).splitlines()
    assert failed.endswith("no answer: not in time")
    assert estimates.words(OFFER | {"estimate": ESTIMATE}) == ""


@pytest.mark.parametrize(
    ("lang", "observations", "answers"),
    [
        ("ru", 5, "5 ответам"),
        ("ru", 11, "11 ответам"),
        ("ru", 21, "21 ответу"),
        ("ru", 111, "111 ответам"),
        ("en", 21, "21 answers"),
        ("en", 1, "1 answer,"),
    ],
)
def test_the_number_of_answers_is_in_its_case(monkeypatch, lang, observations, answers):
    monkeypatch.setenv("OSAGO_LANG", lang)
    event = FAILED | {"estimate": ESTIMATE | {"observations": observations}}
    assert answers in estimates.words(event)


def test_one_amount_where_the_insurer_never_differs_and_roughly_where_it_is_approximate(
    monkeypatch,
):
    monkeypatch.setenv("OSAGO_LANG", "en")
    same = dict.fromkeys(("premium_low", "premium", "premium_high"), 4100.2)
    text = estimates.words(FAILED | {"estimate": ESTIMATE | same | {"approximate": True}})
    assert text.replace("\u00a0", " ").startswith("usually 4,100 ₽ (roughly estimated")


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("ru", "(оценка по 23 ответам, в том числе для других водителей и мощностей, не предл"),
        ("en", "(estimated from 23 answers, for other drivers and powers too, not an offer)"),
    ],
)
def test_what_it_was_learned_from_beyond_such_applications_is_told(monkeypatch, lang, told):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert told in estimates.words(FAILED | {"estimate": ESTIMATE | {"wider": True}})
    narrow = estimates.words(FAILED | {"estimate": ESTIMATE | {"wider": False}})
    assert narrow == estimates.words(FAILED)


@pytest.mark.parametrize("columns", [40, 60, 80, 140])
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_in_the_live_table_it_is_a_dim_remark_of_the_failed_row(monkeypatch, lang, columns):
    monkeypatch.setenv("OSAGO_LANG", lang)
    screen = io.StringIO()
    monkeypatch.setattr(live, "Console", partial(Console, file=screen, width=columns))
    view, out = RunView.of(STARTED), live.LiveTable(60)
    for event in (OFFER, FAILED, DONE):
        view.apply(event)
    table = out._table(view, over=True)
    assert [str(cell) for cell in table.columns[1].cells] == [
        {"en": "12,345.60\u00a0₽", "ru": "12\u00a0345,60\u00a0₽"}[lang],
        "—",
    ]
    assert table.rows[1].style == "dim"
    remark = str(list(table.columns[3].cells)[1])
    assert remark.endswith(estimates.words(FAILED))
    out._live.console.print(table)
    assert max(map(len, screen.getvalue().splitlines())) <= columns


def test_json_carries_it_in_the_failure_and_nowhere_else(capsys):
    document = json.loads(shown(Format.JSON, capsys))
    assert document["failed"] == [FAILED]
    assert document["offers"] == [OFFER]
    assert document["done"]["best"] == {"insurer": "a", "premium": 12345.6}


def test_csv_has_it_in_columns_of_its_own_at_the_end(capsys):
    rows = list(csv.reader(io.StringIO(shown(Format.CSV, capsys))))
    header, offer, failed = rows
    assert header[-5:] == [*estimates.COLUMNS, "offered_by"]
    assert offer[-5:] == ["", "", "", "", ""]
    assert failed[-5:] == ["4100.20", "4312.55", "4600.00", "23", ""]
    assert failed[header.index("premium")] == ""
