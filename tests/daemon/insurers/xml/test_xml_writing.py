"""Documents as XML: what another parser finds in it, and what is refused, and where."""

import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.insurers.expressions import ExpressionError
from osago_daemon.insurers.names import REQUEST, Known
from osago_daemon.insurers.tables import template_over
from osago_daemon.insurers.xml import (
    add_soap_header,
    is_action,
    read_xml,
    render_xml,
    soap_header_block,
    write_xml,
    xml_headers,
)
from osago_daemon.insurers.xml.names import SOAP_NAMESPACES

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def written(document, namespaces=None, **more):
    text = write_xml(document, namespaces=namespaces or {}, **more).decode()
    assert text.startswith(DECLARATION)
    return text.removeprefix(DECLARATION)


def refused(document, namespaces=None, **more):
    with pytest.raises(ExpressionError) as caught:
        write_xml(document, namespaces=namespaces or {}, **more)
    assert "canary" not in caught.value.text
    return caught.value


@pytest.mark.parametrize(
    ("content", "xml"),
    [
        ({}, "<R/>"),
        ("", "<R/>"),
        (True, "<R>true</R>"),
        (False, "<R>false</R>"),
        (0, "<R>0</R>"),
        (87.0, "<R>87</R>"),
        (1e-7, "<R>0.0000001</R>"),
        (1e22, "<R>10000000000000000000000</R>"),
        (Decimal("12345.60"), "<R>12345.60</R>"),
        (Decimal("1E+3"), "<R>1000</R>"),
        (Decimal("1E-9"), "<R>0.000000001</R>"),
        ("a<b>&\"'\r\n\t]]>я", "<R>a&lt;b&gt;&amp;\"'&#13;\n\t]]&gt;я</R>"),
        ({"@a": "a<b>&\"'\r\n\t"}, '<R a="a&lt;b&gt;&amp;&quot;\'&#13;&#10;&#9;"/>'),
        ({"@a": 1, "#text": "x"}, '<R a="1">x</R>'),
        ({"B": 1, "@b": False, "A": 2, "@a": ""}, '<R b="false" a=""><B>1</B><A>2</A></R>'),
        ({"@a": None, "B": None, "#text": None, "C": []}, "<R/>"),
        ({"B": [1, None, {"C": ["x", ""]}]}, "<R><B>1</B><B><C>x</C><C/></B></R>"),
        ({"#text": ["a", "b"], "B": {}}, "<R>ab<B/></R>"),
        ({"@xml:lang": "ru"}, '<R xml:lang="ru"/>'),
        ({"Водитель": {"@Стаж": 5}}, '<R><Водитель Стаж="5"/></R>'),
    ],
)
def test_what_a_document_becomes(content, xml):
    assert written({"R": content}) == xml
    ET.fromstring(xml)


def test_namespaces_stand_on_the_root():
    namespaces = {"": "urn:d", "o": 'urn:"o"&<>'}
    text = written({"o:R": {"A": {"@o:b": 1}}}, namespaces)
    assert text == (
        '<o:R xmlns="urn:d" xmlns:o="urn:&quot;o&quot;&amp;&lt;&gt;"><A o:b="1"/></o:R>'
    )
    root = ET.fromstring(text)
    assert root.tag == '{urn:"o"&<>}R'
    assert root[0].tag == "{urn:d}A"
    assert root[0].attrib == {'{urn:"o"&<>}b': "1"}


@pytest.mark.parametrize("version", SOAP_NAMESPACES)
def test_soap_has_an_envelope_around(version):
    uri = SOAP_NAMESPACES[version]
    namespaces = {"": "urn:d", "o": "urn:o"}
    header = {"o:Auth": {"@soap:mustUnderstand": "1", "o:Login": "x"}}
    text = written({"o:R": None, "o:A": 1, "B": [2, 3]}, namespaces, soap=version, header=header)
    root = ET.fromstring(text)
    assert [child.tag for child in root] == [f"{{{uri}}}Header", f"{{{uri}}}Body"]
    (auth,) = root[0]
    assert auth.attrib == {f"{{{uri}}}mustUnderstand": "1"}
    assert [(c.tag, c.text) for c in root[1]] == [
        ("{urn:o}A", "1"),
        ("{urn:d}B", "2"),
        ("{urn:d}B", "3"),
    ]
    assert read_xml(text.encode()) == {"A": "1", "B": ["2", "3"]}


@pytest.mark.parametrize("header", [None, {}, {"H": None}])
def test_an_empty_header_is_left_out(header):
    text = written({"R": {}}, soap="1.1", header=header)
    assert "Header" not in text
    assert "<soap:Body><R/></soap:Body>" in text


def test_tables_may_come_out_of_expressions():
    template = template_over(REQUEST)(
        {"o:R": {"o:Driver": 'drivers[].{"o:Name": last_name, "o:Born": birth_date}'}}
    )
    scope = {"drivers": [{"last_name": "А"}, {"last_name": "Б", "birth_date": "1990-01-01"}]}
    text = written(template.render(scope), {"o": "urn:o"})
    assert text == (
        '<o:R xmlns:o="urn:o"><o:Driver><o:Name>А</o:Name></o:Driver>'
        "<o:Driver><o:Name>Б</o:Name><o:Born>1990-01-01</o:Born></o:Driver></o:R>"
    )


