"""How a trial is shown: each exchange, polls counted, errors in their place, in both languages."""

import pytest

from osago_cli.exits import Exit
from osago_cli.output import trying

READY = {
    "type": "ready",
    "insurer": "yug",
    "name": "Юг",
    "file": "/etc/osago/insurers.toml",
    "line": 3,
    "server": "https://api.yug.test",
    "local": False,
    "secrets": ["env:YUG"],
}


def message(text="", **more):
    body = {"kind": "json" if text else "none", "text": text, "cut": 0, "size": len(text)}
    return {"headers": {}, "body": body, **more}


def step(name, reading, *expressions, at_ms=0):
    return {
        "type": "step",
        "step": name,
        "login": False,
        "request": message(method="GET", url=f"https://api.yug.test/{name}"),
        "answer": message('{\n  "state": "***"\n}', status=200),
        "expressions": list(expressions),
        "reading": reading,
        "at_ms": at_ms,
        "elapsed_ms": 300,
    }


def gave(key, line, expression, value, **more):
    return {
        "key": f"insurers.yug.{key}",
        "line": line,
        "expression": expression,
        "value": value,
    } | more


STEPS = (
    step("poll", "pending", gave("answer.state", 20, "body.state", "WAIT", came_to="pending")),
    step("poll", "pending", at_ms=1000),
    step("poll", "pending", at_ms=2000),
    step(
        "poll",
        "declined",
        gave("answer.state", 20, "body.state", "NO", came_to="declined"),
        gave("answer.premium", 22, "upper(body.sum)", None, error="upper() got number"),
        at_ms=3000,
    ),
    {
        "type": "outcome",
        "outcome": {
            "type": "declined",
            "reason": "territory",
            "message": "Регион не обслуживается",
        },
    },
)


def shown(steps=STEPS, *, dry_run=False):
    report = trying.Report(READY, dry_run=dry_run)
    lines = list(report.head())
    for document in steps:
        report.add(document)
        lines += report.lines(document)
    return report, "\n".join([*lines, *report.end()])


ENGLISH = """\
Юг (yug), insurers.toml:3
secrets found: env:YUG

1. poll: GET https://api.yug.test/poll
   HTTP 200, 0.3 s
     {
       "state": "***"
     }
   insurers.toml:20  answer.state  body.state = "WAIT" → pending
   → not decided yet
   asked again 2 times, 2.3 s

2. poll: GET https://api.yug.test/poll
   HTTP 200, 0.3 s
     {
       "state": "***"
     }
   insurers.toml:20  answer.state    body.state = "NO" → declined
   insurers.toml:22  answer.premium  upper(body.sum) = null  ! upper() got number
   → declined

Юг: declined, territory: Регион не обслуживается"""
RUSSIAN = (
    ENGLISH.replace("secrets found", "секреты найдены")
    .replace("→ not decided yet", "→ ещё не решено")
    .replace("asked again 2 times, 2.3 s", "спрошено ещё 2 раза, 2,3 с")
    .replace("0.3 s", "0,3 с")
    .replace("   → declined\n", "   → отказ\n")
    .replace("declined, territory", "отказ, территория")
)


@pytest.mark.parametrize(("lang", "expected"), [("en", ENGLISH), ("ru", RUSSIAN)])
def test_a_trial_is_told_in_both_languages(monkeypatch, lang, expected):
    monkeypatch.setenv("OSAGO_LANG", lang)
    report, text = shown()
    assert text == expected
    assert report.exit() is Exit.OK


def test_programs_get_one_document_with_polls_counted():
    report, _ = shown()
    document = report.document()
    assert [one["step"] for one in document["steps"]] == ["poll", "poll"]
    assert document["steps"][0]["asked_again"] == {"times": 2, "elapsed_ms": 2300}
    assert (document["insurer"], document["application"]) == ("yug", "masked")
    assert document["outcome"]["reason"] == "territory"
    assert [row["error"] for row in report.rows() if "error" in row] == ["upper() got number"]


def test_a_trial_that_was_broken_off_tells_what_is_known(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    report, text = shown(STEPS[:3])
    assert text.endswith("   asked again 2 times, 2.3 s")
    assert report.document()["outcome"] is None


def test_without_an_answer_the_exit_code_says_so():
    failed = {"type": "failed", "kind": "timeout", "message": "", "retryable": True}
    report, _ = shown([{"type": "outcome", "outcome": failed}])
    assert report.exit() is Exit.NO_OFFER_IN_TIME
    several = {"type": "several", "outcomes": [failed | {"insurer": "a"}, STEPS[-1]["outcome"]]}
    report, _ = shown([{"type": "outcome", "outcome": several}])
    assert report.exit() is Exit.OK


def test_a_rehearsal_says_what_it_can(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    rehearsed = {
        "type": "step",
        "step": "price",
        "login": False,
        "request": message(method="GET", url="https://api.yug.test/cars/{kept.car}"),
        "answer": None,
        "expressions": [],
        "requests": 2,
        "when": "kept.car",
    }
    skipped = rehearsed | {"request": None, "skipped": True, "step": "firm"}
    broken = rehearsed | {"request": None, "problem": "steps[1].query: is no list", "line": 9}
    _, text = shown([rehearsed, skipped, broken], dry_run=True)
    assert text == (
        "Юг (yug), insurers.toml:3\n"
        "secrets found: env:YUG\n"
        "Nothing is sent. What an answer would give stands as {kept.NAME}.\n"
        "\n"
        "1. price: GET https://api.yug.test/cars/{kept.car}\n"
        "   (only if kept.car)\n"
        "   (one request for each item: 2)\n"
        "\n"
        "2. firm: left out for this application\n"
        "\n"
        "3. price: insurers.toml:9: steps[1].query: is no list"
    )


def test_nothing_in_an_answer_steers_the_terminal(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    nasty = "\x1b]0;pwned\x07\x1b[2J\x9b31m\u202e\x0b"
    told = step("poll", "declined", gave("answer.state", 20, "body.state", nasty, error=nasty))
    told["answer"] = message(f"a{nasty}\r\n\tb\u00a0₽\n", status=200) | {"headers": {"x": nasty}}
    told["trouble"] = {"kind": "bad_answer", "message": nasty}
    failed = {"type": "failed", "kind": "bad_answer", "message": nasty, "retryable": True}
    _, text = shown([told, {"type": "outcome", "outcome": failed}])
    steering = set(text) - {"\n", "\t", "\u00a0"}
    assert all(map(str.isprintable, steering))
    said = r"\x1b]0;pwned\x07\x1b[2J\x9b31m\u202e\x0b"
    assert f"     x: {said}\n     a{said}\n     \tb\u00a0₽\n   insurers" in text
