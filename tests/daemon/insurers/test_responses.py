"""Answers as httpx would have made them, and in which encoding their bytes are."""

import json

import httpx
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.insurers.decoding import _encoding
from osago_daemon.insurers.responses import headers_of, read_response

REQUEST = httpx.Request("GET", "http://localhost/")

names = st.sampled_from([b"Date", b"DATE", b"Retry-After", b"X-\xd0\x90", b"X-\xff"])
values = st.one_of(st.text("ab ,;").map(str.encode), st.binary(max_size=3))


@given(st.lists(st.tuples(names, values)))
def test_headers_are_those_that_httpx_finds(pairs):
    response = read_response(REQUEST, 200, pairs, b"", 10)
    theirs = httpx.Response(200, headers=pairs, stream=httpx.ByteStream(b""))
    assert headers_of(response) == dict(theirs.headers.items())
    assert response.headers == theirs.headers


@given(st.binary())
def test_the_encoding_is_the_one_that_json_finds(raw):
    assert _encoding(raw) == json.detect_encoding(raw)


@given(st.text(min_size=1), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-be"]))
def test_the_encoding_of_a_real_answer_is_found(text, encoding):
    raw = json.dumps({"a": text}, ensure_ascii=False).encode(encoding, "surrogatepass")
    assert json.loads(raw.decode(_encoding(raw), "surrogatepass")) == {"a": text}
