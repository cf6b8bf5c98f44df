"""Mistakes between the steps of one insurer, each with its line, all at once."""
# ruff: noqa: E501, Q000, Q003  # a mistake and what is said of it, each pair on one line

import pytest

GOOD = """\
[insurers.broker]
name = "Брокер"
base_url = "https://api.example.org"
secrets = { pin = "env:PIN" }
[[insurers.broker.steps]]
name = "driver"
each = "if(drivers == 'unlimited', `[]`, drivers)"
path = "/drivers"
body = { born = "item.birth_date" }
keep = { ids = "body.id" }
[[insurers.broker.steps]]
name = "calculation"
path = "/cars/{vin}/calculations"
path_params = { vin = "vehicle.vin" }
body = { ids = "kept.ids", pin = "secret.pin" }
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
[insurers.broker.offers]
items = "body.offers"
insurer = "item.code"
members.sk-a = { code = "5", name = "СК А" }
members.sk-b = { code = "6", name = "СК Б" }
"""


def test_nothing_is_wrong_with_it(load_text):
    (insurer,) = load_text(GOOD, PIN="1234").insurers
    assert insurer.spec.members == {"sk-a": "СК А", "sk-b": "СК Б"}


def test_when_it_is_asked_again_does_not_change_what_an_answer_means(load_text):
    versions = [
        load_text(GOOD.replace("first_s = 2.0", pace), PIN="1").insurers[0].version
        for pace in ("first_s = 2.0", "", "every_s = 9, learn = false")
    ]
    assert len(set(versions)) == 1
    other = load_text(GOOD.replace('"body.id" }\n[[', '"body.ids" }\n[['), PIN="1").insurers[0]
    assert other.version != versions[0]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"calculation"', '"driver"', '12: {}.steps[1].name: another step is called "driver"'),
        ('"kept.ids"', '"kept.idz"', "15: {}.steps[1].body.ids: kept.idz is kept by no earlier step; did you mean `kept.ids`?"),
        ('"item.birth_date"', '"kept.ids"', "9: {}.steps[0].body.born: kept.ids is kept by no earlier step"),
        ('"secret.pin"', '"secret.pim"', "15: {}.steps[1].body.pin: secret.pim is not in `secrets` of this insurer; did you mean `secret.pin`?"),
        ("{vin}", "{vin}/{win}", "13: {}.steps[1].path: {{win}} is kept by no earlier step and stands in no path_params"),
        ("{vin}/", "", "14: {}.steps[1].path_params.vin: {{vin}} does not stand in the path"),
        ('"/calculations/{id}"', '"{link}"', "20: {}.steps[2].path: {{link}} is kept by no earlier step"),
        ('"/drivers"', '"drivers"', "8: {}.steps[0].path: expected a path that begins with one /, such as /applications, or a kept link such as {{link}}"),
        ("poll = { first_s = 2.0 }", "", "5: {}.steps: answer.states.pending says that the offer comes later: give the step that asks again a table `poll`"),
        ("keep = { id =", "poll = {}\nkeep = { id =", "22: {}.steps[2].poll: one step is asked again and again, and there is one already"),
        ("keep = { ids", "decides = true\nkeep = { ids", "7: {}.steps[0].each: a step that decides, or is asked again, is one request"),
        ("poll = {", 'decides = false\npoll = {', "21: {}.steps[2].decides: nothing comes after the last step: it must decide"),
        ("poll = {", 'each = "drivers"\npoll = {', "21: {}.steps[2].each: the last step decides, so it is one request"),
        ("poll = {", "pool = {}\npoll = {", "21: {}.steps[2].pool: unknown key; did you mean `poll`?"),
        ("first_s = 2.0", 'first_s = "2"', "21: {}.steps[2].poll.first_s: expected a number, got text"),
        ("keep = { id =", 'form = { a = "vehicle.vin" }\nkeep = { id =', "16: {}.steps[1].form: a request has one content, and there is `body` already"),
        ("keep = { id =", 'soap = "1.1"\nkeep = { id =', "16: {}.steps[1].soap: belongs to a step with `xml`"),
        ("keep = { id =", 'when = "vehicle.vni"\nkeep = { id =', "16: {}.steps[1].when: `vehicle.vni` is not known here; did you mean `vehicle.vin`?"),
        ('["body.status"]', '["body.status", 5]', '23: {}.answer.state[1]: expected an expression in quotes, got a number (constants are written as "\'text\'" or "`1`")'),
        ('code = "6"', 'code = "5"', "30: {}.offers.members.sk-b.code: `sk-a` has the same code"),
        ('code = "6", ', "", "30: {}.offers.members.sk-b.code: is missing"),
        ("[[insurers.broker.steps]]\nname = \"driver\"", '[insurers.broker.create]\npath = "/x"\n[[insurers.broker.steps]]\nname = "driver"', "5: {}.create: stands beside `steps`: write it as one of them"),
        ('"env:PIN"', '"1234"', '4: {}.secrets.pin: a secret does not belong in this file: write where it is, as "env:NAME", "file:PATH" or "credential:NAME"'),
        ('"env:PIN"', '"plain:1234"', '4: {}.secrets.pin: a secret does not belong in this file: write where it is, as "env:NAME", "file:PATH" or "credential:NAME"'),
        ('"env:PIN"', '"env:PON"', "4: {}.secrets.pin: env:PON: this environment variable is not set"),
    ],
)  # fmt: skip
def test_one_mistake(problems, old, new, expected):
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1), PIN="1234")
    assert found == [expected.format("insurers.broker")]


def test_a_members_name_is_an_id(problems):
    (problem,) = problems(GOOD.replace("members.sk-b", 'members."СК"'), PIN="1")
    assert problem.startswith('30: insurers.broker.offers.members."СК": expected an id such as')


def test_items_without_offers(problems):
    table = GOOD[: GOOD.index("[insurers.broker.offers]")]
    assert problems(table, PIN="1") == [
        "25: insurers.broker.answer.premium: `item` is an item of `offers.items`, and there are no `offers`"
    ]


def test_an_id_that_two_insurers_claim(problems):
    other = """
[insurers.sk-b]
name = "СК Б напрямую"
base_url = "https://b.example.org"
create.path = "/"
answer.premium = "body.price"
"""
    assert problems(GOOD + other, PIN="1") == [
        "30: insurers.broker.offers.members.sk-b: there is a table [insurers.sk-b] already"
    ]
    assert problems(
        GOOD + other.replace("insurers.sk-b", "insurers.b").replace("СК Б напрямую", "ск б"),
        PIN="1",
    ) == ["33: insurers.b.name: insurers.broker.offers.members.sk-b has the same name"]


def test_everything_at_once(problems):
    wrong = GOOD
    for old, new in (
        ('"kept.ids"', '"kept.idz"'),
        ("{vin}", "{win}"),
        ("poll = {", "pool = {"),
        ('code = "6"', 'code = "5"'),
    ):
        wrong = wrong.replace(old, new, 1)
    assert [problem.partition(":")[0] for problem in problems(wrong, PIN="1")] == [
        *("5", "13", "14", "15", "21", "30"),
    ]


def test_a_token_without_a_login(problems):
    text = GOOD.replace('"secret.pin"', '"auth.token"')
    assert problems(text, PIN="1") == [
        "15: insurers.broker.steps[1].body.pin: auth.token is what `auth` of the kind login or oauth2 brings"
    ]
