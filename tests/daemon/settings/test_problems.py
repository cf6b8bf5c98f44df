import pytest

NOT_A_CONSTANT = (
    "a secret does not belong in this file: who we are is said by `auth`,"
    ' for example auth = { kind = "bearer", token = "env:NAME" }'
)
AUTH = 'auth = { kind = "bearer", token = "plain:sandbox-sever" }'

KINDS = "there is none, bearer, basic, api_key, digest, login, oauth2, cookie, ws_security"


def test_not_toml_names_line_and_column(problems):
    assert problems("[insurers.sever]\nname = \n") == ["2:8: not TOML: Invalid value"]
    assert problems("[insurers.sever") == [
        "1: not TOML: Expected ']' at the end of a table declaration"
    ]
    assert problems("[insurers.a]\n[insurers.a]\n")[0].startswith("2:12: not TOML: Cannot declare")
    assert problems(b"a = 1\nb = '\xff'") == ["2: not UTF-8 text"]


def test_a_byte_order_mark_is_no_problem(load_text, good):
    assert load_text(b"\xef\xbb\xbf" + good.encode())


def test_no_insurer_at_all(problems):
    assert problems("") == ["insurers: there is no insurer; add a table [insurers.ID]"]
    assert problems("insurers = 3") == ["1: insurers: expected tables [insurers.ID], got a number"]
    assert problems("[insurers]\nsever = 'x'\n") == [
        "2: insurers.sever: expected a table, got text"
    ]


def test_all_problems_at_once_each_with_its_line(problems):
    text = """\
insurer = 1
[insurers.sever]
nam = "Север"
base_url = "http://api.example.org"
auth = { kind = "bearer", token = "eyJhbGciOi" }
attempt_timeout_s = "15"
headers = { Authorization = "Bearer x" }
colour = 1

[insurers.sever.create]
pathh = "/applications"
body = { vehicle = { vin = "vehicle.vin[", power = 87 }, drivers = [
    "drivers[].{n: lenght(@)}",
    "vehicel.vin",
] }

[insurers.sever.poll]
path = "/x/{id}"
query = { id = "kept.nope" }
every_s = -1

[insurers.sever.answer]
state = "body.status"
states = { pending = ["wait"], offers = ["done"] }
premium = "premium"
money = "ruble"
decline_reasons = { "(" = "territory", "стаж" = "drivers" }

[insurers.Bad]
adapter = "rest"
[insurers.other]
name = "Bad"
adapter = "soap"
"""
    expected = """\
1: insurer: unknown key; did you mean `insurers`?
2: insurers.sever.name: is missing
3: insurers.sever.nam: unknown key; did you mean `name`?
4: insurers.sever.base_url: http sends personal data in clear: use https, or write allow_http = true
5: insurers.sever.auth.token: a secret does not belong in this file: write where it is, as \
"env:NAME", "file:PATH" or "credential:NAME"
6: insurers.sever.attempt_timeout_s: expected a number, got text
7: insurers.sever.headers.Authorization: a secret does not belong in this file: who we are is said \
by `auth`, for example auth = { kind = "bearer", token = "env:NAME" }
8: insurers.sever.colour: unknown key; there is adapter, allow_http, answer, attempt_timeout_s, \
auth, base_url, breaker, create, enabled, headers, limits, name, offers, \
poll, retry, secrets, steps, transport
10: insurers.sever.create.path: is missing
11: insurers.sever.create.pathh: unknown key; did you mean `path`?
12: insurers.sever.create.body.vehicle.vin: the expression ends too early
12: insurers.sever.create.body.vehicle.power: expected an expression in quotes, got a number \
(constants are written as "'text'" or "`1`")
13: insurers.sever.create.body.drivers[0]: unknown function lenght(); did you mean `length`?
14: insurers.sever.create.body.drivers[1]: `vehicel` is not known here; did you mean `vehicle`?
18: insurers.sever.poll.path: {id} is kept by no earlier step and stands in no path_params
19: insurers.sever.poll.query.id: kept.nope is kept by no earlier step
20: insurers.sever.poll.every_s: it should be greater than or equal to 0.1
24: insurers.sever.answer.states: names no word for an offer: list one under `offer`
24: insurers.sever.answer.states.offers: unknown key; did you mean `offer`?
25: insurers.sever.answer.premium: `premium` is not known here; there is status, \
headers, body, kept, item, call
26: insurers.sever.answer.money: expected one of roubles, kopecks; did you mean `roubles`?
27: insurers.sever.answer.decline_reasons."(": not a regular expression: missing ), \
unterminated subpattern at position 0
27: insurers.sever.answer.decline_reasons."стаж": expected one of territory, vehicle, vehicle_age, \
use, driver, claims, owner, documents, period, redirected, manual_check, other; \
did you mean `driver`?
29: insurers.Bad: expected an id such as sever: small letters, digits, - and _
29: insurers.Bad.name: is missing
29: insurers.Bad.base_url: is missing
29: insurers.Bad.create: is missing (or [[steps]], where there are more than two)
29: insurers.Bad.answer: is missing
33: insurers.other.adapter: unknown kind; there is rest
"""
    assert sorted(problems(text)) == sorted(expected.splitlines())


