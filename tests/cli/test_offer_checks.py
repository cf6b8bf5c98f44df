"""What the tariff says of an offer, as people and programs get it: from the core's own checks."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from functools import cache, partial

import pytest
from rich.console import Console

from osago_cli.locale import texts
from osago_cli.output import checks, kbm, live
from osago_cli.output.formats import Format, writer
from osago_cli.run_view import RunView
from osago_core.money import to_kopecks
from osago_core.offer import Offer
from osago_core.pricing.offers import CHECKS, check_offer
from osago_core.tariff import Owner, RatedDriver, RatedFacts, VehicleClass, tariff_on

NAMES = {"k": "Кедр", "s": "Снегирь", "b": "Барсук", "y": "Янтарь"}
STARTED = {"quote_id": "q1", "insurers": [{"id": i, "name": n} for i, n in NAMES.items()]}
TARIFF = tariff_on(date(2026, 3, 1))


@cache
def calculate(kbm_class="13", *, months=12, territory="ta/kazan"):
    """In Kazan everything is certain, in Ishimbay KT is assumed."""
    return TARIFF.calculate(
        RatedFacts(
            vehicle_class=VehicleClass.CAR_INDIVIDUAL,
            owner=Owner.INDIVIDUAL,
            territory_id=territory,
            power_hp=Decimal(136),
            drivers=(RatedDriver(41, 21, kbm_class),),
            use_months=months,
        )
    )


def told(seq, insurer, rate, calculation=None, times=1, **fields):
    """The event that the daemon would tell of an offer at this base rate."""
    calculation = calculation or calculate()
    premium = to_kopecks(calculation.premium(Decimal(rate)) * Decimal(times))
    offer = Offer(premium=premium, **fields)
    found = check_offer(offer, calculation, TARIFF)
    said = json.loads(offer.model_dump_json(exclude_none=True))
    said |= json.loads(found.model_dump_json(exclude_none=True))
    run = {"quote_id": "q1", "seq": seq, "at": "2026-03-01T09:00:00Z", "type": "offer"}
    return run | {"insurer": insurer, "insurer_name": NAMES[insurer], "elapsed_ms": 1000} | said


def unchecked(event):
    """The same where the daemon could not calculate, or is an older one."""
    return {name: value for name, value in event.items() if name not in {"tariff", "checks"}}


def done(seq, *offers):
    best = min(offers, key=lambda offer: offer["premium"])
    return {
        "quote_id": "q1",
        "seq": seq,
        "type": "done",
        "reason": "complete",
        "elapsed_ms": 1,
        "counts": {"asked": len(offers), "offers": len(offers), "declined": 0, "failed": 0},
        "best": {"insurer": best["insurer"], "premium": best["premium"]},
    }


def view_of(*offers):
    view = RunView.of(STARTED)
    for event in offers:
        view.apply(event)
    return view


def written(format_, capsys, *offers):
    view, out = RunView.of(STARTED), writer(format_, 60)
    out.start(view)
    for event in [*offers, done(len(offers) + 1, *offers)]:
        view.apply(event)
        out.event(view, event)
    out.finish(view)
    return capsys.readouterr().out.replace("\u00a0", " ")


def drawn(monkeypatch, columns, *offers):
    screen = io.StringIO()
    monkeypatch.setattr(live, "Console", partial(Console, file=screen, width=columns))
    view, out = view_of(*offers), live.LiveTable(60)
    view.apply(done(len(offers) + 1, *offers))
    out.start(view)
    out.finish(view)
    return screen.getvalue().replace("\u00a0", " ").splitlines()


ELAPSED = {"en": "1.0 s", "ru": "1,0 с"}

GOOD = told(1, "k", 4321, coefficients={"kbm": "0.46"})
KOPECKS = told(2, "s", 4000, times=100)
WRONG_KBM = told(3, "b", 4500, coefficients={"kbm": "1.17", "kt": "1.7"})
HALF_YEAR = calculate(months=6)
FULL_YEAR = told(4, "y", 4000, HALF_YEAR, Decimal(1) / Decimal("0.7"), base_rate=4000)
UNSURE = told(1, "k", 9000, calculate(territory="ba/ishimbay"))

ENGLISH = """\
Кедр                        1.0 s  4,304.87 ₽, base rate 4,321 (40% of the corridor)
Снегирь                     1.0 s  ! 398,507.00 ₽: \
kopecks? A hundredth of it, 3,985.07 ₽, would be lawful
Барсук                      1.0 s  ! 4,483.21 ₽, base rate 4,500 (43% of the corridor): \
KBM: they use 1.17 (class 3), the application gives 0.46 (class 13)
Янтарь                      1.0 s  ! 3,985.07 ₽, base rate 5,714 (59% of the corridor): \
the price of a full year? It fits KS 1.00, not 0.70 for 6 months of use
KBM, 1 of 2 differs: 1.17 (class 3) — Барсук; 0.46 (class 13), as by the application — Кедр
asked: 4; offers: 4, declined: 0, no answer: 0. Best: Янтарь, 3,985.07 ₽ \
— doubtful: price of a year?; best beyond doubt: Кедр, 4,304.87 ₽
"""

RUSSIAN = """\
Кедр                        1,0 с  4 304,87 ₽, ТБ 4 321 (40 % коридора)
Снегирь                     1,0 с  ! 398 507,00 ₽: \
копейки? В сто раз меньше, 3 985,07 ₽, было бы по закону
Барсук                      1,0 с  ! 4 483,21 ₽, ТБ 4 500 (43 % коридора): \
КБМ: у страховщика 1,17 (класс 3), по заявке 0,46 (класс 13)
Янтарь                      1,0 с  ! 3 985,07 ₽, ТБ 5 714 (59 % коридора): \
цена за полный год? Она подходит к КС 1,00, а не к 0,70 за 6 мес. использования
КБМ, расходится 1 из 2: 1,17 (класс 3) — Барсук; 0,46 (класс 13), как по заявке — Кедр
опрошено: 4; предложений: 4, отказов: 0, без ответа: 0. Лучшее: Янтарь, 3 985,07 ₽ \
— сомнительно: цена за год?; без сомнений лучшее: Кедр, 4 304,87 ₽
"""


@pytest.mark.parametrize(("lang", "expected"), [("en", ENGLISH), ("ru", RUSSIAN)])
def test_lines_mark_a_doubtful_price_and_say_why(capsys, monkeypatch, lang, expected):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert written(Format.TABLE, capsys, GOOD, KOPECKS, WRONG_KBM, FULL_YEAR) == expected


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_the_live_table_marks_them_without_colour_and_fits(monkeypatch, lang, columns):
    monkeypatch.setenv("OSAGO_LANG", lang)
    monkeypatch.setenv("NO_COLOR", "1")
    lines = drawn(monkeypatch, columns, GOOD, KOPECKS, WRONG_KBM, FULL_YEAR)
    assert max(map(len, lines)) <= columns
    rows = {
        name: next(r for r in lines if r.strip(" │").startswith(name) and ELAPSED[lang] in r)
        for name in NAMES.values()
    }
    marked = {name for name, row in rows.items() if "!" in row}
    assert marked == {"Снегирь", "Барсук", "Янтарь"}
    price = {"en": "! 4,483.21 ₽", "ru": "! 4 483,21 ₽"}[lang]  # the mark cuts nothing off
    assert price in rows["Барсук"]
    below = " ".join(" ".join(lines).split())
    assert {"en": "! Снегирь: kopecks? A hundredth", "ru": "! Снегирь: копейки? В сто раз"}[
        lang
    ] in below
    assert {"en": "KBM, 1 of 2 differs", "ru": "КБМ, расходится 1 из 2"}[lang] in below
    assert {"en": "KBM: they use", "ru": "КБМ: у страховщика"}[lang] not in below  # said once
    if columns >= 80:
        assert {"en": "base rate 4,321", "ru": "ТБ 4 321"}[lang] in below
        assert {"en": "KBM 1.17, not 0.46", "ru": "КБМ 1,17, а не 0,46"}[lang] in below


def test_an_approximate_doubt_is_told_below_but_marks_no_price(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    lines = drawn(monkeypatch, 120, UNSURE)
    text = " ".join(lines)
    assert "!" not in text
    assert "ТБ ≈ 9 000" in text
    assert "выше законного максимума 8 665,00 ₽ (приблизительно" in text


def test_csv_has_the_base_rate_the_position_and_the_codes_at_its_end(capsys, monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    twice = told(3, "b", 4500, coefficients={"kbm": "1.17", "kt": "1.8"})
    below = told(4, "y", 1000)
    rows = list(
        csv.DictReader(
            io.StringIO(written(Format.CSV, capsys, unchecked(GOOD), KOPECKS, twice, below))
        )
    )
    assert [
        [row[name] for name in ("base_rate_implied", "corridor_position", "checks")] for row in rows
    ] == [
        ["", "", ""],
        ["399999.80", "54.858", "kopecks_suspected"],
        ["4500.00", "0.427", "kbm_differs;coefficient_differs"],
        ["1000.00", "-0.055", "base_rate_below"],
    ]


def test_programs_get_findings_as_they_came_and_who_differs_about_kbm(capsys, monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    document = json.loads(written(Format.JSON, capsys, GOOD, WRONG_KBM))
    assert document["offers"] == [GOOD, WRONG_KBM]
    assert list(document)[-1] == "kbm"
    assert document["kbm"] == {
        "ours": 0.46,
        "presumed": False,
        "groups": [
            {"value": 1.17, "classes": ["3"], "insurers": ["b"], "ours": False},
            {"value": 0.46, "classes": ["13"], "insurers": ["k"], "ours": True},
        ],
    }


def test_where_insurers_agree_nothing_is_said_of_kbm(capsys, monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    same = told(2, "s", 4000, coefficients={"KBM": "0.46"})
    assert "kbm" not in json.loads(written(Format.JSON, capsys, GOOD, same))
    assert "KBM" not in written(Format.TABLE, capsys, GOOD, same)


@pytest.mark.parametrize(
    ("offers", "expected"),
    [
        (
            [told(1, "k", 4000, coefficients={"kbm": "1.17"})],
            (
                "KBM, 1 of 1 differs: 1.17 (class 3) — Кедр; "
                "0.46 (class 13), as by the application — nobody"
            ),
        ),
        (
            [
                told(1, "k", 4000, calculate(None), coefficients={"kbm": "0.46"}),
                told(2, "s", 4000, calculate(None), coefficients={"kbm": "0.46"}),
            ],
            (
                "KBM, the class is not known, 1.17 (class 3) is presumed; "
                "the insurers use 0.46 (class 13) — Кедр, Снегирь"
            ),
        ),
        (
            [
                unchecked(told(1, "k", 4000, coefficients={"kbm": "0.46"})),
                unchecked(told(2, "s", 4000, coefficients={"kbm": "1.17"})),
            ],
            "KBM, the insurers differ: 1.17 (class 3) — Снегирь; 0.46 (class 13) — Кедр",
        ),
    ],
)
def test_who_differs_is_told_with_what_is_ours_as_far_as_that_is_known(
    monkeypatch, offers, expected
):
    monkeypatch.setenv("OSAGO_LANG", "en")
    assert kbm.note(view_of(*offers)).replace("\u00a0", " ") == expected


def test_the_daemons_classes_go_before_the_shipped_ones(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    [check] = WRONG_KBM["checks"]
    own = check | {"params": check["params"] | {"theirs_class": "5"}}
    assert "1.17 (class\u00a05)" in kbm.note(view_of(WRONG_KBM | {"checks": [own]}))


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("code", CHECKS)
def test_a_check_with_other_params_or_of_tomorrow_falls_back_to_what_the_daemon_says(
    monkeypatch, lang, code
):
    monkeypatch.setenv("OSAGO_LANG", lang)
    check = {"code": code, "severity": "warning", "text": "as it says", "params": {}}
    strange = check | {"params": {"lawful": "many", "min": "", "theirs": "?"}}
    tomorrow = check | {"code": f"{code}_of_tomorrow"}
    fixed = texts(lang)[f"check.{code}"]
    assert checks.full(check) in {"as it says", fixed}
    assert checks.full(strange) == "as it says"
    assert checks.full(tomorrow) == "as it says"
    assert checks.short({"checks": [tomorrow]}) == f"{code}_of_tomorrow"


def test_an_event_of_an_older_daemon_has_no_checks_and_no_mark():
    old = {"insurer": "k", "premium": 1.0}
    assert not checks.doubtful(old)
    assert checks.standing(old) == checks.short(old) == ""


NOT_CHECKED = {
    "code": "not_checked",
    "severity": "info",
    "text": "not checked against the tariff: owner.address: the region is not known",
    "params": {
        "path": "owner.address",
        "code": "region_unknown",
        "why": "owner.address: the region is not known",
        "suggestions": "Moscow",
        "suggestions_ru": "Москва",
    },
}
REASONS = {
    "en": "not checked against the tariff: owner.address: the region is not known",
    "ru": "не сверено с тарифом: owner.address: тариф не знает такого региона; проверьте регион и"
    " населённый пункт; возможно, это: Москва",
}


@pytest.mark.parametrize("lang", REASONS)
def test_why_offers_were_not_checked_is_said_once_for_all(capsys, monkeypatch, lang):
    monkeypatch.setenv("OSAGO_LANG", lang)
    offers = [unchecked(event) | {"checks": [NOT_CHECKED]} for event in (GOOD, KOPECKS)]
    assert written(Format.TABLE, capsys, *offers).splitlines().count(REASONS[lang]) == 1
    drawing = " ".join(" ".join(line.split()) for line in drawn(monkeypatch, 120, *offers))
    assert drawing.count(REASONS[lang][:40]) == 1
