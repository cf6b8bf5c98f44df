import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.toml_lines import TomlLines

TEXT = '''\
# a comment with [a.table] and key = 1
title = "not a # comment"

[insurers.sever]   # comment
name = """
[not.a.table]
quote = "x" \\""" still """""
base_url = 'C:\\path'
auth = { kind = "bearer", token.env = "X" }  # token.env
[insurers.sever . "dotted.name"]
list = [
  1, # one
  { a = 1, "б" = 2 },

  [ "]", '}' ],
]
when = 1979-05-27 07:32:00
a.b."c d" = 1
a.b.e = 2
float = 1e3

[[steps]]
path = "/1"
[steps.keep]
id = 1
[[steps]]
path = """/2
"""
\t[ steps . keep ]
id = \'\'\'
x\'\'\'\'
end = true'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("title",), 2),
        (("insurers",), 4),
        (("insurers", "sever"), 4),
        (("insurers", "sever", "name"), 5),
        (("insurers", "sever", "base_url"), 8),
        (("insurers", "sever", "auth"), 9),
        (("insurers", "sever", "auth", "token", "env"), 9),
        (("insurers", "sever", "dotted.name"), 10),
        (("insurers", "sever", "dotted.name", "list"), 11),
        (("insurers", "sever", "dotted.name", "list", 0), 12),
        (("insurers", "sever", "dotted.name", "list", 1, "б"), 13),
        (("insurers", "sever", "dotted.name", "list", 2, 1), 15),
        (("insurers", "sever", "dotted.name", "when"), 17),
        (("insurers", "sever", "dotted.name", "a", "b"), 18),
        (("insurers", "sever", "dotted.name", "a", "b", "c d"), 18),
        (("insurers", "sever", "dotted.name", "a", "b", "e"), 19),
        (("insurers", "sever", "dotted.name", "float"), 20),
        (("steps", 0, "path"), 23),
        (("steps", 0, "keep", "id"), 25),
        (("steps", 1), 26),
        (("steps", 1, "path"), 27),
        (("steps", 1, "keep"), 29),
        (("steps", 1, "keep", "id"), 30),
        (("steps", 1, "keep", "end"), 32),
    ],
)
def test_finds_the_line_of_every_kind_of_key(key, line):
    tomllib.loads(TEXT)
    assert TomlLines(TEXT).of(key) == line


def test_a_missing_key_is_where_its_table_is():
    lines = TomlLines(TEXT)
    assert lines.of(("insurers", "sever", "create", "path")) == 4
    assert lines.of(("nothing",)) is None


def test_a_table_that_only_another_header_names_had_no_line():
    lines = TomlLines("\n[a.b.c]\nx = 1\n[a]\ny = 1\n[[d.e]]\n[d.e.f]\n")
    assert [lines.of(key) for key in (("a", "b"), ("a", "b", "name"), ("a",), ("d",))] == [
        *(2, 2, 4, 6)
    ]
    assert lines.of(("d", "e", 0, "f")) == 7


def test_windows_line_ends_count_once():
    assert TomlLines('a = 1\r\n[b]\r\nc = """\r\n"""\r\nd = 2\r\n').of(("b", "d")) == 5


_SCALARS = st.sampled_from(
    ['"# ]"', "'}'", "true", "-1_0", "1e5", "07:32:00", '"""\n"\n"""', "'''\n'\n'''", '"\\""']
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda v: "[\n" + ", # x\n".join(v) + "\n]")
        | st.lists(inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"k{i} = {v}" for i, v in enumerate(items)) + "}"
        )
    ),
    max_leaves=6,
)


@given(st.lists(_VALUES, max_size=5))
def test_a_key_behind_any_value_is_found(values):
    text = "".join(f"# [x]\nk{i} = {value}\n" for i, value in enumerate(values))
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # a multi-line value within an inline table
    lines = TomlLines(text)
    line = 1
    for i, value in enumerate(values):
        assert lines.of((f"k{i}",)) == line + 1
        line += 2 + value.count("\n")
