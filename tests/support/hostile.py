"""Answers that mean harm, or were made by nobody who thought: for properties."""

import json

from hypothesis import strategies as st

STATUSES = st.sampled_from([200, 200, 200, 201, 202, 204, 299]) | st.integers(100, 599)
ODD = st.sampled_from(
    [
        *(
            "",
            " ",
            "0",
            "-1",
            "1e3",
            "9" * 30,
            "NaN",
            "Infinity",
            "12 345,67",
            "12,345",
            "1.234,56",
        ),
        *("2026-12-01", "https://pay.example.org/1", "//evil.example", "javascript:x", "\ud800"),
        *("\x00", "a\r\nb: c", "..", "../x", "{id}", "%2e%2e", "true", "None", "\u202e", "१२३"),
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(max_size=8)
    | ODD
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "content-type", "location", "x-state"]),
    ODD | st.text(max_size=12) | st.sampled_from(
        ["application/json; charset=utf-16", "text/xml; charset=koi8-r", "text/xml; charset=cp037",
         "Sun, 99 Foo 2026 99:99:99 +9999", "Sun, 06 Nov 1994 08:49:37 GMT", "a; charset=utf-7"]
    ),
    max_size=3,
)  # fmt: skip
FRAGMENTS = st.sampled_from(
    [
        *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"null", b"NaN", b"-Infinity", b"1e999"),
        *(b"\\ud800", b"\\u0000", b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", b"<", b">", b"</", b"/>"),
        *(b"&lt;", b"&#0;", b"&x;", b"<!DOCTYPE a>", b"<!--", b"]]>", b"<![CDATA[", b"\n", b" "),
        *(b"1", b"9" * 40, b"-", b".", b"offer", b"declined", b"[" * 70, b'{"a":' * 70),
    ]
) | st.binary(max_size=4)  # fmt: skip


def documents(keys, words, *, max_leaves=16):
    """JSON of any shape, with these keys and words in it more often than by chance."""
    scalars = SCALARS | words
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(keys | st.text(max_size=3), inner, max_size=6)
        ),
        max_leaves=max_leaves,
    )


@st.composite
def changed(draw, good, values):
    """A good document with some of its places changed, left out or put twice."""
    document = json.loads(json.dumps(good))
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(document))
        if not places:
            break
        parent, key = draw(st.sampled_from(places))
        match draw(st.integers(0, 3)):
            case 0 if isinstance(parent, dict):
                del parent[key]
            case 1:
                parent[key] = [parent[key], draw(values)]
            case _:
                parent[key] = draw(values)
    return document


def _places(document):
    pairs = document.items() if isinstance(document, dict) else enumerate(document)
    for key, child in pairs:
        yield document, key
        if isinstance(child, dict | list):
            yield from _places(child)


@st.composite
def garbled(draw, raw):
    """Good bytes with some of them changed, moved, cut off or doubled."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 30)))
        piece = draw(FRAGMENTS | st.just(raw[start:end] * 2) | st.just(b""))
        raw = raw[:start] + piece + raw[end:]
    return raw


def written(document):
    """As an API would, or as one that knows no better: NaN, halves of characters."""
    return json.dumps(document, ensure_ascii=True).encode()


@st.composite
def twice(draw, good):
    """A good object in which one key stands a second time, with another value."""
    key = draw(st.sampled_from(sorted(good)))
    value = draw(SCALARS)
    text = json.dumps(good)
    return (text[:-1] + f", {json.dumps(key)}: {json.dumps(value)}}}").encode()
