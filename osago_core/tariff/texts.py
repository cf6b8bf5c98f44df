"""English words for reason and doubt codes. Other languages belong to the clients."""

from collections.abc import Mapping
from decimal import Decimal

REASONS: Mapping[str, str] = {
    "given": "as given",
    "territory": "{name}",
    "territory_multiplied": "{name}, {base} × {multiplier}",
    "territory_abroad": "registered abroad",
    "territory_unfriendly": "registered in an unfriendly state",
    "kbm_class": "class {kbm_class}",
    "kbm_worst": "class {kbm_class}, the dearest of {drivers} drivers",
    "kbm_no_history": "no class known, rated as class {kbm_class}",
    "kbm_unlimited": "unlimited drivers",
    "kbm_organisation": "class {kbm_class} of the owner",
    "kvs_driver": "age {age}, {experience} years of driving",
    "kvs_worst": "age {age}, {experience} years of driving, the dearest of {drivers} drivers",
    "kvs_driver_legal": "age {age}, {experience} years of driving; {base} × {factor}, legal owner",
    "kvs_worst_legal": (
        "age {age}, {experience} years of driving, the dearest of {drivers} drivers; "
        "{base} × {factor}, legal owner"
    ),
    "kvs_unlimited": "unlimited drivers",
    "kvs_abroad": "registered abroad",
    "drivers_limited": "limited list of drivers",
    "drivers_unlimited": "unlimited drivers",
    "power_band": "{over} < {power} ≤ {to} hp",
    "power_above": "{power} > {over} hp",
    "use_months": "{months} months of use",
    "term_months": "term of {months} months",
    "term_days": "term of {days} days",
    "term_transit": "in transit",
    "violations_none": "no gross violations",
    "violations": "gross violations",
    "trailer_none": "no trailer",
    "trailer": "with a trailer",
}

DOUBTS: Mapping[str, str] = {
    "low_confidence": "the sources of this number are weak ({source})",
    "assumed_unchanged": "not known for this edition, taken from that of {since}",
    "kbm_class_unknown": "the bonus-malus class of a driver is not known",
    "owner_kbm_unknown": "the bonus-malus class of the organisation is not known",
    "maybe_unfriendly": "{value} where the state of registration is on the list of unfriendly ones",
    "presumed_from": "not known for this edition, presumed as in that of {since}",
}


def plain(value: Decimal) -> str:
    """Write a coefficient as people do: at least two decimals, no exponent, no idle zeros."""
    text = f"{value.normalize():f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"


def number(value: Decimal) -> str:
    """Write a number without idle zeros: 136, 120.5."""
    return f"{value.normalize():f}"
