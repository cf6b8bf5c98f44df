"""Outcomes are told the same, whether they were just read or kept as they were written."""

from hypothesis import given
from hypothesis import strategies as st

from osago_core.offer import Failed, Offer
from osago_core.wire.codec import decode_event, encode_event
from osago_core.wire.events import DeclinedEvent, FailedEvent, OfferEvent, Source
from osago_core.wire.told import Envelope, encode_told, write
from tests.support.outcomes import failure_findings, moments, offer_findings, outcomes

envelopes = st.builds(
    Envelope,
    quote_id=st.text(),
    seq=st.integers(1, 10**6),
    at=moments,
    insurer=st.text(),
    insurer_name=st.text(),
    elapsed_ms=st.integers(0, 10**6),
    source=st.sampled_from(Source),
    answered_at=st.none() | moments,
    attempts=st.integers(1, 20),
)

EVENTS = {"offer": OfferEvent, "declined": DeclinedEvent, "failed": FailedEvent}


def event_of(envelope, outcome, type_):
    fields = {**envelope._asdict(), **dict(outcome)}
    if type_ != "offer":
        del fields["insurer_name"]
    return EVENTS[type_](**fields)


@given(envelopes, outcomes, st.none() | offer_findings, st.none() | failure_findings)
def test_a_spliced_line_is_the_one_that_the_model_makes(envelope, outcome, of_offer, of_failure):
    findings = {Offer: of_offer, Failed: of_failure}.get(type(outcome))
    written = write(outcome, findings)
    event = event_of(envelope, outcome, written.type)
    event = event.model_copy(update=dict(findings or ()))
    line = encode_told(envelope, written)
    assert line == encode_event(event)
    assert decode_event(line) == event


@given(outcomes)
def test_what_is_best_is_known_without_reading(outcome):
    premium = outcome.premium if isinstance(outcome, Offer) else None
    assert write(outcome).premium == premium
