"""Mistakes in the XML of a step, all at once, each with its key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.insurers.expressions import ExpressionError
from osago_daemon.insurers.keys import key_text
from osago_daemon.insurers.xml import step_problems, write_xml, xml_problems


def told(step):
    return [f"{key_text(key)}: {text}" for key, text in step_problems(step)]


def test_a_step_without_mistakes():
    assert not told(
        {
            "xml": {
                "o:Calc": {"@o:a": "x", "o:D": [{"N": "y"}], "@xml:lang": "'ru'", "#text": "z"}
            },
            "soap_header": {"o:A": {"@soap:mustUnderstand": "`1`"}, "B": "x"},
            "soap": "1.1",
            "action": "urn:calc",
            "namespaces": {"o": "urn:o", "": "http://example.org/расчёт?a=1"},
        }
    )
    assert not told({"xml": {"R": ["one"]}})
    assert not told({"body": {"a b": "x"}})
    assert not told({"xml": {}, "soap": "1.2"})


def test_everything_is_told_at_once():
    assert told(
        {
            "xml": {
                "Cal c": {"p:X": "x", "@a": {"b": "x"}, "@q:c": ["x"], "#text": {"d": "x"}},
                "@id": "x",
                "#text": "x",
                "List": [["x"], {"1": "x"}],
                "@xmlns:o": "x",
                "xml:a": {},
            },
            "soap": "1.1",
            "action": 'urn:"calc"',
            "namespaces": {"xml": "urn:x", "soap": "urn:s", "a b": "urn:b", "c": "", "d": "a b"},
            "soap_header": "x",
        }
    ) == [
        'xml."Cal c": not the name of an element',
        'xml."Cal c"."p:X": its prefix is not declared: `namespaces` says what each stands for',
        'xml."Cal c"."@a": an attribute can\'t be a table or a list',
        'xml."Cal c"."@q:c": its prefix is not declared: `namespaces` says what each stands for',
        'xml."Cal c"."@q:c": an attribute can\'t be a table or a list',
        'xml."Cal c"."#text": text can\'t be a table',
        'xml."@id": only elements stand here: a table whose keys are their names',
        'xml."#text": only elements stand here: a table whose keys are their names',
        "xml.List[0]: a list can't stand in a list",
        "xml.List[1].1: not the name of an element",
        'xml."@xmlns:o": only elements stand here: a table whose keys are their names',
        "soap_header: only elements stand here: a table whose keys are their names",
        "namespaces.xml: this prefix is taken: it is never declared",
        "namespaces.soap: this prefix is taken: it is never declared",
        'namespaces."a b": not a prefix (the default namespace is that of "")',
        "namespaces.c: not the URI of a namespace, such as urn:osago",
        "namespaces.d: not the URI of a namespace, such as urn:osago",
        "action: an action is printable ASCII without quotation marks and backslashes",
    ]


@pytest.mark.parametrize("xml", [{}, {"A": "x", "B": "x"}, {"A": ["x", "y"]}, {"A": []}])
def test_without_soap_there_is_one_root(xml):
    assert told({"xml": xml}) == ["xml: without `soap`, a document is exactly one element"]
    assert not told({"xml": xml, "soap": "1.1"})


@pytest.mark.parametrize("xml", ["vehicle", ["vehicle"], 1])
def test_the_root_is_a_table(xml):
    for step in ({"xml": xml}, {"xml": xml, "soap": "1.1"}):
        assert told(step) == ["xml: only elements stand here: a table whose keys are their names"]


def test_keys_that_belong_to_others():
    assert told({"namespaces": {}, "soap": "1.1"}) == [
        "soap: belongs to a step with `xml`",
        "namespaces: belongs to a step with `xml`",
    ]
    assert told({"xml": {"A": "x"}, "action": "a", "soap_header": {"B": "x"}}) == [
        "soap_header: there is none without `soap`",
        "action: there is none without `soap`",
    ]


def test_the_namespaces_stand_beside_the_document():
    found = xml_problems({"p:A": "x"}, {"xmlns": "urn:x"}, None, ("steps", 1, "xml"))
    assert [key_text(key) for key, _ in found] == [
        'steps[1].xml."p:A"',
        "steps[1].namespaces.xmlns",
    ]


RAW = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["A", "B", "o:A", "p:A", "@a", "@soap:a", "#text", "a b", "@xmlns", ""]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(RAW, RAW, RAW, RAW)
def test_any_raw_step(xml, header, namespaces, soap):
    step = {"xml": xml, "soap_header": header, "namespaces": namespaces, "soap": soap}
    assert all(isinstance(text, str) for _, text in step_problems(step))


@given(RAW, st.sampled_from([None, "1.1"]))
def test_a_document_without_mistakes_can_be_written(raw, soap):
    """Where its leaves say nothing, it is not the file's mistake that there is no root."""
    namespaces = {"o": "urn:o"}
    if list(xml_problems(raw, namespaces, soap, ("xml",))):
        return
    said = ""
    try:
        write_xml(raw, namespaces=namespaces, soap=soap)
    except ExpressionError as error:
        said = error.text
    assert not said or "exactly one element" in said or "character" in said
