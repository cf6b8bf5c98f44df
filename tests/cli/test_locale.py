"""Russian and English hold the same texts with the same values in them."""

import string
from typing import get_args

import pytest

from osago_cli import locale
from osago_core.application import PROBLEM_CODES
from osago_core.offer import DeclineReason, FailureKind
from osago_core.pricing.offers import CHECKS
from osago_core.wire.events import DoneReason, InsurerState, NoticeCode, Source
from osago_core.wire.methods import BreakerStatus, LimitStatus, StoreStatus


def values(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def own(lang):
    return {key: text for key, text in locale.texts(lang).items() if not key.startswith("problem.")}


def test_no_text_is_missing_in_either_language():
    assert own("ru").keys() == own("en").keys()


def test_every_text_holds_the_same_values_in_both():
    for key, text in own("en").items():
        assert values(text) == values(locale.texts("ru")[key]), key


def test_every_problem_speaks_russian_with_the_same_values():
    russian = {k: v for k, v in locale.texts("ru").items() if k.startswith("problem.")}
    assert russian.keys() == {f"problem.{code}" for code in PROBLEM_CODES}
    for code, english in PROBLEM_CODES.items():
        assert values(russian[f"problem.{code}"]) == values(english), code


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("code", CHECKS)
def test_every_check_of_an_offer_has_short_and_whole_words_from_its_own_params(lang, code):
    known = locale.texts(lang)
    assert values(known[f"check.{code}"]) == values(CHECKS[code])
    assert values(known[f"check.short.{code}"]) <= values(CHECKS[code])


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_word_of_the_wire_has_a_text(lang):
    known = locale.texts(lang)
    for prefix, words in {
        "failed": FailureKind,
        "short": FailureKind,
        "breaker": get_args(BreakerStatus.model_fields["state"].annotation),
        "limit": get_args(LimitStatus.model_fields["limit"].annotation),
        "declined": DeclineReason,
        "state": InsurerState,
        "source": [source for source in Source if source is not Source.LIVE],
        "notice": NoticeCode,
        "store": {
            *get_args(StoreStatus.model_fields["kind"].annotation),
            *get_args(StoreStatus.model_fields["state"].annotation),
        },
        "done": [reason for reason in DoneReason if reason is not DoneReason.COMPLETE],
    }.items():
        assert {f"{prefix}.{word}" for word in words} <= known.keys()


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "OSAGO_LANG": "ru"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "OSAGO_LANG": "en"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "OSAGO_LANG": ""}, "ru"),
    ],
)
def test_the_language_is_the_first_that_is_named(env, expected):
    assert locale.language(env) == expected


def test_a_text_of_a_newer_daemon_falls_back_to_its_own_words(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    assert locale.t_or("problem.no_such_code", "as the daemon says") == "as the daemon says"
    assert locale.t_or("problem.vin_length", "as the daemon says") == "as the daemon says"


def test_amounts_are_written_as_each_language_does(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    assert locale.roubles(12345.6) == "12\u00a0345,60\u00a0₽"
    monkeypatch.setenv("OSAGO_LANG", "en")
    assert locale.roubles(12345.6) == "12,345.60\u00a0₽"
