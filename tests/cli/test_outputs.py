"""Every format to the byte, from the same events."""

import csv
import io
import json
from functools import partial

import pytest
from rich.console import Console

from osago_cli.exits import Exit, exit_of
from osago_cli.locale import texts
from osago_cli.output import live
from osago_cli.output.formats import Format, writer
from osago_cli.run_view import RunView

STARTED = {
    "quote_id": "q1",
    "insurers": [
        {"id": "a", "name": "Альфа"},
        {"id": "b", "name": "Бета"},
        {"id": "c", "name": "Гамма"},
        {"id": "d", "name": "Дельта"},
    ],
}


def outcome(seq, type_, insurer, **fields):
    base = {"quote_id": "q1", "seq": seq, "at": "2026-11-22T09:30:00Z", "type": type_}
    return base | {"insurer": insurer, "elapsed_ms": seq * 1000, "attempts": 1} | fields


EVENTS = [
    {
        "quote_id": "q1",
        "seq": 1,
        "type": "insurer_state",
        "insurer": "a",
        "state": "asking",
        "attempt": 1,
    },
    outcome(2, "offer", "b", insurer_name="Бета", premium=12345.6, final=True, source="live"),
    outcome(3, "offer", "a", insurer_name="Альфа", premium=9000.0, final=False, source="live"),
    outcome(4, "declined", "c", reason="territory", message='=cmd|"нет"'),
    outcome(
        5,
        "failed",
        "d",
        kind="server_error",
        message="HTTP 500",
        retryable=True,
        retry_at="2026-11-22T09:35:00Z",
    ),
    {
        "quote_id": "q1",
        "seq": 6,
        "type": "done",
        "reason": "complete",
        "elapsed_ms": 5000,
        "counts": {"asked": 4, "offers": 2, "declined": 1, "failed": 1},
        "best": {"insurer": "a", "premium": 9000.0},
    },
]


# Noon in Moscow is 09:00 UTC.
KEPT = [
    outcome(
        1,
        "offer",
        "a",
        insurer_name="Альфа",
        premium=9000.0,
        source="cache",
        answered_at="2026-11-22T08:47:30Z",
    ),
    outcome(
        2,
        "offer",
        "b",
        insurer_name="Бета",
        premium=9500.0,
        source="joined",
        answered_at="2026-11-22T08:59:50Z",
    ),
    {"quote_id": "q1", "seq": 3, "type": "notice", "code": "store_away", "message": "away"},
    outcome(
        4,
        "declined",
        "c",
        reason="territory",
        message="",
        source="cache",
        answered_at="2026-11-22T06:55:00Z",
    ),
    outcome(5, "failed", "d", kind="timeout", message="", retryable=True, source="joined"),
    EVENTS[5] | {"seq": 6},
]


def written(format_, capsys, monkeypatch, lang="en", events=EVENTS):
    monkeypatch.setenv("OSAGO_LANG", lang)
    view, out = RunView.of(STARTED), writer(format_, 60)
    out.start(view)
    for event in events:
        view.apply(event)
        out.event(view, event)
    out.finish(view)
    return capsys.readouterr()


def test_json_is_one_document(capsys, monkeypatch):
    text = written(Format.JSON, capsys, monkeypatch).out
    assert json.loads(text) == {
        "quote_id": "q1",
        "done": EVENTS[5],
        "offers": [EVENTS[2], EVENTS[1]],
        "declined": [EVENTS[3]],
        "failed": [EVENTS[4]],
    }
    assert text.endswith("}\n")


def test_ndjson_is_every_event_as_it_came(capsys, monkeypatch):
    lines = written(Format.NDJSON, capsys, monkeypatch).out.splitlines()
    assert [json.loads(line) for line in lines] == EVENTS


def test_csv_to_the_byte_and_no_formula_for_the_spreadsheet(capsys, monkeypatch):
    assert written(Format.CSV, capsys, monkeypatch).out == (
        "quote_id,insurer,insurer_name,type,premium,final,base_rate,commission,valid_until,"
        "payment_url,insurer_quote_id,reason,kind,message,source,attempts,elapsed_ms,retry_at,"
        "answered_at,base_rate_implied,corridor_position,checks,"
        "estimate_low,estimate,estimate_high,estimate_observations,offered_by\n"
        "q1,b,Бета,offer,12345.60,true,,,,,,,,,live,1,2000,,,,,,,,,,\n"
        "q1,a,Альфа,offer,9000.00,false,,,,,,,,,live,1,3000,,,,,,,,,,\n"
        'q1,c,Гамма,declined,,,,,,,,territory,,"\'=cmd|""нет""",,1,4000,,,,,,,,,,\n'
        "q1,d,Дельта,failed,,,,,,,,,server_error,HTTP 500,,1,5000,2026-11-22T09:35:00Z,,,,,,,,,\n"
    )


ENGLISH = """\
Бета                        2.0 s  12,345.60 ₽
Альфа                       3.0 s  9,000.00 ₽ (preliminary)
Гамма                       4.0 s  declined, territory: =cmd|"нет"
Дельта                      5.0 s  no answer: an error on their side; again from 12:35 (HTTP 500)
asked: 4; offers: 2, declined: 1, no answer: 1. Best: Альфа, 9,000.00 ₽
"""

