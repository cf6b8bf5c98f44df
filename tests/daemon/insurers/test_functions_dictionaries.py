"""`look_up` and the dictionaries it looks into, from tables and from files."""

import tomllib

import httpx
import pytest

from osago_daemon.insurers import dictionary_tables, look_ups
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.names import ANSWER, REQUEST
from osago_daemon.resilience.trouble import Trouble, TroubleKind

MAKES = """
    [makes.entries]
    Kia = 7
    LADA = { value = 1, aliases = ["Лада", "ВАЗ", "VAZ (Жигулёв)"] }
    "Mercedes-Benz" = { value = { id = 3, name = "MB" } }
    "А Класс" = "cyrillic"
"""


def read(toml, folder):
    return dictionary_tables.read(tomllib.loads(toml), folder)


@pytest.fixture
def look_up(tmp_path):
    def look_up_(text, scope, toml=MAKES, known=REQUEST):
        found = read(toml, tmp_path)
        assert not found.problems
        with look_ups.using(found.dictionaries):
            expression = Expression(text, known)
        return expression.evaluate(scope)

    return look_up_


@pytest.mark.parametrize(
    ("brand", "value"),
    [
        ("LADA", 1),
        ("lada", 1),
        (" Lada. ", 1),
        ("лада", 1),
        ("ваз", 1),
        ("BAЗ", 1),  # its B and A Latin
        ("vaz жигулев", 1),
        ("VAZ/ЖИГУЛЁВ", 1),
        ("КIА", 7),  # its К and А Cyrillic
        ("MERCEDES BENZ", {"id": 3, "name": "MB"}),
        ("mercedesbenz", {"id": 3, "name": "MB"}),
        ("A-класс", "cyrillic"),
        (None, None),
    ],
)
def test_a_make_however_it_is_written(look_up, brand, value):
    assert look_up("look_up('makes', vehicle.brand)", {"vehicle": {"brand": brand}}) == value


def test_what_is_not_there_has_a_default(look_up):
    scope = {"vehicle": {"brand": "УАЗ"}}
    assert look_up("look_up('makes', vehicle.brand, `null`)", scope) is None
    assert look_up("look_up('makes', vehicle.brand, vehicle.brand)", scope) == "УАЗ"
    assert look_up("look_up('makes', vehicle.model, `0`)", scope) == 0
    assert look_up("drivers[].look_up('makes', n, `9`)", {"drivers": [{"n": "x"}]}, known=ANY) == [
        9
    ]


ANY = type(REQUEST)({"drivers": None})


@pytest.mark.parametrize(
    ("text", "known", "told"),
    [
        ("vehicle.brand", REQUEST, ' "LADDA"; nearest: "LADA"'),
        ("concat([vehicle.brand, '', vehicle.kind])", None, " such entry"),
        ("upper(vehicle.brand)", REQUEST, ' "LADDA"; nearest: "LADA"'),
        ("vehicle.model", REQUEST, ' "?"'),
        ("concat([look_up('makes', 'kia'), 'x'])", REQUEST, ' "7x"'),
        ("owner.last_name", REQUEST, " such entry"),
        ("concat([vehicle.brand, owner.last_name])", REQUEST, " such entry"),
        ("owner | last_name", REQUEST, " such entry"),
        ("vehicle.plate", REQUEST, " such entry"),
        ("vehicle.year", REQUEST, " such entry"),
        ("body.brand", ANSWER, " such entry"),
    ],
)
def test_only_a_make_or_model_is_told(look_up, text, known, told):
    scope = {
        "vehicle": {"brand": "LADDA", "model": "\n", "plate": "А123ВС77", "year": 2020},
        "owner": {"last_name": "Ладанов"},
        "body": {"brand": "Ладанов"},
    }
    known = known or type(REQUEST)({"vehicle": None})
    with pytest.raises(ExpressionError) as caught:
        look_up(f"look_up('makes', {text})", scope, known=known)
    assert str(caught.value) == f"look_up(): dictionary `makes` has no{told}"


