"""Whatever stands in a file, it is good or has problems: nothing else comes out of loading it."""

import copy
import json
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osago_daemon.settings import ConfigError, load

GOOD = """\
[insurers.broker]
name = "Брокер"
base_url = "https://api.example.org"
secrets = { pin = "env:PIN" }
headers = { Accept-Language = "ru" }
retry = { attempts = 3, auth = { retries = 1 } }
transport = { min_tls = "1.2" }
[insurers.broker.auth]
kind = "login"
path = "/login"
secrets = { password = "env:PIN" }
body = { password = "secret.password" }
token = "body.token"
refused_if = "body.no"
log_in_again = [401]
[[insurers.broker.steps]]
name = "driver"
each = "if(drivers == 'unlimited', `[]`, drivers)"
when = "vehicle.vin"
path = "/drivers"
multipart = { born = "item.birth_date", all = { body = { n = "index" } } }
keep = { ids = "body.id" }
[[insurers.broker.steps]]
name = "calculation"
path = "/cars/{vin}/calculations"
path_params = { vin = "vehicle.vin" }
headers = { X-Sign = "hmac(secret.pin, request.body, 'sha256')" }
xml = { "a:Root" = { "@id" = "call.uuid", "a:Ids" = "kept.ids" } }
namespaces = { a = "urn:a" }
soap = "1.1"
keep = { id = "body.id" }
[[insurers.broker.steps]]
name = "result"
method = "GET"
path = "/calculations/{id}"
poll = { first_s = 2.0 }
[insurers.broker.answer]
state = ["body.status"]
states = { pending = ["wait"], offer = ["ok"] }
premium = "item.price"
decline_reasons = { region = "territory" }
error_kinds = { late = "pending" }
[insurers.broker.offers]
items = "body.offers"
insurer = "item.code"
members.sk-a = { code = "5", name = "СК А" }
[insurers.sever]
name = "Север"
base_url = "http://127.0.0.1:1"
auth = { kind = "ws_security", username = "u", password = "plain:x" }
create = { path = "/a", soap = "1.1", xml = { A = "vehicle" }, keep = { id = "body.id" } }
poll = { path = "/a/{id}", soap = "1.1", xml = { B = "kept.id" }, decides = true }
answer = { premium = "body.premium" }
[dictionaries.makes]
entries = { LADA = 1 }
"""
TREE = tomllib.loads(GOOD)

_WORDS = (
    *(
        "a | b",
        "item",
        "item.a | index",
        "kept.no",
        "kept.ids",
        "request.body",
        "auth.token",
        "`1`",
    ),
    *(
        "{id}",
        "{}",
        "/a",
        "login",
        "pending",
        "plain:x",
        "env:NO",
        "http://[",
        "",
        "@",
        "a..b",
        "(",
    ),
    *("look_up('makes', item)", "1.1", "[0]", "\u0000", "\u2028", "я"),
)
_texts = st.sampled_from(_WORDS) | st.text(st.characters(codec="utf-8"), max_size=8)
_values = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | _texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            _texts | st.sampled_from(["kind", "value", "body", "poll"]), inner, max_size=3
        )
    ),
    max_leaves=4,
)


def places(node, key=()):
    """The way to everything in the tree but its root."""
    for name, child in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*key, name)
        if isinstance(child, dict | list):
            yield from places(child, (*key, name))


PLACES = sorted(places(TREE), key=str)


def toml(value):
    match value:
        case dict():
            return "{" + ", ".join(f"{toml(str(k))} = {toml(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return str(value).lower()
        case _:
            return repr(value)


def mutated(changes):
    tree = copy.deepcopy(TREE)
    for (*above, last), how, value in changes:
        node = tree
        try:
            for part in above:
                node = node[part]
            if how == "drop":
                del node[last]
            elif how == "beside" and isinstance(node, dict):
                node[str(value)] = node[last]
            else:
                node[last] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken it away
    return "".join(f"{toml(name)} = {toml(value)}\n" for name, value in tree.items())


def loads(folder, text):
    """Whether it is good; whatever else comes out fails the test."""
    tomllib.loads(text)  # else nothing behind the parser would be tried
    path = folder / "insurers.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load(path, environ={"PIN": "1234"})
    except ConfigError:
        return False
    return True


def test_the_file_itself_is_good(tmp_path):
    assert loads(tmp_path, GOOD)
    assert loads(tmp_path, mutated([]))


_changes = st.tuples(st.sampled_from(PLACES), st.sampled_from(["put", "drop", "beside"]), _values)


@settings(
    max_examples=6000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_changes, min_size=1, max_size=4))
def test_random_changes(tmp_path, changes):
    loads(tmp_path, mutated(changes))


@pytest.mark.parametrize("value", [[], {}, "a | item", 5, [{}], {"a": []}, True], ids=repr)
def test_every_key_with_what_nobody_expects(tmp_path, value):
    for place in PLACES:
        loads(tmp_path, mutated([(place, "put", value)]))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("answer",), "a | b"),
        (("answer",), "item.price"),
        (("answer",), ["item"]),
        (("auth", "kind"), []),
        (("auth", "kind"), {}),
    ],
)
def test_what_has_ended_in_a_traceback(tmp_path, key, value):
    without_offers = [(("insurers", "broker", "offers"), "drop", None)]
    change = (("insurers", "broker", *key), "put", value)
    assert not loads(tmp_path, mutated([*without_offers, change]))