RUSSIAN = """\
Бета                        2,0 с  12 345,60 ₽
Альфа                       3,0 с  9 000,00 ₽ (предварительно)
Гамма                       4,0 с  отказ, территория: =cmd|"нет"
Дельта                      5,0 с  нет ответа: ошибка на стороне страховщика; можно с 12:35
опрошено: 4; предложений: 2, отказов: 1, без ответа: 1. Лучшее: Альфа, 9 000,00 ₽
"""


@pytest.mark.parametrize(("lang", "expected"), [("en", ENGLISH), ("ru", RUSSIAN)])
@pytest.mark.usefixtures("moscow_noon")
def test_plain_lines_where_nothing_can_be_redrawn(capsys, monkeypatch, lang, expected):
    out = written(Format.TABLE, capsys, monkeypatch, lang).out
    assert out.replace("\u00a0", " ") == expected


KEPT_ENGLISH = """\
Альфа                       1.0 s  9,000.00 ₽, cached 12 min ago
Бета                        2.0 s  9,500.00 ₽, joined
Гамма                       4.0 s  declined, territory, cached 2 h 5 min ago
Дельта                      5.0 s  no answer: not in time, joined
asked: 4; offers: 2, declined: 1, no answer: 1. Best: Альфа, 9,000.00 ₽
"""

KEPT_RUSSIAN = """\
Альфа                       1,0 с  9 000,00 ₽, из кэша, 12 мин
Бета                        2,0 с  9 500,00 ₽, присоединились
Гамма                       4,0 с  отказ, территория, из кэша, 2 ч 5 мин
Дельта                      5,0 с  нет ответа: время ожидания вышло, присоединились
опрошено: 4; предложений: 2, отказов: 1, без ответа: 1. Лучшее: Альфа, 9 000,00 ₽
"""


@pytest.mark.parametrize(
    ("lang", "expected", "notice"),
    [
        ("en", KEPT_ENGLISH, "The shared store can't be reached"),
        ("ru", KEPT_RUSSIAN, "Общее хранилище недоступно"),
    ],
)
@pytest.mark.usefixtures("moscow_noon")
def test_an_answer_that_was_not_asked_for_now_says_where_it_is_from_and_how_old_it_is(
    capsys, monkeypatch, lang, expected, notice
):
    written_ = written(Format.TABLE, capsys, monkeypatch, lang, KEPT)
    assert written_.out.replace("\u00a0", " ") == expected
    assert written_.err.count(notice) == 1


def test_programs_get_the_moment_of_the_answer_and_notices_as_they_came(capsys, monkeypatch):
    text = written(Format.NDJSON, capsys, monkeypatch, events=KEPT).out
    assert [json.loads(line) for line in text.splitlines()] == KEPT
    document = json.loads(written(Format.JSON, capsys, monkeypatch, events=KEPT).out)
    assert list(document) == ["quote_id", "done", "offers", "declined", "failed"]
    assert document["offers"] == KEPT[:2]
    rows = list(
        csv.DictReader(io.StringIO(written(Format.CSV, capsys, monkeypatch, events=KEPT).out))
    )
    assert [row["answered_at"] for row in rows] == [
        "2026-11-22T08:47:30Z",
        "2026-11-22T08:59:50Z",
        "2026-11-22T06:55:00Z",
        "",
    ]
    columns = list(rows[0])
    after = columns[columns.index("answered_at") + 1 :]
    assert after[:3] == ["base_rate_implied", "corridor_position", "checks"]


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("columns", [40, 50, 60, 80, 120])
@pytest.mark.usefixtures("moscow_noon")
def test_the_live_table_fits_the_terminal_and_shows_a_notice_once(monkeypatch, lang, columns):
    monkeypatch.setenv("OSAGO_LANG", lang)
    screen = io.StringIO()
    monkeypatch.setattr(live, "Console", partial(Console, file=screen, width=columns))
    view, out = RunView.of(STARTED), live.LiveTable(60)
    out.start(view)
    for event in [*KEPT[:4], KEPT[2] | {"seq": 7}, KEPT[4], KEPT[5] | {"seq": 8}]:
        view.apply(event)
        out.event(view, event)
    out.finish(view)
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= columns
    words = " ".join(" ".join(lines).split())
    assert words.count(texts(lang)["notice.store_away"]) == 1
    for name in ("Альфа", "Бета", "Гамма", "Дельта"):
        assert sum(line.strip(" │").startswith(name) for line in lines) == 1
    if columns >= 80:
        assert {"en": "cached 12 min ago", "ru": "из кэша, 12 мин"}[lang] in words


@pytest.mark.parametrize(
    ("reason", "offers", "declined", "strict", "code"),
    [
        ("complete", 4, 0, False, Exit.OK),
        ("complete", 3, 1, True, Exit.OK),
        ("complete", 1, 0, False, Exit.OK),
        ("complete", 1, 0, True, Exit.SOME_FAILED),
        ("deadline", 0, 1, False, Exit.NO_OFFER_IN_TIME),
        ("complete", 0, 4, False, Exit.NOBODY_OFFERED),
        ("cancelled", 2, 0, False, Exit.OK),
    ],
)
def test_the_exit_code_follows_from_the_end(reason, offers, declined, strict, code):
    counts = {"asked": 4, "offers": offers, "declined": declined, "failed": 0}
    assert exit_of({"reason": reason, "counts": counts}, strict=strict) is code
