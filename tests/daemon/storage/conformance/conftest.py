"""Every test of this folder runs once for each backend; see `worlds.py`."""

import pytest

from tests.daemon.storage.conformance.worlds import NAMES, world_of

NOT_OF_STANDBY = {"test_death", "test_model"}
"""They open and close by hand what looks after itself there; see `test_standby.py` instead."""


def pytest_generate_tests(metafunc):
    if "world" in metafunc.fixturenames:
        alone = metafunc.module.__name__.rpartition(".")[2] in NOT_OF_STANDBY
        names = [name for name in NAMES if not (alone and name == "standby")]
        metafunc.parametrize("world", names, indirect=True)


@pytest.fixture
async def world(request, tmp_path, anyio_backend):  # noqa: ARG001  # makes it run in the test's loop
    async with world_of(request.param, tmp_path) as there:
        yield there


@pytest.fixture
async def store(world):
    return await world.instance("one")


@pytest.fixture
async def other(world, store):  # noqa: ARG001  # the second, always
    return await world.instance("two")