@pytest.mark.parametrize(
    ("good_part", "bad_part", "expected"),
    [
        (
            'kind = "bearer", token',
            'kind = "bearr", token',
            f"4: insurers.sever.auth.kind: unknown kind; {KINDS}",
        ),
        (
            'kind = "bearer", token',
            "token",
            f"4: insurers.sever.auth.kind: is missing; {KINDS}",
        ),
        (
            ', token = "plain:sandbox-sever"',
            "",
            "4: insurers.sever.auth.token: is missing",
        ),
        (
            "token =",
            'tokn = "env:X", token =',
            "4: insurers.sever.auth.tokn: unknown key; did you mean `token`?",
        ),
        (
            "plain:sandbox-sever",
            "env:TOKEN",
            "4: insurers.sever.auth.token: env:TOKEN: this environment variable is not set",
        ),
        (
            'kind = "bearer", token =',
            'kind = "api_key", name = "a b", value =',
            "4: insurers.sever.auth.name: not the name of a header",
        ),
        (
            "http://127.0.0.1:8787/sever",
            "https://api.example.org",
            (
                "4: insurers.sever.auth.token: a secret does not"
                " belong in this file: write where it"
                ' is, as "env:NAME", "file:PATH" or "credential:NAME"'
            ),
        ),
        (
            f'http://127.0.0.1:8787/sever"\n{AUTH}',
            'https://user:pw@api.example.org"',
            (
                "3: insurers.sever.base_url: a secret does not"
                " belong in this file: use `auth` instead"
                " of user:password@"
            ),
        ),
        (
            f'http://127.0.0.1:8787/sever"\n{AUTH}',
            'https://api.example.org:port"',
            "3: insurers.sever.base_url: expected a URL such as https://api.example.org/osago",
        ),
        (
            "http://127.0.0.1:8787/sever",
            "http://127.0.0.1/?a=1",
            (
                "3: insurers.sever.base_url: a base URL has neither"
                " ? nor #; constants of the query go"
                " to `query`"
            ),
        ),
        (
            '[insurers.sever.poll]\npath = "/applications/{id}/offer"\n',
            "",
            (
                "1: insurers.sever.poll: is missing: answer.states.pending"
                " says that the offer comes"
                " later"
            ),
        ),
        (
            '"/applications/{id}/offer"',
            '"{link}"',
            "13: insurers.sever.poll.path: {link} is kept by no earlier step",
        ),
        (
            '"/applications/{id}/offer"',
            '"https://other.example/"',
            (
                "13: insurers.sever.poll.path: expected a path that begins with one /, such as"
                " /applications, or a kept link such as {link}"
            ),
        ),
        (
            'path = "/applications"',
            'path = "/applications/{id}"',
            (
                "7: insurers.sever.create.path: {id} is kept by no earlier step"
                " and stands in no path_params"
            ),
        ),
        (
            'vin = "vehicle.vin"',
            'vin = "kept.id"',
            "9: insurers.sever.create.body.vin: kept.id is kept by no earlier step",
        ),
        (
            'vin = "vehicle.vin"',
            'vin = "pick(vehicle.vin)"',
            "9: insurers.sever.create.body.vin: pick() takes 2 or 3 arguments, not 1",
        ),
        (
            'Idempotency-Key = "call.key"',
            '"Idempotency Key" = "call.key"',
            '8: insurers.sever.create.headers."Idempotency Key": not the name of a header',
        ),
        (
            'Idempotency-Key = "call.key"',
            'Idempotency-Key = "call.kee"',
            (
                "8: insurers.sever.create.headers.Idempotency-Key: `call.kee` is not known here;"
                " did you mean `call.key`?"
            ),
        ),
        (
            'vin = "vehicle.vin"',
            'vin = "vehicle.vni"',
            (
                "9: insurers.sever.create.body.vin: `vehicle.vni` is not known here;"
                " did you mean `vehicle.vin`?"
            ),
        ),
        (
            'Idempotency-Key = "call.key"',
            "X-Auth-Token = \"'sk_live_123'\"",
            f"8: insurers.sever.create.headers.X-Auth-Token: {NOT_A_CONSTANT}",
        ),
        (
            'name = "Север-Полис"',
            'name = "Север-Полис"\nheaders = { X-Partner-Key = "sk_live_123" }',
            f"3: insurers.sever.headers.X-Partner-Key: {NOT_A_CONSTANT}",
        ),
        (
            'kind = "bearer", token =',
            'kind = "basic", username = "a:b", password =',
            "4: insurers.sever.auth.username: a user name can't have a colon",
        ),
        (
            'kind = "bearer", token =',
            'kind = "api_key", name = "Host", value =',
            "4: insurers.sever.auth.name: this header is written by the transport",
        ),
        (
            'path = "/applications"',
            'path = "/appli cations"',
            (
                "7: insurers.sever.create.path: expected a path that begins with one /, such as"
                " /applications, or a kept link such as {link}"
            ),
        ),
        (
            'path = "/applications"',
            f'path = "/{"a" * 70_000}"',
            "7: insurers.sever.create.path: makes no URL together with base_url",
        ),
        (
            'premium = "body.premium"',
            f'premium = "{"[" * 2000}body{"]" * 2000}"',
            "18: insurers.sever.answer.premium: nested too deeply",
        ),
        (
            'premium = "body.premium"',
            'premium = "body.premium"\ndecline_reasons = { "a{99999999999}" = "driver" }',
            (
                '19: insurers.sever.answer.decline_reasons."a{99999999999}":'
                " too large a regular expression"
            ),
        ),
        (
            'name = "Север-Полис"',
            'name = "Север-Полис"\ntransport = { proxy = "env:BAD NAME" }',
            "3: insurers.sever.transport.proxy: env: takes a plain name",
        ),
        (
            'Idempotency-Key = "call.key"',
            "Host = \"'x'\"",
            "8: insurers.sever.create.headers.Host: this header is written by the transport",
        ),
        (
            'state = "body.status"\n',
            "",
            "16: insurers.sever.answer.states: has no use without `state`",
        ),
        (
            'declined = ["rejected"]',
            'declined = ["Completed"]',
            '17: insurers.sever.answer.states: has "completed" 2 times (case does not matter)',
        ),
        (
            'declined = ["rejected"]',
            'declined = [false, "no"]',
            (
                "17: insurers.sever.answer.states.declined[0]: expected text in quotes, got true or"
                " false"
            ),
        ),
        (
            'name = "Север-Полис"',
            'name = "Север-Полис"\nid = "sever"',
            "3: insurers.sever.id: unknown key; the id is the name of the table",
        ),
        (
            'name = "Север-Полис"',
            'name = ""',
            "2: insurers.sever.name: it should have at least 1 character",
        ),
        (
            'name = "Север-Полис"',
            'name = "Север-Полис"\ntransport = { ca_file = "no.pem", proxy = "http://u:p@h:1" }',
            (
                "3: insurers.sever.transport.proxy: a secret does not belong in this file: write"
                ' proxy = "env:NAME" or "file:PATH"'
            ),
        ),
        (
            'name = "Север-Полис"',
            'name = "Север-Полис"\ntransport = { ca_file = "no.pem" }',
            "3: insurers.sever.transport.ca_file: there is no such file",
        ),
        (
            'name = "Север-Полис"',
            'name = "Север-Полис"\nretry = { attempts = 0 }',
            "3: insurers.sever.retry.attempts: it should be greater than or equal to 1",
        ),
    ],
)
def test_one_mistake(problems, good, good_part, bad_part, expected):
    assert good_part in good
    assert problems(good.replace(good_part, bad_part)) == [expected]


