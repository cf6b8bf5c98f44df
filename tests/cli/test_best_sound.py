"""The cheapest offer is told with its doubts, and the cheapest without any beside it."""

import json

import pytest

from osago_cli.output import documents, wording
from osago_cli.run_view import RunView

NAMES = {"b": "Барсук", "s": "Север-Полис"}
DOUBT = {"code": "roubles_suspected", "severity": "warning", "text": "", "params": {}}


def offer(seq, insurer, premium, *checks):
    fields = {"type": "offer", "insurer": insurer, "premium": premium, "elapsed_ms": 1}
    return {"quote_id": "q1", "seq": seq, "checks": list(checks)} | fields


CHEAP, DEAR = offer(1, "b", 30.0, DOUBT), offer(2, "s", 2767.46)
SAID = {
    "best": {"insurer": "b", "premium": 30.0, "warned": True},
    "best_sound": {"insurer": "s", "premium": 2767.46},
}
"""As the daemon says it."""
UNPROVEN = DOUBT | {"severity": "info"}


def view_of(*offers):
    view = RunView.of(
        {"quote_id": "q1", "insurers": [{"id": i, "name": n} for i, n in NAMES.items()]}
    )
    best = min(offers, key=lambda event: event["premium"])
    done = {
        "quote_id": "q1",
        "seq": 9,
        "type": "done",
        "reason": "complete",
        "counts": {"asked": 2, "offers": 2, "declined": 0, "failed": 0},
        "best": {"insurer": best["insurer"], "premium": best["premium"]},
    }
    for event in (*offers, done):
        view.apply(event)
    return view


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "ru",
            (
                "Лучшее: Барсук, 30,00 ₽ — сомнительно: занижено в 100 раз?; "
                "без сомнений лучшее: Север-Полис, 2 767,46 ₽"
            ),
        ),
        (
            "en",
            (
                "Best: Барсук, 30.00 ₽ — doubtful: 100 times too low?; "
                "best beyond doubt: Север-Полис, 2,767.46 ₽"
            ),
        ),
    ],
)
def test_both_are_in_the_summary(monkeypatch, lang, told):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert wording.summary(view_of(CHEAP, DEAR)).replace("\u00a0", " ").endswith(f". {told}")


@pytest.mark.parametrize("checks", [(), (UNPROVEN,)])
def test_a_best_offer_without_a_warning_stands_alone(monkeypatch, checks):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    told = wording.summary(view_of(offer(1, "b", 30.0, *checks), DEAR))
    assert told.replace("\u00a0", " ").endswith(". Лучшее: Барсук, 30,00 ₽")


def test_where_every_offer_is_doubtful_none_is_called_the_best_of_the_others(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    told = wording.summary(view_of(CHEAP))
    assert told.endswith("занижено в 100 раз?")


def test_who_has_seen_no_offer_believes_the_daemon(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    view = view_of(CHEAP)
    view.rows["b"].outcome = None
    view.outcomes.clear()
    view.done = view.done | SAID
    assert (
        wording.summary(view)
        .replace("\u00a0", " ")
        .endswith(". Лучшее: Барсук, ! 30,00 ₽; без сомнений лучшее: Север-Полис, 2 767,46 ₽")
    )


def test_programs_get_both_beside_each_other(capsys):
    view = view_of(CHEAP, DEAR)
    view.done = view.done | SAID
    documents.JsonDocument().finish(view)
    told = json.loads(capsys.readouterr().out)["done"]
    assert {key: told[key] for key in SAID} == SAID
