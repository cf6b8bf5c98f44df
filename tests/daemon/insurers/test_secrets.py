import base64
import tomllib

import pytest
from pydantic import TypeAdapter

from osago_daemon.insurers.auth import AuthSpec
from osago_daemon.insurers.secrets import SecretError, SecretRef, Secrets


def kept(path, content):
    """A file as it should be: for its owner only."""
    path.touch(mode=0o600)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def secrets(tmp_path):
    kept(tmp_path / "token", "from-file \r\n\n")
    (tmp_path / "creds").mkdir()
    (tmp_path / "creds" / "sever").write_text("from-systemd")
    return Secrets(
        tmp_path,
        {"TOKEN": "from-env", "EMPTY": "", "CREDENTIALS_DIRECTORY": str(tmp_path / "creds")},
    )


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("env:TOKEN", "from-env"),
        ("file:token", "from-file"),
        ("credential:sever", "from-systemd"),
        ("plain:sandbox:1", "sandbox:1"),
    ],
)
def test_references(secrets, reference, value):
    secret = secrets.resolve(SecretRef.parse(reference))
    assert secret.get_secret_value() == value
    assert value not in repr((secret, SecretRef.parse(reference), secrets))


def test_an_absolute_path_is_one(tmp_path):
    kept(tmp_path / "token", "x")
    found = Secrets(tmp_path / "elsewhere", {}).resolve(SecretRef.parse(f"file:{tmp_path}/token"))
    assert found.get_secret_value() == "x"


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("env:NOPE", "env:NOPE: this environment variable is not set"),
        ("env:EMPTY", "env:EMPTY is empty"),
        ("file:blank", "file:blank is empty"),
        ("file:nope", "file:nope: No such file or directory"),
        ("file:creds", "file:creds is no regular file"),
        ("file:two-lines", "file:two-lines has line breaks or control characters inside"),
        ("file:binary", "file:binary is not UTF-8 text"),
        ("file:huge", "file:huge is too large for a secret"),
        ("credential:nope", "credential:nope: No such file or directory"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named(secrets, tmp_path, reference, problem):
    kept(tmp_path / "two-lines", "s3cret\ns3cret")
    kept(tmp_path / "binary", b"s3cret\xff")
    kept(tmp_path / "huge", b"s" * 100_000)
    kept(tmp_path / "blank", " \n")
    with pytest.raises(SecretError) as caught:
        secrets.resolve(SecretRef.parse(reference))
    assert str(caught.value) == problem


def test_credentials_outside_of_systemd(tmp_path):
    with pytest.raises(SecretError, match=r"\$CREDENTIALS_DIRECTORY is not set"):
        Secrets(tmp_path, {}).resolve(SecretRef.parse("credential:sever"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        *((text, "does not belong") for text in ("s3cret", "env:", ":x", "", "vault:s3cret")),
        *((text, "a plain name") for text in ("credential:../x", "credential:..", "env:A s3cret")),
        *((text, "SERVICE/USER") for text in ("keyring:s3cret", "keyring:/s3cret", "keyring:a/ ")),
        *((text, "a program and") for text in ("command: ", "command:'' s3cret", "command:a\0b")),
        ("command:pass 's3cret", "a quotation mark"),
        ("file:s3cret\0", "takes a path"),
    ],
)
def test_what_is_no_reference(text, problem):
    with pytest.raises(ValueError, match=problem) as caught:
        SecretRef.parse(text)
    assert "s3cret" not in str(caught.value)


def test_a_reference_shows_no_argument_of_a_command():
    reference = SecretRef.parse("command:curl -u agent:s3cret https://vault")
    assert str(reference) == "command:curl …"
    assert "s3cret" not in repr(reference)
    assert str(SecretRef.parse("command:get-token")) == "command:get-token"


def auth(toml, secrets):
    return TypeAdapter(AuthSpec).validate_python(tomllib.loads(toml)).build(secrets)


def test_every_kind_of_auth(secrets):
    assert auth('kind = "none"', secrets).headers == {}
    bearer = auth('kind = "bearer"\ntoken = "env:TOKEN"', secrets)
    assert bearer.headers == {"Authorization": "Bearer from-env"}
    assert "from-env" not in repr(bearer)
    pair = base64.b64encode("агент:from-file".encode()).decode()
    assert auth('kind = "basic"\nusername = "агент"\npassword = "file:token"', secrets).headers == {
        "Authorization": f"Basic {pair}"
    }
    assert auth(
        'kind = "basic"\nusername = "env:TOKEN"\npassword = "file:token"', secrets
    ).headers == {"Authorization": "Basic ZnJvbS1lbnY6ZnJvbS1maWxl"}
    key = 'kind = "api_key"\nname = "X-Key"\nvalue = "env:TOKEN"\n'
    assert auth(key, secrets).headers == {"X-Key": "from-env"}
    query = auth(f'{key}in = "query"', secrets)
    assert (query.headers, query.query) == ({}, {"X-Key": "from-env"})


def test_secrets_that_cannot_travel(secrets, tmp_path):
    kept(tmp_path / "токен", "секрет")
    with pytest.raises(SecretError, match="no header can carry"):
        auth('kind = "bearer"\ntoken = "file:токен"', secrets)
    with pytest.raises(SecretError, match="colon"):
        auth('kind = "basic"\nusername = "a:b"\npassword = "env:TOKEN"', secrets)
