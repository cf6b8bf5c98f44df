"""States from several fields, errors in any HTTP dress, several insurers' offers in one answer."""

import json
from datetime import UTC, datetime

import pytest

from osago_core.offer import Declined, DeclineReason, Failed, Offer
from osago_daemon.insurers.answers import Accepted, Answer, AnswerReader, Pending, Stage
from osago_daemon.insurers.port import Several
from osago_daemon.resilience.trouble import Trouble, TroubleKind

NOW = datetime(2026, 11, 28, tzinfo=UTC)

TABLE = """
create.path = "/q"
poll.path = "/q"
[answer]
state = ["body.status", "body.offer.status"]
premium = "body.price"
offered_by = "body.partner"
decline_message = "body.why"
error = "body.error.code"
error_message = "body.error.text"
retry_after = "body.error.wait"
[answer.states]
pending = ["wait"]
offer = ["ok"]
preliminary = ["rough"]
declined = ["no"]
redirected = ["elsewhere"]
manual_check = ["hold"]
error = ["broken"]
[answer.error_kinds]
"^404|неверн" = "rejected_request"
"token" = "auth"
"^429" = "throttled"
"(?i)unknown id" = "gone"
"not ready" = "pending"
"отказ" = "declined"
"""
OFFERS = """
create.path = "/q"
poll.path = "/q"
[answer]
state = ["body.status", "item.status"]
states.pending = ["wait"]
states.offer = ["ready", "good"]
states.declined = ["no"]
states.error = ["broken"]
states.redirected = ["elsewhere"]
premium = "item.price"
offered_by = "item.name"
decline_message = "item.why"
error_message = "item.why"
[offers]
items = "body.offers"
insurer = "item.code"
[offers.members]
sk-a = { code = "5", name = "СК А" }
sk-b = { code = "6", name = "СК Б" }
rest = { code = "*", name = "Прочие" }
"""


def mask(text):
    return text.replace("Иванов", "***")


@pytest.fixture
def read(spec):
    def read_(body, status=200, table=TABLE, stage=None):
        found = spec(table)
        reader = AnswerReader("x", found.answer, lambda: NOW, local=False, offers=found.offers)
        answer = Answer(status, {}, json.dumps(body).encode())
        return reader.read(answer, mask, stage or Stage())

    return read_


def test_of_several_fields_the_worst_counts(read):
    def state(first, second):
        return read({"status": first, "offer": {"status": second}, "price": 5})

    assert state("ok", "ok").final
    assert not state("ok", "rough").final
    assert not state("rough", "ok").final
    assert isinstance(state("ok", "wait"), Pending)
    assert isinstance(state("wait", "no"), Declined)
    assert isinstance(state(None, "no"), Declined)
    assert state("ok", None).final


@pytest.mark.parametrize("good", ["ok", "rough"])
def test_a_word_that_nobody_knows_beside_a_good_one_may_mean_anything(read, good):
    with pytest.raises(Trouble, match="a word that") as caught:
        read({"status": good, "offer": {"status": "withdrawn"}, "price": 5})
    assert caught.value.kind is TroubleKind.BAD_ANSWER
    assert isinstance(read({"status": "no", "offer": {"status": "withdrawn"}}), Declined)


@pytest.mark.parametrize("status", [200, 409, 500])
def test_a_refusal_wins_over_a_price_and_any_http_status(read, status):
    outcome = read({"status": "no", "price": 5, "why": "Стаж Иванов"}, status)
    assert outcome == Declined(reason=DeclineReason.OTHER, message="Стаж ***")


@pytest.mark.parametrize("status", [200, 202, 422])
def test_a_hold_for_a_manual_check_is_no_offer(read, status):
    outcome = read({"status": "hold", "price": 5, "why": "Проверка"}, status)
    assert outcome == Declined(reason=DeclineReason.MANUAL_CHECK, message="Проверка")


def test_sent_elsewhere_with_and_without_a_price(read):
    offer = read({"status": "elsewhere", "price": 5, "partner": "СК Иванов"})
    assert (offer.final, offer.offered_by) == (False, "СК ***")
    assert read({"status": "elsewhere", "price": 5}).offered_by == "?"
    outcome = read({"status": "elsewhere", "price": 5, "why": "Е-Гарант"}, 409)
    assert outcome == Declined(reason=DeclineReason.REDIRECTED, message="Е-Гарант")


