"""Cross-checks of owner and policyholder."""

from collections.abc import Iterator
from datetime import date, timedelta

from osago_core.application.facts import Facts, PartyFacts
from osago_core.application.problems import Problem, problem
from osago_core.application.rules.days import (
    before_age,
    check_birth_date,
    check_past,
    years_after,
)

PASSPORT_AGE = 14
"""A Russian passport is issued from this age; insurers' forms ask for no less."""

RENEWAL_AGES = (20, 45)
"""Ages at which a Russian passport is replaced; insurers do not find the old one."""

RENEWAL_GRACE = timedelta(days=90)
"""How long we say nothing: replacing it takes time. An assumption, hence a warning only."""


def check(facts: Facts, today: date) -> Iterator[Problem]:
    """Check the people and companies, and whether insurers can reach the policyholder."""
    for party in facts.people:
        yield from check_birth_date(f"{party.path}.birth_date", party.birth_date, today)
        yield from _passport(party, today)
    payer = facts.policyholder or facts.owner
    if payer is not None and not payer.has_contacts:
        yield problem(payer.path, "contact_missing")


def _passport(party: PartyFacts, today: date) -> Iterator[Problem]:
    path = f"{party.path}.passport.issue_date"
    issued, born = party.passport_issued, party.birth_date
    yield from check_past(path, issued, today)
    if before_age(issued, born, 0):
        yield problem(path, "document_before_birth")
    elif party.passport_kind == "passport_rf" and before_age(issued, born, PASSPORT_AGE):
        yield problem(path, "passport_before_14", age=PASSPORT_AGE)
    elif party.passport_kind == "passport_rf" and issued is not None and born is not None:
        for age in RENEWAL_AGES:
            if issued < years_after(born, age) < today - RENEWAL_GRACE:
                yield problem(path, "passport_expired", age=age)
                break
