"""Mistakes of `auth` tables: all at once, each with its key, none with a secret in it."""

import tomllib

import pytest
from pydantic import ValidationError

from osago_daemon.config_problems import explain
from osago_daemon.insurers.keys import key_text
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import Secrets

LOGIN = 'kind = "login"\ntoken = "body.token"\n'
OAUTH = 'kind = "oauth2"\nclient_id = "us"\n'


@pytest.fixture
def told(tmp_path):
    """Key and text of every problem of an `auth` table."""

    def told_(auth, base_url="https://api.example.org", **environ):
        raw = {
            "id": "sever",
            "name": "Север",
            "base_url": base_url,
            "create": {"path": "/q"},
            "answer": {"premium": "body.premium"},
            "auth": tomllib.loads(auth),
        }
        secrets = Secrets(tmp_path, environ)
        try:
            spec = RestSpec.model_validate(raw)
        except ValidationError as error:
            found = [*explain(error, RestSpec), *RestSpec.surroundings_problems_of(raw, secrets)]
        else:
            found = list(spec.surroundings_problems(secrets))
        return [f"{key_text(key)}: {text}".removeprefix("auth.") for key, text in found]

    return told_


HERE = "a secret does not belong in this file: write where it is,"


@pytest.mark.parametrize(
    ("auth", "problem"),
    [
        (LOGIN, "path: is missing: where to log in, below base_url (or `url`)"),
        (f'{LOGIN}path = "/in"\nurl = "https://x.example/in"', "url: either `path`, below"),
        (f'{LOGIN}path = "in"', "path: expected a path that begins with one /"),
        (f'{LOGIN}url = "in"', "url: expected a URL such as"),
        (f'{LOGIN}url = "http://x.example/in"', "url: http sends secrets in clear: use https"),
        (f'{LOGIN}url = "https://a:b@x.example/in"', "url: a secret does not belong"),
        (
            f'{LOGIN}path = "/in"\nbody = {{}}\nform = {{}}',
            "form: one of `form`, `body` (JSON) and `xml`",
        ),
        (f'{LOGIN}path = "/in"\nmethod = "GET"\nform = {{}}', "form: GET sends no body"),
        (f'{LOGIN}path = "/in"\nmethod = "PUT"', "method: expected one of POST, GET"),
        (f'{LOGIN}path = "/in"\nbody.p = "secret.p"', "body.p: secret.p is not in `secrets`"),
        (
            f'{LOGIN}path = "/in"\nsecrets.pass = "env:OK"\nform.p = "secret.pas"',
            "form.p: secret.pas is not in `secrets`; did you mean `secret.pass`?",
        ),
        (f'{LOGIN}path = "/in"\nbody.a.Password = "\'hunter2\'"', f"body.a.Password: {HERE}"),
        (f'{LOGIN}path = "/in"\nsecrets.p = "hunter2"', f"secrets.p: {HERE}"),
        (f'{LOGIN}path = "/in"\nsecrets.p = "plain:hunter2"', f"secrets.p: {HERE}"),
        (f'{LOGIN}path = "/in"\nsecrets.p = "env:NO"', "secrets.p: env:NO: this environment"),
        (f'{LOGIN}path = "/in"\nbody.a = [1]', "body.a[0]: expected an expression in quotes"),
        (f'{LOGIN}path = "/in"\nquery.a = "b..c"', "query.a: not an expression"),
        (f'{LOGIN}path = "/in"\nquery.a = "vehicle"', "query.a: `vehicle` is not known here"),
        (f'{LOGIN}path = "/in"\nheaders = {{ "a b" = "secret" }}', 'headers."a b": not the name'),
        (f'{LOGIN}path = "/in"\nheaders.Host = "secret"', "headers.Host: this header is written"),
        (f'{LOGIN}path = "/in"\nheader = "a b"', "header: not the name of a header"),
        (f'{LOGIN}path = "/in"\nheader = "Host"', "header: this header is written by"),
        (f'{LOGIN}path = "/in"\nscheme = "я"', "scheme: expected what stands before"),
        (
            f'{LOGIN}path = "/in"\nexpires_in = "body.e"\nexpires_in_s = 5',
            "expires_in_s: `expires_in` says already when the token ends",
        ),
        (f'{LOGIN}path = "/in"\nexpires_in_s = 0', "expires_in_s: it should be greater than 0"),
        (f'{LOGIN}path = "/in"\nlog_in_again = [200]', "log_in_again[0]: it should be greater"),
        (f'{LOGIN}path = "/in"\nlog_in_again_if = "a"', "log_in_again_if: `a` is not known here"),
        (f'{LOGIN}path = "/in"\ntocken = "x"', "tocken: unknown key; did you mean `token`?"),
        ('kind = "login"\npath = "/in"', "token: is missing"),
        ('kind = "cookie"\nurl = "https://x.example/"', "url: a cookie goes back to the server"),
        (f'{OAUTH}path = "/t"', "client_secret: is missing"),
        (
            f'{OAUTH}path = "/t"\nclient_secret = "env:OK"\nusername = "u"',
            'username: has no use without grant = "password"',
        ),
        (
            f'{OAUTH}path = "/t"\ngrant = "password"\nusername = "u"',
            'password: is missing: grant = "password" needs it',
        ),
        (
            f'{OAUTH}path = "/t"\nclient_secret = "env:OK"\nparams.scope = "x"',
            "params.scope: has a key of its own",
        ),
        (f'{OAUTH}path = "/t"\nclient_secret = "env:NO"', "client_secret: env:NO: this"),
        (f'{OAUTH}path = "/t"\nclient_secret = "hunter2"', f"client_secret: {HERE}"),
        ('kind = "digest"\nusername = "a:b"\npassword = "env:OK"', "username: a user name can't"),
        ('kind = "digest"\nusername = "a"', "password: is missing"),
    ],
)
def test_one_mistake(told, auth, problem):
    (found,) = told(auth, OK="s3cret")
    assert found.startswith(problem)
    assert "hunter2" not in found