@pytest.mark.parametrize("status", [200, 400, 404, 500, 503])
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 404, "text": "неверный VIN"}, TroubleKind.REJECTED),
        ({"code": "X", "text": "поле неверно"}, TroubleKind.REJECTED),
        ({"code": "E1", "text": "token expired"}, TroubleKind.AUTH),
        ({"code": "429"}, TroubleKind.THROTTLED),
        ({"code": 7, "text": "Unknown id"}, TroubleKind.GONE),
    ],
)
def test_an_error_is_what_its_words_say_whatever_the_http_status(read, status, error, kind):
    with pytest.raises(Trouble) as caught:
        read({"status": "ok", "price": 5, "error": error}, status)
    assert caught.value.kind is kind


def test_an_error_beside_a_price_is_no_offer(read):
    with pytest.raises(Trouble) as caught:
        read({"status": "ok", "price": 5, "error": {"code": "E9", "text": "сбой Иванов"}})
    assert (caught.value.kind, caught.value.message) == (TroubleKind.SERVER_ERROR, "сбой ***")
    for nothing in (None, False, "", [], {}):
        assert isinstance(read({"status": "ok", "price": 5, "error": {"code": nothing}}), Offer)


def test_words_of_an_error_that_are_none(read):
    error = {"code": "E1", "text": "not ready"}
    assert isinstance(read({"error": error}, 404), Pending)
    outcome = read({"error": {"code": 1, "text": "отказ: Иванов"}}, 400)
    assert outcome == Declined(reason=DeclineReason.OTHER, message="отказ: ***")


def test_how_long_to_wait_may_stand_in_the_body(read):
    with pytest.raises(Trouble) as caught:
        read({"error": {"code": 429, "wait": 2.5}})
    assert caught.value.retry_after_s == 2.5
    assert read({"status": "wait", "error": {"wait": "4"}}).retry_after_s == 4.0
    assert read({"status": "wait", "error": {"wait": "soon"}}).retry_after_s is None


def test_a_step_that_does_not_decide(read):
    passing, polled = Stage(decides=False, polled=False), Stage(decides=False, polled=True)
    assert isinstance(read({"status": "ok", "price": 5}, stage=passing), Accepted)
    assert isinstance(read({"status": "made"}, 201, stage=passing), Accepted)
    assert isinstance(read({}, 202, stage=passing), Accepted)
    assert isinstance(read({"status": "wait"}, stage=passing), Accepted)
    assert isinstance(read({"status": "wait"}, stage=polled), Pending)
    assert isinstance(read({}, 202, stage=polled), Pending)
    assert isinstance(read({"status": "no"}, stage=passing), Declined)
    with pytest.raises(Trouble):
        read({"error": {"code": 1}}, stage=passing)


@pytest.mark.parametrize("beside", ["hold", "wait", "strange"])
def test_sent_elsewhere_beside_a_worse_word_is_no_offer(read, beside):
    body = {"status": "elsewhere", "offer": {"status": beside}, "price": 5}
    try:
        outcome = read(body)
    except Trouble:
        return
    assert isinstance(outcome, Pending | Declined)


def test_sent_elsewhere_is_an_offer_only_in_a_good_answer_that_decides(read):
    body = {"status": "elsewhere", "price": 5}
    passing = Stage(decides=False, polled=False)
    assert read(body, stage=passing).reason is DeclineReason.REDIRECTED
    assert read(body, 500).reason is DeclineReason.REDIRECTED
    with pytest.raises(Trouble):
        read({**body, "error": {"code": 1}})


@pytest.mark.parametrize("word", [["no"], {"x": "no"}])
def test_a_word_that_is_none_beside_a_good_one_may_mean_anything(read, word):
    with pytest.raises(Trouble, match="a word that"):
        read({"status": "ok", "offer": {"status": word}, "price": 5})


def test_an_error_of_one_item_is_no_others(read):
    table = OFFERS.replace(
        'error_message = "item.why"',
        'error = "item.error"\nerror_message = "item.why"\nerror_kinds = { "отказ" = "declined" }',
    )
    offers = [
        {"code": 5, "status": "good", "price": 5, "error": "LIMIT", "why": "Лимит"},
        {"code": 6, "status": "good", "price": 5, "error": True, "why": "отказ: возраст"},
        {"code": 7, "status": "good", "price": 6, "error": None},
    ]
    found = read({"status": "ready", "offers": offers}, table=table).outcomes
    assert (found["sk-a"].kind, found["sk-a"].message) == ("server_error", "Лимит")
    assert isinstance(found["sk-b"], Declined)
    assert isinstance(found["rest"], Offer)