def test_a_long_name_is_cut(look_up):
    with pytest.raises(ExpressionError) as caught:
        look_up("look_up('makes', vehicle.brand)", {"vehicle": {"brand": "LADA " * 40}})
    assert len(str(caught.value)) < 150


def test_an_expression_keeps_the_dictionary_it_was_compiled_with(tmp_path):
    with look_ups.using(read("[makes.entries]\nKia = 1", tmp_path).dictionaries):
        old = Expression("look_up('makes', 'kia')", REQUEST)
    with look_ups.using(read("[makes.entries]\nKia = 2", tmp_path).dictionaries):
        assert old.evaluate({}) == 1
        assert Expression("look_up('makes', 'kia')", REQUEST).evaluate({}) == 2
    with pytest.raises(ExpressionError, match=r"no dictionary `makes`: add \[dictionaries.NAME\]"):
        Expression("look_up('makes', 'kia')", REQUEST)


FILES = {
    "comma.csv": 'key,value,aliases\nKia,7,\nLADA,1,"Лада|ВАЗ"\n',
    "semicolon.csv": "\ufeffKey;Value;Aliases\r\nKia;7;\r\n\r\nLADA;1;Лада | ВАЗ |\r\n",
    "other-order.csv": "value,key\n1,ВАЗ\n",
    "table.json": '{"LADA": {"value": "1", "aliases": ["Лада", "ВАЗ"]}, "Kia": 7.5}',
}


@pytest.mark.parametrize("name", FILES)
def test_a_dictionary_in_a_file(look_up, tmp_path, name):
    (tmp_path / name).write_bytes(FILES[name].encode())
    toml = f'[makes]\nfile = "{name}"'
    assert look_up("look_up('makes', vehicle.brand)", {"vehicle": {"brand": "ваз"}}, toml) == "1"


SAME = " (case, ё, spaces and punctuation do not matter)"
COLUMNS = "expected the columns key, value and aliases in its first line"


@pytest.mark.parametrize(
    ("name", "content", "problems"),
    [
        ("none.csv", None, ["there is no such file"]),
        ("makes.txt", "x", ["expected a file that ends in .csv or .json"]),
        ("a.csv", b"key,value\n\n\xff,1\n", ["line 3: not UTF-8 text (Excel: save as CSV UTF-8)"]),
        ("a.csv", "", [COLUMNS]),
        ("a.csv", "key,id\na,1\n", [COLUMNS]),
        ("a.csv", "key,key,value\n", [COLUMNS]),
        ("a.csv", "key,value\n\n", ["has no entry"]),
        ("a.csv", 'key,value\n"a,1\n', ["line 2: not CSV: unexpected end of data"]),
        (
            "a.csv",
            "key,value,aliases\nKia,7\nLADA,,x\n-,1,\nKIA,1,\nки́а,2,Kia\n",
            [
                "a.csv:2: 2 cells where the first line has 3",
                "a.csv:3: `value` is empty",
                "a.csv:4: a name without a letter or a digit",
                f'a.csv:6: "Kia" is the same as a name of "KIA"{SAME}',
            ],
        ),
        ("a.json", "{\n,", ["line 2: not JSON: Expecting property name enclosed in double quotes"]),
        ("a.json", "[]", ['expected an object: {"NAME": {"value": …, "aliases": […]}}']),
        ("a.json", "{}", ["has no entry"]),
        ("a.json", '{"a": 1, "a": 2}', ['"a" stands in it twice']),
        ("a.json", '{"a": NaN, "b": null, "c": {"aliases": []}}', [
            '"a": a number beyond all bounds', '"b": null is no value', '"c": `value` is missing',
        ]),
        ("a.json", "[" * 100_000, ["nested too deeply"]),
        ("a.json", '{"a": ' + "[" * 30 + "]" * 30 + "}", ["nested too deeply"]),
        ("a.json", '{"a": ' + "1" * 5000 + "}", ["a number is too long"]),
    ],
)  # fmt: skip
def test_a_file_that_is_no_dictionary(tmp_path, name, content, problems):
    if content is not None:
        raw = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(raw)
    found = read(f'[makes]\nfile = "{name}"', tmp_path)
    assert found.problems == [(("makes", "file"), text) for text in problems]
    assert "makes" in found.dictionaries


