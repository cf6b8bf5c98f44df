from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import trustme

from osago_daemon.insurers.rest import RestAdapter
from osago_daemon.resilience.numbers import (
    BreakerNumbers,
    LimitNumbers,
    PacingNumbers,
    PipelineNumbers,
    RetryNumbers,
    ServerErrorRule,
)


def test_a_good_file_gives_its_insurers_in_its_order(load_text, good):
    second = good.replace("sever", "yantar").replace("Север-Полис", "Янтарь")
    settings = load_text(second + good)
    assert [(i.id, i.name) for i in settings.insurers] == [
        ("yantar", "Янтарь"),
        ("sever", "Север-Полис"),
    ]
    assert settings.path.name == "insurers.toml"


def test_defaults(load_text, good):
    (insurer,) = load_text(good).insurers
    assert insurer.pipeline == PipelineNumbers()
    assert insurer.pacing == PacingNumbers()
    assert insurer.line_of(("retry", "attempts")) is None
    assert isinstance(
        insurer.adapter(httpx.MockTransport(lambda _: httpx.Response(500))), RestAdapter
    )


def test_numbers_of_the_policies_and_the_transport(load_text, good, tmp_path):
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    settings = load_text(
        good.replace(
            "[insurers.sever.create]",
            """\
attempt_timeout_s = 20.5
retry = { attempts = 1, server_error.retries = 5 }
breaker.window = 3
limits = { per_second = 10, per_day = 1000 }
transport = { ca_file = "ca.pem", proxy = "env:PROXY", max_body_bytes = 2048 }
[insurers.sever.create]""",
        ),
        PROXY="http://user:s3cret@proxy:3128",
    )
    (insurer,) = settings.insurers
    assert insurer.pipeline == PipelineNumbers(
        attempt_timeout_s=20.5,
        retry=RetryNumbers(attempts=1, server_error=ServerErrorRule(retries=5)),
        breaker=BreakerNumbers(window=3),
        limits=LimitNumbers(per_second=10, per_day=1000),
    )
    assert insurer.pipeline.retry.server_error.first_wait_s == ServerErrorRule().first_wait_s
    lines = settings.path.read_text().splitlines()
    assert lines[insurer.line_of(("limits", "per_day")) - 1].startswith("limits =")
    assert insurer.line_of(("limits", "per_minute")) is None
    assert insurer.transport.tls.ca_file == tmp_path / "ca.pem"
    assert insurer.transport.proxy == "http://user:s3cret@proxy:3128"
    assert insurer.transport.max_body_bytes == 2048
    assert "s3cret" not in repr(insurer)


def test_equal_transport_options_are_equal(load_text, good):
    second = good.replace("sever", "yantar").replace("Север-Полис", "Янтарь")
    first, second = load_text(good + second).insurers
    assert first.transport == second.transport
    assert hash(first.transport) == hash(second.transport)


def test_insurers_switched_off_are_left_out_but_checked(load_text, problems, good):
    off = (
        good.replace("sever", "off")
        .replace("Север-Полис", "Off")
        .replace("[insurers.off.create]", "enabled = false\n[insurers.off.create]")
    )
    assert [i.id for i in load_text(good + off).insurers] == ["sever"]
    assert problems(off) == ["1: insurers: every insurer is switched off by enabled = false"]
    assert problems(good + off.replace('"body.premium"', '"body..premium"'))


def test_no_secret_shows_in_a_repr(load_text, good):
    settings = load_text(good.replace("plain:sandbox-sever", "env:TOKEN"), TOKEN="s3cret")
    plain = load_text(good.replace("sandbox-sever", "s3cret"))
    (insurer,) = settings.insurers
    adapter = insurer.adapter(httpx.MockTransport(lambda _: httpx.Response(500)))
    assert "s3cret" not in repr((settings, plain, adapter, vars(adapter)))


@pytest.mark.parametrize("path", ["/nowhere/insurers.toml", "/"])
def test_a_file_that_cannot_be_read_is_one_problem(path):
    from osago_daemon.config_problems import ConfigError
    from osago_daemon.settings import load

    with pytest.raises(ConfigError) as caught:
        load(Path(path))
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{path}: ")
    assert (problem.line, problem.key) == (None, "")


def test_kopecks_are_a_kind_of_money(load_text, good):
    (insurer,) = load_text(good + 'money = "kopecks"\n').insurers
    assert insurer.spec.answer.money == "kopecks"
    assert Decimal(insurer.spec.poll.every_s) == 1


def test_the_example_of_the_documentation_is_a_good_file(load_text):
    (insurer,) = load_text(_documented("toml"), SEVER_TOKEN="made up").insurers
    assert insurer.spec.create.is_repeatable


def test_the_problems_of_the_documentation_could_not_occur(problems):
    text = _documented("toml").replace("path =", "pathh =", 1)
    expected = _documented("").replace("insurers.toml:", "").splitlines()
    assert problems(text) == expected


def _documented(language):
    """The first example in this language."""
    page = Path(__file__).parents[3] / "docs" / "insurers.md"
    text = page.read_text(encoding="utf-8")
    return text.partition(f"```{language}\n")[2].partition("```")[0]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ('name = "Север-Полис"|name = "Север"', True),
        ("[insurers.sever.create]|limits.per_second = 3\n[insurers.sever.create]", True),
        ("[insurers.sever.create]|retry.attempts = 3\n[insurers.sever.create]", True),
        ('[insurers.sever.create]|headers = { X = "1" }\n[insurers.sever.create]', False),
        ("[insurers.sever.answer]|[insurers.sever.answer]\nmoney = 'kopecks'", False),
    ],
)
def test_the_version_changes_with_what_an_answer_means_and_with_nothing_else(
    load_text, good, change, same
):
    before, after = change.split("|")
    assert before in good
    (usual,), (changed,) = (
        load_text(good).insurers,
        load_text(good.replace(before, after, 1)).insurers,
    )
    assert (usual.version == changed.version) is same


def test_the_pace_of_polls_does_not_change_the_version(load_text, good):
    polled = good + '[insurers.sever.poll]\npath = "/x"\n'
    if "[insurers.sever.poll]" in good:
        polled = good
    head = "[insurers.sever.poll]\n"
    (slow,), (quick,) = (
        load_text(polled.replace(head, f"{head}every_s = {every}\n")).insurers for every in (3, 2)
    )
    assert slow.version == quick.version
