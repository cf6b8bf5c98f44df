"""What used to fail, or to be told, only later than when the file is loaded."""

import os

import pytest

from osago_daemon.config_problems import ConfigError
from osago_daemon.insurers.secrets import SecretError, keyrings
from osago_daemon.settings import load

AUTH = 'auth = { kind = "bearer", token = "plain:sandbox-sever" }'
WRONG_HOSTS = [
    "пример..рф",
    "exa mple.org",
    "exa\\tmple.org",
    "exa\u200bmple.org",
    "a\\\\b.org",
    "",
]


@pytest.mark.parametrize("host", WRONG_HOSTS)
def test_a_base_url_that_is_none_failed_only_when_the_adapter_was_built(problems, good, host):
    text = good.replace("http://127.0.0.1:8787/sever", f"https://{host}")
    text = text.replace("plain:sandbox-sever", "env:TOKEN")
    assert problems(text, TOKEN="made up") == [
        "3: insurers.sever.base_url: expected a URL such as https://api.example.org/osago"
    ]


@pytest.mark.parametrize(
    "proxy",
    [
        "http://exa mple:port",
        "http://proxy:port",
        "http://proxy:99999",
        "http://",
        "http://я..рф:1",
    ],
)
def test_a_proxy_that_is_none_failed_only_when_the_transport_was_built(problems, good, proxy):
    def with_proxy(value):
        return good.replace(AUTH, f'{AUTH}\ntransport.proxy = "{value}"')

    key = "5: insurers.sever.transport.proxy: "
    expected = "expected http://host:port, or a reference such as env:NAME"
    assert problems(with_proxy(proxy)) == [key + expected]
    expected = "env:PROXY is not http://host:port or http://user:…@host:port"
    assert problems(with_proxy("env:PROXY"), PROXY=proxy) == [key + expected]


def test_a_certificate_that_is_none_failed_only_when_the_transport_was_built(
    problems, good, tmp_path
):
    (tmp_path / "ca.pem").write_text("made up")
    (problem,) = problems(good.replace(AUTH, f'{AUTH}\ntransport.ca_file = "ca.pem"'))
    assert problem.startswith("5: insurers.sever.transport: ca_file ")


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 3000 + "]" * 3000,
        "[insurers.a.create.body]\nx = " + "[" * 60 + "]" * 60,
        "[insurers.a.create]\nbody" + ".b" * 3000 + " = 1",
    ],
)
def test_a_deep_file_ended_in_a_recursion_error(problems, text):
    assert problems(text) == ["nested too deeply"]


def test_a_number_without_end_ended_in_a_value_error(problems):
    assert problems("a = " + "1" * 5000) == ["a number is too long"]


def test_a_missing_secret_was_told_only_once_all_else_was_right(problems, good):
    text = good.replace("plain:sandbox-sever", "env:TOKEN").replace("path =", "pathh =", 1)
    text = text.replace(AUTH[:4], "transport.ca_file = 'no.pem'\nauth", 1)
    missing = "insurers.sever.auth.token: env:TOKEN: this environment variable is not set"
    assert problems(text) == [
        "4: insurers.sever.transport.ca_file: there is no such file",
        f"5: {missing}",
        "7: insurers.sever.create.path: is missing",
        "8: insurers.sever.create.pathh: unknown key; did you mean `path`?",
    ]
    also_wrong = text.replace("token =", "colour = 1, token =")
    assert f"5: {missing}" in problems(also_wrong)
    off = text.replace("[insurers.sever.create]", "enabled = false\n[insurers.sever.create]")
    assert not any("TOKEN" in problem for problem in problems(off))


def test_a_missing_key_of_a_table_without_a_header_had_no_line(problems):
    assert problems('[insurers.sever.create]\npath = "/x"\n') == [
        "1: insurers.sever.name: is missing",
        "1: insurers.sever.base_url: is missing",
        "1: insurers.sever.answer: is missing",
    ]


def test_a_pipe_is_no_file_and_nobody_waits_for_its_writer(tmp_path):
    path = tmp_path / "insurers.toml"
    os.mkfifo(path)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value.problems[0]).endswith("is no regular file")


def test_a_keyring_is_asked_once_for_all_who_name_an_entry(load_text, good, monkeypatch):
    asked = []

    def password(reference, _commands):
        asked.append(str(reference))
        raise SecretError(f"{reference}: locked")

    monkeypatch.setattr(keyrings, "password", password)
    text = good.replace("plain:sandbox-sever", "keyring:osago/agent")
    more = text.replace("insurers.sever", "insurers.yug").replace("Север-Полис", "Юг")
    with pytest.raises(ConfigError) as caught:
        load_text(text + more)
    assert len(caught.value.problems) == 2
    assert asked == ["keyring:osago/agent"]