def test_who_stands_for_everybody_else_is_not_told_before_all_are_there(read):
    offers = [{"code": 9, "status": "good", "price": 9000}]
    assert read({"status": "wait", "offers": offers}, table=OFFERS).so_far is None


def test_each_members_part_of_one_answer(read):
    offers = [
        {"code": 5, "status": "good", "price": 5000, "name": "СК А"},
        {"code": 6, "status": "no", "price": 4000, "why": "Адрес"},
        {"code": 8, "status": "good", "price": 4500.5, "name": "СК В"},
        {"code": 9, "status": "good", "price": 4400, "name": "СК Г"},
    ]
    found = read({"status": "ready", "offers": offers}, table=OFFERS)
    assert isinstance(found, Several)
    assert str(found.outcomes["sk-a"].premium) == "5000.00"
    assert found.outcomes["sk-b"] == Declined(reason=DeclineReason.OTHER, message="Адрес")
    assert found.outcomes["rest"].offered_by == "СК Г"


def test_who_is_not_named_is_not_answered_for(read):
    one = {"code": 5, "status": "good", "price": 5000}
    assert set(read({"status": "ready", "offers": one}, table=OFFERS).outcomes) == {"sk-a"}
    assert not read({"status": "ready", "offers": []}, table=OFFERS).outcomes
    for wrong in (None, "x", 5):
        with pytest.raises(Trouble, match=r"offers\.items"):
            read({"status": "ready", "offers": wrong}, table=OFFERS)


@pytest.mark.parametrize(
    "item",
    [
        {"status": "good", "price": None},
        {"status": "good", "price": 0},
        {"status": "strange", "price": 4000},
        {"price": 4000},
        {"status": "broken", "price": 4000},
    ],
)
def test_what_is_wrong_with_one_is_no_others_trouble(read, item):
    offers = [{"code": 6, **item}, {"code": 5, "status": "good", "price": 5000}]
    found = read({"status": "ready", "offers": offers}, table=OFFERS).outcomes
    assert isinstance(found["sk-b"], Failed)
    assert isinstance(found["sk-a"], Offer)


def test_of_several_items_of_one_insurer_the_cheapest_offer_counts(read):
    items = [
        {"code": 5, "status": "strange"},
        {"code": 5, "status": "no"},
        {"code": 5, "status": "good", "price": 7000},
        {"code": 5, "status": "good", "price": "6 000,50"},
    ]
    for offers in (items, items[::-1]):
        found = read({"status": "ready", "offers": offers}, table=OFFERS).outcomes
        assert str(found["sk-a"].premium) == "6000.50"


@pytest.mark.parametrize("whole", ["ready", "wait"])
def test_while_one_of_them_is_pending_so_is_the_whole_and_the_others_are_told(read, whole):
    offers = [
        {"code": 5, "status": "good", "price": 1},
        {"code": 6, "status": "good", "price": 2},
        {"code": 6, "status": "wait"},
    ]
    found = read({"status": whole, "offers": offers}, table=OFFERS)
    assert isinstance(found, Pending)
    assert {id_: str(one.premium) for id_, one in found.so_far.outcomes.items()} == {"sk-a": "1.00"}
    assert read({"status": "wait", "offers": None}, table=OFFERS).so_far is None


def test_while_the_whole_is_pending_items_without_a_state_say_nothing(read):
    table = OFFERS.replace('["body.status", "item.status"]', '"body.status"')
    offers = [{"code": 5, "price": 1}]
    assert read({"status": "wait", "offers": offers}, table=table).so_far is None


def test_asked_once_one_that_is_pending_is_checked_by_hand(read):
    offers = [{"code": 5, "status": "good", "price": 1}, {"code": 6, "status": "wait"}]
    once = Stage(polled=False)
    found = read({"status": "ready", "offers": offers}, table=OFFERS, stage=once).outcomes
    assert found["sk-b"].reason is DeclineReason.MANUAL_CHECK


@pytest.mark.parametrize(("word", "reason"), [("no", "other"), ("elsewhere", "redirected")])
def test_a_refusal_of_the_whole_is_everybodys(read, word, reason):
    offers = [{"code": 5, "price": 1, "status": "good"}]
    outcome = read({"status": word, "offers": offers, "price": 1}, table=OFFERS)
    assert (type(outcome), outcome.reason) == (Declined, reason)
