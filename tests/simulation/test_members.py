"""Worlds in which some insurers are brokers: one answer of theirs is that of three members.

The broker's own part (requests, breaker, limits, what is left) is judged as any insurer's; its
members' part by what a run owes its client, member by member.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from osago_core.offer import Declined, Offer
from osago_daemon.insurers.port import Several
from osago_daemon.quoting.desk import QuoteDesk
from osago_daemon.quoting.insurer import members_of
from tests.simulation.adapter import PretendInsurer
from tests.simulation.invariants import ALL, budget, fairness, runs
from tests.simulation.ledger import Answer
from tests.simulation.plan import Plan, plan_of
from tests.simulation.world import Evidence, House, run_world

RUNS = 8
SEEDS = 64
CHUNK = 16
OFFERS, DECLINES, UNNAMED = "abc"
"""What becomes of each member where the broker has an offer."""

OF_PLAIN_INSURERS = {
    # These look a run's insurers up among those that are asked.
    runs.no_outcome_is_invented,
    fairness.nobody_is_refused_who_had_a_chance,
    fairness.what_is_decided_in_time_is_told,
    budget.nobody_gives_up_who_can_afford_a_retry,
}


def brokers(plan: Plan) -> set[str]:
    """Every other insurer of a world, its first one in any case."""
    return {insurer.id for insurer in plan.insurers[::2]}


def members(broker: str) -> dict[str, str]:
    return {f"{broker}-{letter}": f"{broker} {letter}".upper() for letter in "abc"}


def told_of(plan: Plan) -> Plan:
    """The world of which quotes ask for members: all of them, or some."""
    random = Random(repr((plan.seed, "members")))

    def asked(insurer: str) -> list[str]:
        if insurer not in brokers(plan):
            return [insurer]
        ids = list(members(insurer))
        return ids if random.random() < 0.5 else random.sample(ids, random.randint(1, 2))

    quotes = [
        replace(quote, insurers=tuple(id_ for each in quote.insurers for id_ in asked(each)))
        for quote in plan.quotes
    ]
    isolations = [replace(each, insurer=asked(each.insurer)[0]) for each in plan.isolations]
    return replace(plan, quotes=tuple(quotes), isolations=tuple(isolations))


class Broker(PretendInsurer):
    """Makes three insurers' part of what it decided, one of them by leaving it out."""

    async def _send(self, call, step, **how):
        reply = await super()._send(call, step, **how)
        if not isinstance(reply, Offer | Declined):
            return reply
        (answer,) = self._ledger.answers.pop((self._whose(call), self._server.plan.id))
        several = self._several(reply)
        for id_, outcome in several.outcomes.items():
            noted = self._ledger.answers.setdefault((self._whose(call), id_), [])
            noted.append(Answer(outcome, answer.at))
        return several

    def _several(self, reply: Offer | Declined) -> Several:
        id_ = self._server.plan.id
        if isinstance(reply, Declined):
            return Several(dict.fromkeys(members(id_), reply))
        no = Declined(reason="other", message=f"{reply.insurer_quote_id} no")
        return Several({f"{id_}-{OFFERS}": reply, f"{id_}-{DECLINES}": no})


class BrokersDesk(QuoteDesk):
    """A desk whose insurers after a reload are brokers again: the world renews one by one."""

    def line_up(self, insurers, appraiser):
        made = {}
        for insurer in insurers:
            renewed = insurer
            if insurer.via is not None:
                renewed = replace(insurer.via, pipeline=insurer.pipeline)
            made[renewed.id] = renewed
        again = [
            each
            for insurer in made.values()
            for each in members_of(
                insurer, members(insurer.id) if insurer.members else {}, insurer.members
            )
        ]
        return super().line_up(again, appraiser)


