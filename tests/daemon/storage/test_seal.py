"""What is sealed opens under the same name and secret, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.storage.seal import Seal

SEAL = Seal(b"s" * 32)


@given(value=st.binary(max_size=300), name=st.text(max_size=30))
def test_what_goes_in_comes_out(value, name):
    sealed = SEAL.seal(name, value)
    assert Seal(b"s" * 32).open(name, sealed) == value
    assert len(sealed) == len(value) + 29


def test_equal_values_don_t_look_alike_nor_like_what_they_are():
    first, second = (SEAL.seal("n", b"Ivanov Ivan Ivanovich") for _ in range(2))
    assert first != second
    assert b"Ivanov" not in first + second


@pytest.mark.parametrize("at", [0, 1, 13, 20, -1])
def test_a_changed_byte_does_not_open(at):
    sealed = bytearray(SEAL.seal("n", b"value of some length"))
    sealed[at] ^= 1
    with pytest.raises(ValueError, match="sealed"):
        SEAL.open("n", bytes(sealed))


@given(junk=st.binary(max_size=60))
def test_junk_does_not_open_and_breaks_nothing(junk):
    for text in (junk, b"\x01" + junk):
        with pytest.raises(ValueError, match="sealed"):
            SEAL.open("n", text)


def test_another_name_or_secret_does_not_open():
    sealed = SEAL.seal("answer a", b"value")
    for seal, name in ((SEAL, "entry a"), (SEAL, "answer b"), (Seal(b"t" * 32), "answer a")):
        with pytest.raises(ValueError, match="not sealed under this name and secret"):
            seal.open(name, sealed)


def test_the_check_tells_secrets_apart_without_telling_them():
    assert Seal(b"s" * 32).check == SEAL.check != Seal(b"t" * 32).check
    assert len(SEAL.check) == 16
    assert (b"s" * 32).hex()[:16] != SEAL.check