@pytest.mark.parametrize(
    ("toml", "problems"),
    [
        ("makes = 1", [(("makes",), "expected a table, got a number")]),
        ("[makes]", [(("makes",), "takes either `file` or `entries`")]),
        ('[makes]\nfile = ""', [(("makes", "file"), "expected a path in quotes, got text")]),
        (
            '[Makes]\nfil = "x"',
            [
                (("Makes",), "expected a name such as makes: small letters, digits, - and _"),
                (("Makes", "fil"), "unknown key; did you mean `file`?"),
                (("Makes",), "takes either `file` or `entries`"),
            ],
        ),
        ("[makes.entries]", [(("makes", "entries"), "has no entry")]),
        (
            "[makes.entries]\nLADA = 1\nVesta = { value = 2, aliases = ['lada', 'Ве́ста'] }",
            [(("makes", "entries", "Vesta"), f'"lada" is the same as a name of "LADA"{SAME}')],
        ),
        (
            '[makes.entries]\nKia = 1\nKIA = 2\n"!" = 3',
            [
                (("makes", "entries", "KIA"), f'"KIA" is the same as a name of "Kia"{SAME}'),
                (("makes", "entries", "!"), "a name without a letter or a digit"),
            ],
        ),
        (
            "[makes.entries]\na = { valu = 1 }\nb = { value = 1, aliases = 'x' }\nc = 2026-01-01",
            [
                (("makes", "entries", "a", "valu"), "unknown key; did you mean `value`?"),
                (("makes", "entries", "a"), "`value` is missing"),
                (("makes", "entries", "b"), "`aliases` is a list of texts"),
                (
                    ("makes", "entries", "c"),
                    "expected text, a number or a table, got a date or time",
                ),
            ],
        ),
    ],
)
def test_mistakes_of_a_table(tmp_path, toml, problems):
    assert read(toml, tmp_path).problems == problems


def test_an_alias_that_only_repeats_its_own_entry_does_no_harm(look_up):
    toml = "[makes.entries]\nLADA = { value = 1, aliases = ['Lada', 'lada'] }"
    assert look_up("look_up('makes', 'LADA')", {}, toml) == 1


def test_a_file_in_the_wrong_shape_does_not_fill_the_screen(tmp_path):
    (tmp_path / "a.csv").write_text("key,value\n" + "a\n" * 1000)
    found = read('[makes]\nfile = "a.csv"', tmp_path)
    assert len(found.problems) == 21
    assert found.problems[-1] == (("makes",), "has 980 more problems")


def test_a_dictionary_has_another_fingerprint_with_other_values(tmp_path):
    prints = [
        read(f"[makes.entries]\n{entries}", tmp_path).dictionaries["makes"].fingerprint
        for entries in ("Kia = 1\nLADA = 2", "LADA = 2\nKIA = 1", "Kia = 1.5", "Kia = '1'")
    ]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


@pytest.mark.anyio
async def test_an_insurer_whose_dictionary_lacks_a_make_is_misconfigured(
    adapter, call, application, tmp_path
):
    """Nothing is sent, and the desk reads which entry to add."""
    toml = """
        create = { path = "/x", body = { mark = "look_up('makes', vehicle.brand)" } }
        answer = { premium = "body.p" }
    """
    sent = []

    def answer(request):
        sent.append(request.content)
        return httpx.Response(200, json={"p": 5000})

    with look_ups.using(read(MAKES, tmp_path).dictionaries):
        insurer = adapter(toml, answer)
    await insurer.quote(call)
    call.application = {**application, "vehicle": {**application["vehicle"], "brand": "LADDA"}}
    with pytest.raises(Trouble) as caught:
        await insurer.quote(call)
    assert caught.value.kind is TroubleKind.MISCONFIGURED
    assert str(caught.value) == (
        'insurers.sever.create.body.mark: look_up(): dictionary `makes` has no "LADDA";'
        ' nearest: "LADA"'
    )
    assert sent == [b'{"mark":1}']
