"""An XML answer as the values that expressions see; and whatever bytes come, ValueError at most."""

import contextlib
import gc
import re
import weakref

import jmespath
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from osago_daemon.insurers.xml import read_xml
from osago_daemon.insurers.xml.reading import MAX_DEPTH, MAX_ELEMENTS, _Builder

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
ENVELOPES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}


def read(text, charset=None):
    return read_xml(text.encode(), charset)


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ("<R/>", {"R": None}),
        ("<R></R>", {"R": None}),
        ("<R>\n </R>", {"R": None}),
        ("<R> 12 \n</R>", {"R": "12"}),
        ("<o:R xmlns:o='urn:o'><o:A>1</o:A><B>2</B></o:R>", {"R": {"A": "1", "B": "2"}}),
        ("<R xmlns='urn:o'><A/></R>", {"R": {"A": None}}),
        ("<R a=' 1 ' p:b='2'>x</R>", {"R": {"@a": "1", "@b": "2", "#text": "x"}}),
        ("<R a='1'/>", {"R": {"@a": "1"}}),
        ("<R a=''/>", {"R": {"@a": ""}}),
        ("<R p:type='1' type='2' q:type='3'/>", {"R": {"@type": "2"}}),
        ("<R p:type='1' q:type='3'/>", {"R": {"@type": "1"}}),
        ("<R xmlnsa:b='1'/>", {"R": {"@b": "1"}}),
        ("<R><A>1</A><B/><A>2</A></R>", {"R": {"A": ["1", "2"], "B": None}}),
        ("<R><A/><A/><A><B/></A></R>", {"R": {"A": [None, None, {"B": None}]}}),
        ("<R><p:A>1</p:A><A>2</A></R>", {"R": {"A": ["1", "2"]}}),
        ("<R>no<b>t</b> today </R>", {"R": {"b": "t", "#text": "no today"}}),
        ("<R>\n  <A>1</A>\n</R>", {"R": {"A": "1"}}),
        ("<R>a &lt;<![CDATA[ <b>&amp; ]]>&#1103;</R>", {"R": "a < <b>&amp; я"}),
        ("<R>1<!-- 2 -->3<?php 4?>5</R>", {"R": "135"}),
        ("<Ответ Код='1'>да</Ответ>", {"Ответ": {"@Код": "1", "#text": "да"}}),
        (
            f"<R {XSI}><A xsi:nil='true'/><B xsi:nil=' 1 ' c='d'/></R>",
            {"R": {"A": None, "B": None}},
        ),
        (f"<R {XSI}><A xsi:nil='false'>1</A></R>", {"R": {"A": "1"}}),
        (f"<R {XSI}><A xsi:type='x:d'>1</A></R>", {"R": {"A": {"@type": "x:d", "#text": "1"}}}),
        ("<R><A nil='true'>1</A></R>", {"R": {"A": {"@nil": "true", "#text": "1"}}}),
        (f"<R {XSI}><A xmlns:o='urn:o'><B xsi:nil='true'>1</B></A></R>", {"R": {"A": {"B": None}}}),
        # The same prefix stands for something else inside, and for what it was again behind.
        (
            f"<R {XSI}><A xmlns:xsi='urn:o' xsi:nil='true'/><B xsi:nil='true'/></R>",
            {"R": {"A": {"@nil": "true"}, "B": None}},
        ),
        (f"<R><A {XSI}/><B xsi:nil='true'/></R>", {"R": {"A": None, "B": {"@nil": "true"}}}),
    ],
)
def test_what_becomes_of_xml(xml, value):
    assert read(xml) == value