@pytest.mark.parametrize(
    ("content", "key", "text"),
    [
        ({"a b": "canary"}, "xml.R.a b", "not the name of an element"),
        ({"1a": 1}, "xml.R.1a", "not the name of an element"),
        ({"": 1}, "xml.R.", "not the name of an element"),
        ({"a><b": 1}, "xml.R.a><b", "not the name of an element"),
        ({"a:b:c": 1}, "xml.R.a:b:c", "not the name of an element"),
        ({":a": 1}, "xml.R.:a", "not the name of an element"),
        ({"#a": 1}, "xml.R.#a", "not the name of an element"),
        ({"@": 1}, "xml.R.@", "not the name of an attribute"),
        ({"@a b": 1}, "xml.R.@a b", "not the name of an attribute"),
        ({"@a='1' b": 1}, "xml.R.@a='1' b", "not the name of an attribute"),
        ({"@xmlns": "urn:x"}, "xml.R.@xmlns", "namespaces are declared in `namespaces`"),
        ({"@xmlns:p": "urn:x"}, "xml.R.@xmlns:p", "namespaces are declared in `namespaces`"),
        ({"p:a": 1}, "xml.R.p:a", "its prefix is not declared"),
        ({"@p:a": 1}, "xml.R.@p:a", "its prefix is not declared"),
        ({"xml:a": 1}, "xml.R.xml:a", "its prefix is not declared"),
        ({"@soap:a": 1}, "xml.R.@soap:a", "its prefix is not declared"),
        ({"a": [1, "canary\0"]}, "xml.R.a.1", "has a character that XML can't carry"),
        ({"@a": "canary\ud800"}, "xml.R.@a", "has a character that XML can't carry"),
        ({"#text": "canary\ufffe"}, "xml.R.#text", "has a character that XML can't carry"),
        ("canary\x0b", "xml.R", "has a character that XML can't carry"),
        ({"@a": {"b": "canary"}}, "xml.R.@a", "expected text, a number or a boolean"),
        ({"@a": ["canary"]}, "xml.R.@a", "an attribute can't be a list"),
        ({"#text": {"b": 1}}, "xml.R.#text", "expected text, a number or a boolean"),
        ({"a": [["canary"]]}, "xml.R.a.0", "expected text, a number or a boolean"),
        ({"a": float("inf")}, "xml.R.a", "a number beyond all bounds"),
        ({"a": Decimal("1E+999999999")}, "xml.R.a", "a number beyond all bounds"),
        ({"a": Decimal("NaN")}, "xml.R.a", "a number beyond all bounds"),
        ({"a": object()}, "xml.R.a", "expected text, a number or a boolean"),
    ],
)
def test_what_xml_cannot_say_is_told_with_its_key(content, key, text):
    error = refused({"R": content})
    assert ".".join(map(str, error.key)) == key
    assert error.text.startswith(text)


@pytest.mark.parametrize("document", [{}, {"A": None}, {"A": 1, "B": 2}, {"A": [1, 2]}, {"A": []}])
def test_without_soap_there_is_one_root(document):
    error = refused(document)
    assert error.key == ("xml",)
    assert "exactly one element" in error.text


@pytest.mark.parametrize("document", [None, "canary", ["canary"], {"@a": "canary"}, {"#text": "x"}])
def test_only_elements_stand_at_the_top(document):
    for soap in (None, "1.1"):
        error = refused(document, soap=soap)
        assert error.key[0] == "xml"
        assert "only elements" in error.text


def test_the_key_says_that_it_is_the_header():
    error = refused({"R": {}}, soap="1.2", header={"H": {"p:a": "canary"}})
    assert error.key == ("soap_header", "H", "p:a")
    assert refused({"R": {}}, soap="1.2", header="canary").key == ("soap_header",)


@pytest.mark.parametrize(
    ("scope", "key", "text"),
    [
        ({"a": {"canary canary": 1}}, ("xml", "R", "A"), "not the name of an element"),
        ({"a": {"canary:a": 1}}, ("xml", "R", "A"), "its prefix is not declared"),
        ({"a": [{"canary": "\0"}]}, ("xml", "R", "A"), "has a character that XML can't carry"),
        ({"b": "\0"}, ("xml", "R", "B", 1, "@b"), "has a character that XML can't carry"),
        ({"h": {"canary": {"b": object()}}}, ("soap_header", "H"), "expected text"),
        ({"a": None, "n": "canary"}, ("xml", "R", "N"), "abs() got string"),
    ],
)
def test_no_name_out_of_an_expression_stands_in_a_key(scope, key, text):
    compiled = template_over(Known(dict.fromkeys("abhn")))
    templates = {
        "xml": compiled({"R": {"A": "a", "B": ["`1`", {"@b": "b"}], "N": "abs(n)"}}),
        "soap_header": compiled({"H": "h"}),
    }
    with pytest.raises(ExpressionError) as caught:
        render_xml(templates, {"n": 1, **scope}, namespaces={}, soap="1.1")
    assert caught.value.key == key
    assert caught.value.text.startswith(text)
    assert "canary" not in str(caught.value)


