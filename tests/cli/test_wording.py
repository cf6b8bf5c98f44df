"""Failures, waits and moments in the user's words."""

import pytest

from osago_cli.client import Refused
from osago_cli.connection import refused
from osago_cli.exits import Exit
from osago_cli.output import wording
from osago_cli.run_view import RunView
from osago_daemon.resilience.breaker import Breaker
from osago_daemon.resilience.numbers import BreakerNumbers

pytestmark = pytest.mark.usefixtures("moscow_noon")

AT = "2026-11-22T11:05:00Z"  # 14:05 in Moscow


def failed(kind, message="said in English", **fields):
    return {"kind": kind, "message": message, **fields}


@pytest.mark.parametrize(
    ("lang", "event", "expected"),
    [
        ("ru", failed("unavailable", retry_at=AT), "недоступен до 14:05"),
        ("en", failed("unavailable", "", retry_at=AT), "unavailable until 14:05"),
        ("ru", failed("unavailable"), "недоступен"),
        ("en", failed("unavailable"), "unavailable (said in English)"),
        ("ru", failed("unavailable", wording.ISOLATED, retry_at=AT), "отключён вручную до 14:05"),
        ("en", failed("unavailable", wording.ISOLATED), "taken out by hand"),
        ("ru", failed("throttled", retry_at=AT), "лимит запросов: можно с 14:05"),
        (
            "en",
            failed("throttled", retry_at=AT),
            "request limit: free from 14:05 (said in English)",
        ),
        ("ru", failed("throttled"), "лимит запросов исчерпан"),
        (
            "ru",
            failed("server_error", "Технические работы", retry_at=AT),
            "ошибка на стороне страховщика; можно с 14:05 (Технические работы)",
        ),
        ("en", failed("timeout", "nothing within 15 s"), "nothing within 15 s"),
        ("ru", failed("timeout", "nothing within 15 s"), "время ожидания вышло"),
        ("en", failed("a_kind_of_tomorrow", "a_kind_of_tomorrow"), "a_kind_of_tomorrow"),
    ],
)
def test_a_failure_says_why_and_when_to_come_back(monkeypatch, lang, event, expected):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert wording.failure(event) == expected


def test_what_the_daemon_says_of_an_isolated_insurer_is_what_is_recognised():
    breaker = Breaker("a", BreakerNumbers(), slow_s=5, clock=lambda: 0.0)
    breaker.isolate(None)
    assert breaker.blocked().message == wording.ISOLATED


@pytest.mark.parametrize(
    ("lang", "at", "expected"),
    [
        ("ru", "2026-11-22T11:05:00Z", "14:05"),
        ("ru", "2026-11-22T11:04:00.001Z", "14:05"),
        ("ru", "2026-11-22T11:04:59+00:00", "14:05"),
        ("ru", "2026-11-22T20:59:59Z", "23.11.2026 00:00"),
        ("en", "2026-11-23T11:05:00Z", "2026-11-23 14:05"),
        ("ru", "2026-11-21T11:05:00Z", "21.11.2026 14:05"),
    ],
)
def test_an_end_is_never_told_too_early_and_with_its_day_unless_today(
    monkeypatch, lang, at, expected
):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert wording.until(at) == expected


def test_what_has_happened_is_not_told_late():
    assert wording.clock("2026-11-22T11:04:59Z") == "14:04"


def waiting(**fields):
    view = RunView.of({"quote_id": "q", "insurers": [{"id": "a", "name": "А"}]})
    view.apply({"seq": 1, "type": "insurer_state", "insurer": "a", "attempt": 1, **fields})
    return wording.state(view.rows["a"])


@pytest.mark.parametrize(
    ("lang", "fields", "expected"),
    [
        ("ru", {"at": AT, "retry_in_ms": 12_000}, "в очереди примерно до 14:05:12"),
        ("en", {"at": AT, "retry_in_ms": 12_000}, "in the queue until about 14:05:12"),
        ("ru", {"at": AT}, "в очереди"),
        ("ru", {"retry_in_ms": 12_000}, "в очереди"),
        (
            "en",
            {"at": "2026-11-22T20:59:59Z", "retry_in_ms": 1000, "attempt": 2},
            "in the queue until about 2026-11-23 00:00:00, attempt 2",
        ),
    ],
)
def test_a_queue_says_when_it_goes_on_where_that_is_known(monkeypatch, lang, fields, expected):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert waiting(state="queued", **fields) == expected


def test_only_a_queue_tells_of_its_end(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    assert waiting(state="asking", at=AT, retry_in_ms=9000) == "asking"


@pytest.mark.parametrize(
    ("lang", "word"), [("ru", "это может менять только пользователь"), ("en", "only the user")]
)
def test_whoever_may_not_change_things_is_told_who_may(monkeypatch, lang, word):
    monkeypatch.setenv("OSAGO_LANG", lang)
    refusal = Refused({"message": "as the daemon says", "data": {"kind": "not_allowed"}})
    error = refused(refusal)
    assert error.message.startswith(word)
    assert error.code is Exit.UNREACHABLE


@pytest.mark.parametrize(
    ("lang", "nearest", "words"),
    [
        ("ru", None, "нет страховщика `nope`; все коды"),
        ("ru", "kedr", "возможно, имелся в виду `kedr`?"),
        ("en", None, "no insurer `nope`; `osago insurers`"),
        ("en", "kedr", "did you mean `kedr`?"),
    ],
)
def test_an_unknown_insurer_was_told_in_english_with_a_method_of_the_wire(
    monkeypatch, lang, nearest, words
):
    monkeypatch.setenv("OSAGO_LANG", lang)
    problem = {
        "path": "insurer",
        "code": "unknown_insurer",
        "text": "no insurer `nope`; insurers.list has those there are",
        "params": {"name": "nope", "nearest": nearest},
    }
    error = refused(
        Refused({"message": "", "data": {"kind": problem["code"], "problems": [problem]}})
    )
    [line] = error.details
    assert words in line
    assert "`osago insurers`" in line
    assert "insurers.list" not in line


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-22T09:00:36.2Z", "12:00:37"),
        ("2026-11-22T09:01:59Z", "12:01:59"),
        ("2026-11-22T09:02:01Z", "12:03"),
    ],
)
def test_an_end_that_is_near_is_told_to_the_second(at, expected):
    assert wording.until(at) == expected


@pytest.mark.parametrize(
    ("lang", "answer", "expected"),
    [
        ("en", {"source": "live"}, ""),
        ("en", {}, ""),
        ("en", {"source": "cache"}, "cached"),
        ("ru", {"source": "cache", "answered_at": "2026-11-22T08:59:01Z"}, "из кэша, только что"),
        ("en", {"source": "cache", "answered_at": "2026-11-22T09:00:05Z"}, "cached just now"),
        ("en", {"source": "cache", "answered_at": "2026-11-22T08:59:00Z"}, "cached 1 min ago"),
        ("ru", {"source": "cache", "answered_at": "2026-11-22T08:00:00Z"}, "из кэша, 1 ч 0 мин"),
        ("ru", {"source": "joined", "answered_at": "2026-11-22T08:59:00Z"}, "присоединились"),
        ("en", {"source": "a_word_of_tomorrow"}, "a_word_of_tomorrow"),
    ],
)
def test_the_age_of_an_answer_is_told_against_now(monkeypatch, lang, answer, expected):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert wording.source(answer) == expected


def test_a_notice_of_a_newer_daemon_is_told_in_its_own_words():
    assert wording.notice({"code": "of_tomorrow", "message": "as it says"}) == "as it says"