@pytest.mark.parametrize("blank", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\n\xef\xbb\xbf\n"])
def test_a_blank_answer_is_null(blank):
    assert read_xml(blank) is None


@pytest.mark.parametrize("uri", ENVELOPES.values(), ids=ENVELOPES)
@pytest.mark.parametrize("prefix", ["soap:", "SOAP-ENV:", ""])
def test_an_envelope_is_taken_off(uri, prefix):
    declared = f"xmlns{':' if prefix else ''}{prefix.rstrip(':')}='{uri}'"
    body = "<o:Answer xmlns:o='urn:o'><o:Premium>1</o:Premium></o:Answer><More/>"
    xml = (
        f"<{prefix}Envelope {declared}><{prefix}Header><Body>no</Body></{prefix}Header>"
        f"<{prefix}Body Id='b'>{body}</{prefix}Body></{prefix}Envelope>"
    )
    assert read(xml) == {"Answer": {"Premium": "1"}, "More": None}


def test_a_fault_is_in_the_body():
    old = (
        f"<s:Envelope xmlns:s='{ENVELOPES['1.1']}'><s:Body><s:Fault>"
        "<faultcode>s:Client</faultcode><faultstring>нет</faultstring>"
        "</s:Fault></s:Body></s:Envelope>"
    )
    new = (
        f"<s:Envelope xmlns:s='{ENVELOPES['1.2']}'><s:Body><s:Fault>"
        "<s:Code><s:Value>s:Sender</s:Value></s:Code>"
        "<s:Reason><s:Text xml:lang='ru'>нет</s:Text></s:Reason>"
        "</s:Fault></s:Body></s:Envelope>"
    )
    assert jmespath.search("Fault.faultstring", read(old)) == "нет"
    assert jmespath.search('Fault.Reason.Text."#text"', read(new)) == "нет"


def test_an_envelope_of_another_namespace_is_plain_xml():
    assert read("<Envelope><Body>1</Body></Envelope>") == {"Envelope": {"Body": "1"}}
    other = (
        f"<e:Envelope xmlns:e='{ENVELOPES['1.1']}'><Body>1</Body><e:Body><A/></e:Body></e:Envelope>"
    )
    assert read(other) == {"A": None}
    assert read(f"<e:Envelope xmlns:e='{ENVELOPES['1.1']}'><e:Body/></e:Envelope>") == {}


@pytest.mark.parametrize("bodies", ["", "<e:Body/><e:Body/>", "<Body/>"])
def test_an_envelope_without_one_body_is_refused(bodies):
    with pytest.raises(ValueError, match="not one Body"):
        read(f"<e:Envelope xmlns:e='{ENVELOPES['1.2']}'>{bodies}</e:Envelope>")


@pytest.mark.parametrize("declared", ["windows-1251", "cp1251", "WINDOWS-1251"])
def test_the_declared_encoding_counts(declared):
    text = f"<?xml version='1.0' encoding='{declared}'?><R>Отказ №1</R>"
    assert read_xml(text.encode("windows-1251")) == {"R": "Отказ №1"}


@pytest.mark.parametrize(
    ("raw", "charset"),
    [
        ("<R>я</R>".encode(), None),
        ("<R>я</R>".encode(), "UTF8"),
        ("<R>я</R>".encode("windows-1251"), "windows-1251"),
        ("<R>я</R>".encode("koi8-r"), '"KOI8-R"'),
        ("<?xml version='1.0' encoding='utf-8'?><R>я</R>".encode("windows-1251"), "cp1251"),
        ("<?xml version='1.0' encoding='utf8'?><R>я</R>".encode(), None),
        ("<?xml version='1.0' encoding='utf-16'?><R>я</R>".encode(), None),
        ("<?xml version='1.0' encoding='utf-16'?><R>я</R>".encode("utf-16"), None),
        ("<?xml version='1.0' encoding='utf-16'?><R>я</R>".encode("utf-16"), "utf-8"),
        ("\ufeff<?xml version='1.0' encoding='windows-1251'?><R>я</R>".encode(), "koi8-r"),
        ("\ufeff<R>я</R>".encode("utf-16-be"), None),
        ("\r\n <?xml version='1.0'?><R>я</R>".encode(), ""),
    ],
)
def test_a_byte_order_mark_wins_over_the_header_and_that_over_the_declaration(raw, charset):
    assert read_xml(raw, charset) == {"R": "я"}


REFUSED = "|".join(
    re.escape(text)
    for text in (
        "the answer is not XML",
        "the answer is in an encoding that nobody knows",
        "a document type (DTD) stands in the answer",
        "nested too deeply",
        f"more than {MAX_ELEMENTS} elements",
        "not one Body in the SOAP envelope",
    )
)
LAUGHS = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 10))


@pytest.mark.parametrize(
    "raw",
    [
        f"<!DOCTYPE l [<!ENTITY l0 'ha'>{LAUGHS}]><l>&l9;</l>".encode(),
        b"<!DOCTYPE l [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><l>&e;</l>",
        b"<!DOCTYPE l SYSTEM 'http://127.0.0.1:1/x.dtd'><l/>",
        b"<!DOCTYPE l [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'> %p;]><l/>",
        b"<!DOCTYPE html><html/>",
    ],
)
def test_a_dtd_is_refused_before_it_does_anything(raw):
    with pytest.raises(ValueError, match="DTD") as caught:
        read_xml(raw)
    assert "passwd" not in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b"<R>&canary;</R>",
        b"<R>",
        b"<R/><R/>",
        b"<R>\0</R>",
        b"<R>&#0;</R>",
        b"<R a='1' a='2'/>",
        b"<R>\xff</R>",
        b"<canary",
        b"<?xml version='1.0' encoding='canary'?><R/>",
        b"<?xml version='1.0' encoding='idna'?><R/>",
        b"<?xml version='1.0' encoding='shift_jis'?><R/>",
        b"<?xml version='1.0' encoding='rot13'?><R/>",
        b"\xff\xfe<\0R\0",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_xml_is_refused_without_a_word_of_it(raw):
    with pytest.raises(ValueError, match=f"^({REFUSED})$"):
        read_xml(raw)


@pytest.mark.parametrize("charset", ["no-such", "\0", "utf-8\0", "я", "\ud800", "hex", "x" * 9999])
def test_a_charset_that_nobody_knows(charset):
    with pytest.raises(ValueError, match=f"^({REFUSED})$"):
        read_xml(b"<R/>", charset)


