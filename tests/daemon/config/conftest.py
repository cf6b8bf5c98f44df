import re

import pytest

GOOD = """\
[insurers.sever]
name = "Север-Полис"
base_url = "https://api.example.org/sever"
auth = { kind = "bearer", token = "env:SEVER_TOKEN" }
limits = { per_second = 5 }

[insurers.sever.create]
path = "/applications"
headers = { Idempotency-Key = "call.key" }
body = { vin = "vehicle.vin" }

[insurers.sever.answer]
premium = "body.premium"
"""
_OF_TYPE = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


@pytest.fixture
def good():
    """A file without mistakes and oddities, to make some in."""
    return GOOD


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write an insurers.toml; its secret is set."""
    monkeypatch.setenv("SEVER_TOKEN", "canary-token")

    def write_(text):
        path = tmp_path / "insurers.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_


@pytest.fixture
def refused():
    """The key at which a JSON Schema refuses a document, None if it takes it.

    Only of the words that our schema uses; any other is a mistake of the test.
    """
    return _refused


def _refused(schema, value, root=None, key=()):
    root = root or schema
    for word, wanted in schema.items():
        found = _CHECKS[word](schema, wanted, value, root, key)
        if found is not None:
            return found
    return None


def _if(wrong, key):
    return key if wrong else None


def _first(found):
    return next((each for each in found if each is not None), None)


def _properties(_schema, wanted, value, root, key):
    if not isinstance(value, dict):
        return None
    return _first(_refused(wanted[k], v, root, (*key, k)) for k, v in value.items() if k in wanted)


def _additional(schema, wanted, value, root, key):
    if not isinstance(value, dict):
        return None
    extra = {k: v for k, v in value.items() if k not in schema.get("properties", {})}
    if isinstance(wanted, bool):
        return _first((*key, k) for k in extra if not wanted)
    return _first(_refused(wanted, v, root, (*key, k)) for k, v in extra.items())


def _names(_schema, wanted, value, root, key):
    return _first(_refused(wanted, name, root, (*key, name)) for name in value)


def _items(_schema, wanted, value, root, key):
    if not isinstance(value, list):
        return None
    return _first(_refused(wanted, item, root, (*key, i)) for i, item in enumerate(value))


def _any_of(_schema, wanted, value, root, key):
    found = [_refused(each, value, root, key) for each in wanted]
    return None if None in found else max(found, key=len)


def _one_of(_schema, wanted, value, root, key):
    found = [_refused(each, value, root, key) for each in wanted]
    return _if(found.count(None) != 1, key)


def _if_then_else(schema, wanted, value, root, key):
    branch = "else" if _refused(wanted, value, root, key) else "then"
    return _refused(schema[branch], value, root, key)


def _not(_schema, wanted, value, root, key):
    return _if(_refused(wanted, value, root, key) is None, key)


def _type(_schema, wanted, value, _root, key):
    boolean = isinstance(value, bool) and wanted != "boolean"
    return _if(boolean or not isinstance(value, _OF_TYPE[wanted]), key)


def _is_number(value):
    return isinstance(value, (int, float))


def _nothing(*_):
    return None


_CHECKS = {
    "$ref": lambda _s, wanted, v, root, key: _refused(
        root["$defs"][wanted.removeprefix("#/$defs/")], v, root, key
    ),
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "if": _if_then_else,
    "not": _not,
    "type": _type,
    "required": lambda _s, w, v, _r, key: _if(isinstance(v, dict) and set(w) - v.keys(), key),
    "enum": lambda _s, w, v, _r, key: _if(v not in w, key),
    "const": lambda _s, w, v, _r, key: _if(v != w, key),
    "pattern": lambda _s, w, v, _r, key: _if(isinstance(v, str) and not re.search(w, v), key),
    "minLength": lambda _s, w, v, _r, key: _if(isinstance(v, str) and len(v) < w, key),
    "maxLength": lambda _s, w, v, _r, key: _if(isinstance(v, str) and len(v) > w, key),
    "minProperties": lambda _s, w, v, _r, key: _if(isinstance(v, dict) and len(v) < w, key),
    "minItems": lambda _s, w, v, _r, key: _if(isinstance(v, list) and len(v) < w, key),
    "maxItems": lambda _s, w, v, _r, key: _if(isinstance(v, list) and len(v) > w, key),
    "minimum": lambda _s, w, v, _r, key: _if(_is_number(v) and v < w, key),
    "maximum": lambda _s, w, v, _r, key: _if(_is_number(v) and v > w, key),
    "exclusiveMinimum": lambda _s, w, v, _r, key: _if(_is_number(v) and v <= w, key),
    "exclusiveMaximum": lambda _s, w, v, _r, key: _if(_is_number(v) and v >= w, key),
    **dict.fromkeys(
        ("then", "else", "$schema", "$defs", "title", "description", "default"), _nothing
    ),
}