def test_two_insurers_with_one_name(problems, good):
    assert problems(good + good.replace("insurers.sever", "insurers.other")) == [
        "20: insurers.other.name: insurers.sever has the same name"
    ]


def test_names_that_differ_in_case_are_one_name(problems, good):
    other = good.replace("insurers.sever", "insurers.other").replace("Север-Полис", " север-ПОЛИС ")
    assert problems(good + other) == ["20: insurers.other.name: insurers.sever has the same name"]


def test_http_where_it_is_written_out(load_text, good):
    text = good.replace("http://127.0.0.1:8787/sever", "http://10.0.0.1/").replace(
        "plain:sandbox-sever", "env:TOKEN"
    )
    assert load_text(
        f"{text}[insurers.sever.retry]\nattempts = 2\n".replace(
            "[insurers.sever.create]", "allow_http = true\n[insurers.sever.create]"
        ),
        TOKEN="x",
    )


def test_a_literal_secret_is_never_repeated(problems, good):
    for wrong in ("s3cret-literal", "vault:s3cret-literal", "plain:s3cret-literal"):
        text = good.replace("plain:sandbox-sever", wrong).replace("127.0.0.1", "example.org")
        assert "s3cret" not in "".join(problems(text))


def test_every_wrong_number_of_the_pipeline_has_its_place(problems, good):
    text = good.replace(
        "[insurers.sever.create]",
        """\
[insurers.sever.retry]
attempts = 0
server_error = { retries = "2", wait_s = 1 }
[insurers.sever.breaker]
failures = 5
failure_rate = 1.5
[insurers.sever.limits]
per_second = 0.5
at_onse = 3
[insurers.sever.create]""",
    )
    found = {problem.split(": ", 1)[1] for problem in problems(text)}
    assert found == {
        "insurers.sever.retry.attempts: it should be greater than or equal to 1",
        "insurers.sever.retry.server_error.retries: expected a whole number, got text",
        "insurers.sever.retry.server_error.wait_s: unknown key; did you mean `first_wait_s`?",
        "insurers.sever.breaker.failures: unknown key; did you mean `failure_rate`?",
        "insurers.sever.breaker.failure_rate: it should be less than or equal to 1",
        "insurers.sever.limits.per_second: expected a whole number, got a number",
        "insurers.sever.limits.at_onse: unknown key; did you mean `at_once`?",
    }


def test_open_times_that_contradict_each_other_are_a_problem(problems, good):
    table = "breaker = { open_s = 60 }\n[insurers.sever.create]"
    (found,) = problems(good.replace("[insurers.sever.create]", table))
    assert found.endswith("insurers.sever.breaker: open_s is longer than max_open_s")


@pytest.mark.parametrize("pattern", ["[[]", "[a--b]"])
def test_a_pattern_that_later_pythons_read_in_another_way(good, problems, pattern):
    (problem,) = problems(f"{good}decline_reasons = {{ '{pattern}' = 'use' }}\n")
    assert "not a plain regular expression: possible" in problem