def test_depth_has_a_bound():
    deepest = "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH
    assert read(deepest)
    with pytest.raises(ValueError, match="nested too deeply"):
        read(f"<a>{deepest}</a>")
    with pytest.raises(ValueError, match="nested too deeply"):
        read("<a>" * 1_000_000)


def test_the_number_of_elements_has_a_bound():
    most = "<a/>" * (MAX_ELEMENTS - 1)
    assert len(read(f"<r>{most}</r>")["r"]["a"]) == MAX_ELEMENTS - 1
    with pytest.raises(ValueError, match="elements"):
        read(f"<r>{most}<a/></r>")


def test_a_long_namespace_is_not_written_out_for_each_element():
    """With namespaces worked out by expat, these are 20 GB of names."""
    uri, elements = "u" * 400_000, "<a p:nil='true'/>" * (MAX_ELEMENTS - 1)
    found = read(f"<r xmlns='{uri}' xmlns:p='{uri}'>{elements}</r>")
    assert found["r"]["a"][0] == {"@nil": "true"}


def test_a_megabyte_of_attributes_or_lines_is_read():
    attributes = " ".join(f"p:a{i}='{i}'" for i in range(60_000))
    assert len(read(f"<r {attributes}/>")["r"]) == 60_000
    lines = "".join("x\n<!-- -->" for _ in range(100_000))
    assert read(f"<r>{lines}</r>")["r"].count("x") == 100_000
    assert len(read(f"<r a='{'я' * 1_000_000}'/>")["r"]["@a"]) == 1_000_000


@pytest.mark.parametrize("xml", ["<r>secret</r>", "<r>secret"])
def test_the_answer_does_not_stay_in_memory(monkeypatch, xml):
    builders = []

    class Builder(_Builder):
        def __init__(self):
            super().__init__()
            builders.append(weakref.ref(self))

    monkeypatch.setattr("osago_daemon.insurers.xml.reading._Builder", Builder)
    gc.disable()
    try:
        with contextlib.suppress(ValueError):
            read(xml)
        assert [ref() for ref in builders] == [None]
    finally:
        gc.enable()


def is_value(value):
    match value:
        case None | str():
            return True
        case dict():
            return all(isinstance(k, str) and k and is_value(v) for k, v in value.items())
        case list():
            return len(value) > 1 and all(not isinstance(v, list) and is_value(v) for v in value)
        case _:
            return False


def checked(raw, charset):
    said = None
    try:
        assert is_value(read_xml(raw, charset))
    except ValueError as error:
        said = str(error)
    assert said is None or re.fullmatch(REFUSED, said)


CHARSETS = (
    st.none()
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "utf-8",
            "utf-16",
            "utf-16le",
            "windows-1251",
            "us-ascii",
            "utf-7",
            "idna",
            "unicode_escape",
        ]
    )
)


@given(st.binary(max_size=300), CHARSETS)
@example(b"<?xml version='1.0' encoding='utf-7'?><R>+AAA-</R>", None)
def test_any_bytes(raw, charset):
    checked(raw, charset)


PIECES = st.sampled_from(
    [
        *(
            b"<",
            b"</",
            b">",
            b"/>",
            b"&",
            b";",
            b"&lt;",
            b"&#55296;",
            b"<![CDATA[",
            b"]]>",
            b"<!--",
        ),
        *(b"<!DOCTYPE a [", b"<!ENTITY a 'b'>", b"]>", b"<?xml version='1.0'?>", b"<?a?>", b" "),
        *(
            b"<a>",
            b"</a>",
            b"<p:a ",
            b"a='b'",
            b" xmlns:p='urn:p'",
            b" xmlns=''",
            b":",
            b"x:nil='1'",
        ),
        *(b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>", b"<s:Body>"),
        *(b"</s:Body>", b"</s:Envelope>", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"text"),
        b"<?xml version='1.0' encoding='windows-1251'?>",
    ]
)
WHOLE = (
    f"<?xml version='1.0' encoding='utf-8'?><s:Envelope xmlns:s='{ENVELOPES['1.1']}' {XSI}>"
    "<s:Header/><s:Body><p:R xmlns:p='urn:p' a='1'><p:P xsi:nil='true'/>я<i/><i>2</i>"
    "<![CDATA[<x>]]></p:R></s:Body></s:Envelope>"
).encode()


@given(st.lists(PIECES, max_size=30).map(b"".join), CHARSETS)
def test_any_pieces_of_xml(raw, charset):
    checked(raw, charset)


@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), PIECES | st.binary(max_size=4)),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["utf-8", "utf-16", "windows-1251"]),
)
def test_any_damage_to_an_answer(damage, encoding):
    raw = WHOLE.decode().encode(encoding)
    for at, length, piece in damage:
        raw = raw[:at] + piece + raw[at + length :]
    checked(raw, None)
