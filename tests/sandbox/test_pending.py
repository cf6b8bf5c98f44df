"""An insurer that is still thinking says so, each in its own words."""

from unittest.mock import ANY

import pytest

from osago_sandbox import Settings, running

pytestmark = pytest.mark.anyio


class Enough(Exception):  # noqa: N818
    """The test has seen what it wanted."""


@pytest.mark.parametrize(
    ("insurer", "status", "words"),
    [
        ("sever", 200, {"status": "processing"}),
        ("snegir", 202, {"state": "IN_WORK"}),
        ("yantar", 200, {"status": "CALCULATING"}),
        ("omut", 200, {"status": "PARTNER_CALCULATION_IN_PROGRESS", "offers": []}),
        ("trakt", 202, {"Состояние": "ВРаботе"}),
        ("lukomor", 200, {"calculation": {"id": ANY, "statusCode": 0}}),
    ],
)
async def test_a_poll_too_early_is_told_to_wait(asking, insurer, status, words):
    async def stop_after_the_first_poll() -> None:
        if ask.last.method == "GET":
            raise Enough

    async with running(Settings(port=0)) as sandbox, asking(sandbox) as ask:
        with pytest.raises(Enough):
            await ask(insurer, at_wait=stop_after_the_first_poll)
        assert ask.last.status == status
        assert words.items() <= ask.last.body.items()
        assert ("Retry-After" in ask.last.headers) == (status == 202)
