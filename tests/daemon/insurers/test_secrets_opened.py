"""Secrets for building: looked for once, told apart without being kept in clear."""

import pytest

from osago_daemon.insurers.secrets import OpenedSecrets, SecretError, SecretRef, Secrets

KEY = b"k" * 32


def opened(tmp_path, **environ):
    return OpenedSecrets.of(Secrets(tmp_path, {"PATH": "/usr/bin:/bin", **environ}))


def test_a_program_is_run_once_for_all_who_name_it(tmp_path):
    secrets = opened(tmp_path)
    reference = SecretRef.parse("command:sh -c 'echo run >> runs; wc -l < runs'")
    values = [secrets.for_one().resolve(reference).get_secret_value() for _ in range(3)]
    assert [value.strip() for value in values] == ["1", "1", "1"]


def test_what_can_not_be_had_is_said_each_time(tmp_path):
    secrets = opened(tmp_path)
    for _ in range(2):
        with pytest.raises(SecretError, match="env:GONE"):
            secrets.resolve(SecretRef.parse("env:GONE"))


def test_a_digest_is_of_what_was_used_its_value_and_the_key_alone(tmp_path):
    one, two = SecretRef.parse("env:ONE"), SecretRef.parse("env:TWO")

    def digest(*used, key=KEY, **environ):
        secrets = opened(tmp_path, **environ).for_one()
        for reference in used:
            secrets.resolve(reference)
        assert "canary" not in repr(secrets)
        return secrets.digest(key)

    here = {"ONE": "canary-1", "TWO": "canary-2"}
    same = digest(one, two, **here)
    assert digest(two, one, one, **here) == same
    others = [
        digest(one, **here),
        digest(one, two, key=b"x" * 32, **here),
        digest(one, two, ONE="canary-1", TWO="canary-3"),
        digest(one, two, ONE="canary-2", TWO="canary-1"),
    ]
    assert len({same, *others}) == 5