def test_all_mistakes_at_once(told):
    found = told("""
    kind = "login"
    url = "http://x.example"
    scheme = 1
    secrets = { a = "env:NO", b = "hunter2" }
    body = { a = "secret.c", b = "b..b" }
    form = {}
    token = "body..token"
    """)
    keys = sorted(text.partition(":")[0] for text in found)
    assert keys == ["body.a", "body.b", "form", "scheme", "secrets.a", "secrets.b", "token", "url"]


def test_secrets_in_the_file_open_nothing_elsewhere(told):
    here, there = "http://127.0.0.1:8787", "https://login.example.org/in"
    auth = f'{LOGIN}url = "{{}}"\nsecrets.p = "plain:x"\nbody.p = "secret.p"'
    assert told(auth.format(f"{here}/in"), base_url=here) == []
    (found,) = told(auth.format(there), base_url=here)
    assert found.startswith(f"secrets.p: {HERE}")


@pytest.mark.parametrize(
    "auth",
    [
        f'{LOGIN}path = "/in"',
        f'{LOGIN}url = "https://x.example/in?a=1"\nlog_in_again = []',
        f'{LOGIN}path = "/in"\nform.grant_type = "\'x\'"\nscheme = ""\nexpires_in_s = 60',
        'kind = "cookie"\npath = "/in"',
        f'{OAUTH}url = "https://x.example/t"\nclient_secret = "env:OK"',
        f'{OAUTH}path = "/t"\ngrant = "password"\nusername = "env:OK"\npassword = "env:OK"',
        'kind = "digest"\nusername = "я"\npassword = "env:OK"',
    ],
)
def test_good_ones(told, auth):
    assert told(auth, OK="s3cret") == []
