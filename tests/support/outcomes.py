"""Every kind of outcome, for properties."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from osago_core.offer import Declined, DeclineReason, Failed, FailureKind, Offer
from osago_core.wire.tariff import Check, Estimate, FailureFindings, OfferFindings, OfferTariff

moments = st.integers(0, 4 * 365 * 86_400_000_000).map(
    lambda micros: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
roubles = st.decimals(0, 10**6, places=2)
offers = st.builds(
    Offer,
    premium=roubles,
    final=st.booleans(),
    base_rate=st.none() | roubles,
    coefficients=st.none() | st.dictionaries(st.sampled_from(["kt", "kbm"]), st.just("1.8")),
    commission=st.none() | roubles,
    valid_until=st.none() | moments,
    payment_url=st.none() | st.just("https://pay.example/1?a=b"),
    insurer_quote_id=st.none() | st.text(max_size=10),
)
outcomes = (
    offers
    | st.builds(Declined, reason=st.sampled_from(DeclineReason), message=st.text())
    | st.builds(
        Failed,
        kind=st.sampled_from(FailureKind),
        message=st.text(),
        retryable=st.booleans(),
        retry_at=st.none() | moments,
    )
)

offer_findings = st.builds(
    OfferFindings,
    tariff=st.none()
    | st.builds(
        OfferTariff,
        base_rate=roubles,
        min=roubles,
        max=roubles,
        position=st.floats(-10, 10),
        approximate=st.booleans(),
    ),
    checks=st.lists(
        st.builds(
            Check,
            code=st.text(),
            severity=st.sampled_from(["info", "warning"]),
            text=st.text(),
            params=st.dictionaries(st.text(), st.text(), max_size=2),
        ),
        max_size=2,
    ).map(tuple),
)
failure_findings = st.builds(
    FailureFindings,
    estimate=st.none()
    | st.builds(
        Estimate,
        premium_low=roubles,
        premium=roubles,
        premium_high=roubles,
        observations=st.integers(1, 1000),
        since=moments.map(datetime.date),
        approximate=st.booleans(),
    ),
)
