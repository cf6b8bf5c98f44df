"""A login that lives from sending a refused request again, and a `retry` that forbids that."""

import pytest

from osago_daemon.config_problems import ConfigError
from osago_daemon.settings import load

KINDS = {
    "digest": 'username = "agent", password = "env:P"',
    "login": 'path = "/login", token = "body.token"',
    "oauth2": 'path = "/token", client_id = "agent", client_secret = "env:P"',
    "cookie": 'path = "/login"',
}
TABLE = """
[insurers.sever]
name = "Север"
base_url = "https://api.example.org"
auth = {{ kind = "{kind}", {auth} }}
{retry}
create = {{ path = "/quotes", headers = {{ Key = "call.key" }} }}
answer = {{ premium = "body.premium" }}
"""


@pytest.fixture
def problems(tmp_path):
    def problems_(kind, auth, retry):
        path = tmp_path / "insurers.toml"
        path.write_text(TABLE.format(kind=kind, auth=auth, retry=retry), encoding="utf-8")
        try:
            load(path, environ={"P": "canary"})
        except ConfigError as error:
            return [str(each).partition("insurers.toml:")[2] for each in error.problems]
        return []

    return problems_


@pytest.mark.parametrize(("kind", "auth"), KINDS.items())
def test_one_attempt_is_too_few(problems, kind, auth):
    needs = f'at least with auth.kind = "{kind}": '
    [attempts] = problems(kind, auth, "retry = { attempts = 1 }")
    assert attempts.startswith(f"6: insurers.sever.retry.attempts: must be 2 {needs}")
    [retries] = problems(kind, auth, "retry.auth.retries = 0")
    assert retries.startswith(f"6: insurers.sever.retry.auth.retries: must be 1 {needs}")
    assert len(problems(kind, auth, "retry = { attempts = 1, auth = { retries = 0 } }")) == 2


@pytest.mark.parametrize(("kind", "auth"), KINDS.items())
@pytest.mark.parametrize(
    "retry", ["", "retry.attempts = 2", "retry.auth.retries = 1", "retry.connect.retries = 0"]
)
def test_two_are_enough(problems, kind, auth, retry):
    assert problems(kind, auth, retry) == []


def test_who_has_nothing_to_log_in_with_may_ask_once(problems):
    once = "retry = { attempts = 1, auth = { retries = 0 } }"
    assert problems("bearer", 'token = "env:P"', once) == []
    assert problems("basic", KINDS["digest"], once) == []


def test_it_is_told_with_all_else_that_is_wrong(problems):
    told = problems("digest", 'username = "agent"', 'retry = { attempts = 1 }\ncolour = "red"')
    assert [each.split(": ")[1] for each in told] == [
        "insurers.sever.auth.password",
        "insurers.sever.retry.attempts",
        "insurers.sever.colour",
    ]


@pytest.mark.parametrize("retry", ["retry = 1", 'retry.attempts = "1"', "retry.attempts = -1"])
def test_what_is_no_number_has_its_own_problem_only(problems, retry):
    [told] = problems("digest", KINDS["digest"], retry)
    assert "at least with" not in told