def test_no_end_of_depth_is_told_as_such():
    deep = "canary"
    for _ in range(5000):
        deep = {"a": deep}
    assert refused({"R": deep}).text == "nested too deeply"


NAMES = st.from_regex(r"[A-Za-zА-Яа-я_][A-Za-zА-Яа-я0-9_.\-]{0,5}", fullmatch=True)
CHARACTERS = st.characters(exclude_categories=["Cs"]).filter(
    lambda c: c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff")
)
TEXTS = st.text(CHARACTERS, min_size=1).map(str.strip).filter(bool)
ELEMENTS = st.recursive(
    st.none() | TEXTS,
    lambda inner: (
        st.dictionaries(NAMES | NAMES.map("@{}".format) | st.just("#text"), inner, max_size=4).map(
            lambda table: {k: v if k[0] not in "@#" else "x" for k, v in table.items()}
        )
        | st.dictionaries(NAMES, st.lists(inner, max_size=4), min_size=1, max_size=2)
    ),
    max_leaves=12,
)


def as_read(value):
    """What reading gives back of it: null left out, what is empty is null."""
    if isinstance(value, dict):
        found = {}
        for name, child in value.items():
            items = child if isinstance(child, list) else [child]
            read = [as_read(item) for item in items if item is not None]
            if read:
                found[name] = read[0] if len(read) == 1 else read
        return found["#text"] if list(found) == ["#text"] else (found or None)
    return value


@given(
    NAMES, ELEMENTS.filter(lambda value: value is not None), st.sampled_from([None, "1.1", "1.2"])
)
def test_what_is_written_is_read_back(name, content, soap):
    raw = write_xml({name: content}, namespaces={}, soap=soap)
    assert read_xml(raw) == {name: as_read(content)}
    ET.fromstring(raw)


@given(st.text(st.characters()), st.sampled_from(["#text", "@a"]))
def test_every_text_is_carried_to_the_letter_or_refused(text, where):
    try:
        raw = write_xml({"R": {where: text}}, namespaces={})
    except ExpressionError:
        assert any(
            (c < " " and c not in "\t\n\r") or c in "\ufffe\uffff" or "\ud800" <= c <= "\udfff"
            for c in text
        )
        return
    root = ET.fromstring(raw)
    assert (root.attrib["a"] if where == "@a" else root.text or "") == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_numbers_are_exact_and_plain(number):
    text = written({"R": number})[3:-4]
    assert Decimal(text) == number
    assert "E" not in text.upper()


@pytest.mark.parametrize(
    ("soap", "action", "headers"),
    [
        (None, None, {"Content-Type": "application/xml; charset=utf-8"}),
        ("1.1", None, {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}),
        ("1.1", "urn:a", {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"urn:a"'}),
        ("1.2", None, {"Content-Type": "application/soap+xml; charset=utf-8"}),
        (
            "1.2",
            "urn:a",
            {"Content-Type": 'application/soap+xml; charset=utf-8; action="urn:a"'},
        ),
    ],
)
def test_the_headers_say_which_xml_it_is(soap, action, headers):
    assert xml_headers(soap, action) == headers


@pytest.mark.parametrize("action", ['a"b', "a\\b", "a\r\nX: y", "я"])
def test_an_action_that_no_header_can_carry(action):
    assert not is_action(action)
    with pytest.raises(ValueError, match="printable ASCII") as caught:
        xml_headers("1.1", action)
    assert action not in str(caught.value)


BLOCK = soap_header_block({"w:S": {"@soap:mustUnderstand": "1", "w:U": "<>"}}, {"w": "urn:w"})


@pytest.mark.parametrize("header", [None, {"H": {"#text": "<soap:Body>"}}])
@pytest.mark.parametrize("soap", SOAP_NAMESPACES)
def test_a_block_is_added_to_the_header(header, soap):
    namespaces = {"o": "urn:<soap:Header>/a>b"}
    body = {"o:R": "<soap:Header><soap:Body>", "soapy": 1}
    plain = write_xml(body, namespaces=namespaces, soap=soap, header=header)
    root = ET.fromstring(add_soap_header(plain, BLOCK))
    expected = ["{urn:w}S"] if header is None else ["{urn:w}S", "H"]
    assert [block.tag for block in root[0]] == expected
    assert root[0][0].attrib == {f"{{{SOAP_NAMESPACES[soap]}}}mustUnderstand": "1"}
    assert root[0][0][0].text == "<>"
    assert ET.tostring(root[1]) == ET.tostring(ET.fromstring(plain)[-1])


@pytest.mark.parametrize("message", [b"", b"{}", write_xml({"R": 1}, namespaces={})])
def test_there_is_no_header_without_an_envelope(message):
    with pytest.raises(ValueError, match="no SOAP envelope"):
        add_soap_header(message, BLOCK)
