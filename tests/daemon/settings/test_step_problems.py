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
        ('"item.birth_date"', '"request.body"', "9: {}.steps[0].body.born: `request` is what is sent: only `headers` see it"),
        ('"kept.ids", pin', '"item.id", pin', "15: {}.steps[1].body.ids: `item` is one of `each`, and this step has no `each`"),
        ('"kept.ids", pin', '"[index]", pin', "15: {}.steps[1].body.ids: `index` is one of `each`, and this step has no `each`"),
        ("keep = { ids", 'when = "item.sex"\nkeep = { ids', "10: {}.steps[0].when: `item` is one of `each`: what decides about the whole step sees none"),
        ('id = "body.id"', 'id = "kept.id"', "16: {}.steps[1].keep.id: kept.id is kept by no earlier step; did you mean `kept.ids`?"),
        ('ids = "body.id"', 'ids = "kept.ids"', "10: {}.steps[0].keep.ids: kept.ids is kept by no earlier step"),
        ('"item.price"', '"kept.idd || item.price"', "25: {}.answer.premium: kept.idd is kept by no step; did you mean `kept.id`?"),
        ('"item.price"', '"item.price"\ncoefficients.kt = "kept.none"', "26: {}.answer.coefficients.kt: kept.none is kept by no step"),
        ('"body.offers"', '"kept.offers"', "27: {}.offers.items: kept.offers is kept by no step"),
        ('"item.code"', '"kept.code"', "28: {}.offers.insurer: kept.code is kept by no step"),
        ("poll = {", 'when = "owner.inn"\npoll = {', "21: {}.steps[2].when: the last step decides: nobody would where it is left out"),
        ("{vin}/", "{vin}/{ids}/", "13: {}.steps[1].path: {{ids}} is a list: a step with `each` keeps it"),
        ("keep = { id =", 'keep = { ids = "body.all", id =', "16: {}.steps[1].keep.ids: another step keeps it as well, and one of the two has `each`: that one's a list"),
        ("keep = { id =", 'keep = { "@done" = "body.all", id =', '16: {}.steps[1].keep."@done": names with @ are our own: what is done stands there'),
        ('body = { born = "item.birth_date" }', 'multipart.a = { value = "item.sex", body = {} }', "9: {}.steps[0].multipart.a.body: a part has one content, and there is `value` already"),
        ('body = { born = "item.birth_date" }', "multipart.a = { type = 'text/plain' }", "9: {}.steps[0].multipart.a: a part is a `value` or a `body` (JSON)"),
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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('born = "item.birth_date"', 'born = "[index, item.birth_date]"'),
        ('born = "item.birth_date"', 'born = "drivers[].{item: sex, request: sex, kept: birth_date}"'),
        ("path_params = {", 'headers = { X-Sign = "request.body" }\npath_params = {'),
        ("{vin}/calculations\"\npath_params = {", '{vin}/{ids}"\npath_params = { ids = "kept.ids[0]", '),
        ('id = "body.id"', 'id = "kept.ids[0]"'),
        ('"item.price"', '"kept.id && item.price"'),
        ('"body.offers"', '"[body.offers, kept.ids][]"'),
        ("keep = { ids", "when = \"drivers != 'unlimited'\"\nkeep = { ids"),
        ('body = { born = "item.birth_date" }', 'multipart = { a = "item.sex", b = { body = {} } }'),
        ('premium = "item.price"', 'premium = "item.price"\nerror_kinds = { wait = "pending" }'),
        ("[insurers.broker.answer]", "[insurers.broker.answer]\ndecline_reasons = { 'kept.x' = \"use\" }"),
    ],
)  # fmt: skip
def test_what_is_no_mistake(load_text, old, new):
    assert old in GOOD
    assert load_text(GOOD.replace(old, new, 1), PIN="1234").insurers


def test_two_of_which_one_is_left_out_may_keep_the_same(load_text):
    other = GOOD.replace('name = "calculation"', 'name = "other"\nwhen = "owner.inn"', 1)
    both = other.replace(
        '[[insurers.broker.steps]]\nname = "result"',
        '[[insurers.broker.steps]]\nname = "calculation"\npath = "/c"\nkeep = { id = "body.id" }\n'
        '[[insurers.broker.steps]]\nname = "result"',
    )
    assert load_text(both, PIN="1").insurers


def test_an_error_that_means_later_where_nobody_asks_again(problems):
    text = GOOD.replace('pending = ["wait"], ', "")
    text = text.replace(
        'premium = "item.price"', 'error_kinds = { "not yet" = "pending" }\npremium = "item.price"'
    )
    text = text.replace("poll = { first_s = 2.0 }", "")
    assert problems(text, PIN="1") == [
        '25: insurers.broker.answer.error_kinds."not yet": no step is asked again: there is no `poll`'
    ]


SHORT = """\
[insurers.sever]
name = "Север"
base_url = "https://api.example.org"
[insurers.sever.create]
path = "/a"
keep = { id = "body.id" }
[insurers.sever.poll]
path = "/a/{id}"
[insurers.sever.answer]
premium = "body.premium"
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('path = "/a/{id}"', 'path = "/a/{id}"\ndecides = false', "9: {}.poll.decides: nothing comes after the last step: it must decide"),
        ('[insurers.sever.poll]\npath = "/a/{id}"', "decides = false", "7: {}.create.decides: nothing comes after the last step: it must decide"),
        ('[insurers.sever.poll]\npath = "/a/{id}"', '[insurers.sever.answer.error_kinds]\nwait = "pending"', "8: {}.answer.error_kinds.wait: no step is asked again: there is no `poll`"),
        ('path = "/a"', 'path = "/a"\nbody = { a = "item.sex" }', "6: {}.create.body.a: `item` is one of `each`, and this step has no `each`"),
    ],
)  # fmt: skip
def test_of_the_short_form(problems, old, new, expected):
    assert old in SHORT
    found = problems(SHORT.replace(old, new, 1))
    assert found == [expected.format("insurers.sever")]