def house(plan: Plan) -> House:
    """A daemon whose brokers have members."""

    def adapter(server, *rest):
        kind = Broker if server.plan.id in brokers(plan) else PretendInsurer
        return kind(server, *rest)

    def desk(tasks, insurers, around):
        made = [
            each
            for insurer in insurers
            for each in members_of(
                insurer, members(insurer.id) if insurer.id in brokers(plan) else {}
            )
        ]
        return BrokersDesk(tasks, made, around)

    return House(desk=desk, adapter=adapter)


def one_create_is_all(evidence: Evidence) -> Iterator[str]:
    """However many members a run asks for, its broker is asked once, under one key."""
    creates = defaultdict(set)
    for request in evidence.ledger.requests:
        if request.step == "create":
            creates[request.run, request.insurer].add((request.exchange, request.key))
    for (run, insurer), exchanges in creates.items():
        if len(exchanges) > 1:
            yield f"{run}: {insurer} was asked {len(exchanges)} times"


def no_members_outcome_is_anothers(evidence: Evidence) -> Iterator[str]:
    """An offer or a decline is what the broker said of that very member, or its silence."""
    for record in evidence.records:
        for event, _at in runs.outcomes_of(record):
            id_, answers = event["insurer"], evidence.ledger.answers
            if event["type"] == "failed":
                continue
            said = [one.outcome for one in answers.get((record.run.id, id_), [])]
            unnamed = id_.endswith(f"-{UNNAMED}") and not said
            if unnamed and (event["type"], event["message"]) != ("declined", ""):
                yield f"{record.run.id}: {id_} was not named, and is told as {event['type']}"
            if not unnamed and not any(runs._tells(event, outcome) for outcome in said):
                yield f"{record.run.id}: {id_} never gave {event['type']}"


def one_answer_is_told_in_one_piece(evidence: Evidence) -> Iterator[str]:
    """All members of a run's broker at one moment, and all of them or none as failed."""
    for record in evidence.records:
        told = defaultdict(set)
        for event, at in runs.outcomes_of(record):
            if "-" in event["insurer"]:
                told[event["insurer"][:-2]].add((at, event["type"] == "failed"))
        for broker, moments in told.items():
            if len(moments) > 1:
                yield f"{record.run.id}: {broker}'s members were told at {sorted(moments)}"


OWN = (one_create_is_all, no_members_outcome_is_anothers, one_answer_is_told_in_one_piece)


def complaints(seed: int) -> list[str]:
    plan = told_of(plan_of(seed, RUNS))
    evidence = run_world(plan, house(plan))
    judged = [invariant for invariant in ALL if invariant not in OF_PLAIN_INSURERS]
    return [
        f"seed {seed}: {invariant.__name__}: {complaint}"
        for invariant in (*judged, *OWN)
        for complaint in invariant(evidence)
    ]


@pytest.mark.parametrize("first", range(1, SEEDS + 1, CHUNK))
def test_no_world_with_brokers_violates_an_invariant(first):
    found = [line for seed in range(first, first + CHUNK) for line in complaints(seed)]
    assert not found, "\n".join(found)


def test_the_worlds_have_what_they_are_about():
    """Members with an offer, a decline, or not named at all; asked for alone and together."""
    seen = set()
    for seed in range(1, 9):
        plan = told_of(plan_of(seed, RUNS))
        evidence = run_world(plan, house(plan))
        for record in evidence.records:
            asked = [id_ for id_ in record.quote.insurers if "-" in id_]
            seen.add("alone" if len(asked) == 1 else "together")
            for event, _at in runs.outcomes_of(record):
                if "-" in event["insurer"]:
                    seen.add((event["insurer"][-1], event["type"]))
    assert {"alone", "together", ("a", "offer"), ("b", "declined"), ("c", "declined")} <= seen


class Twice(Broker):
    """A broker's adapter that creates for each of its members."""

    async def quote(self, call):
        await super().quote(call)
        return await super().quote(call)


def test_a_broker_that_is_asked_twice_is_found():
    plan = told_of(plan_of(3, RUNS))
    twice = House(desk=house(plan).desk, adapter=Twice)
    evidence = run_world(plan, twice)
    assert list(one_create_is_all(evidence))
