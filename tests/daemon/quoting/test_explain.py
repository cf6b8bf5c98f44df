"""The pipeline for people: the effective numbers, in order, and where each came from."""

from osago_daemon.quoting.explain import explain
from osago_daemon.resilience.numbers import LimitNumbers, PacingNumbers, PipelineNumbers
from osago_daemon.resilience.pipeline import Pipeline


def explained(configured, effective=None, lines=None):
    pipeline = Pipeline("a", effective or configured, clock=lambda: 0.0)
    shown = explain(pipeline, configured, PacingNumbers(), (lines or {}).get)
    return shown, {number.key: number for policy in shown for number in policy.numbers}


def test_every_number_is_there_once_in_the_order_of_the_pipeline():
    shown, numbers = explained(PipelineNumbers())
    assert [policy.policy for policy in shown] == [
        "deadline",
        "bulkhead",
        "retry",
        "breaker",
        "rate limit",
        "attempt timeout",
        "polling",
    ]
    assert sum(len(policy.numbers) for policy in shown) == len(numbers)
    assert numbers["retry.server_error.retries"].value == 2
    assert {number.source for number in numbers.values()} == {"default"}


def test_a_number_of_the_file_has_its_line():
    configured = PipelineNumbers(limits=LimitNumbers(per_second=5))
    _, numbers = explained(configured, lines={("limits", "per_second"): 36})
    shown = numbers["limits.per_second"]
    assert (shown.value, shown.source, shown.line) == (5, "file", 36)


def test_what_was_left_out_is_shown_as_it_holds():
    _, numbers = explained(PipelineNumbers(attempt_timeout_s=10.0))
    assert (numbers["breaker.slow_s"].value, numbers["breaker.slow_s"].source) == (9.0, "default")


def test_what_the_system_does_not_allow_is_not_passed_off_as_the_default():
    configured = PipelineNumbers()
    effective = PipelineNumbers(limits=LimitNumbers(at_once=51))
    _, numbers = explained(configured, effective)
    assert (numbers["limits.at_once"].value, numbers["limits.at_once"].source) == (51, "system")
