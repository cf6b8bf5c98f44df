"""English words for what applying the tariff has to say. Other languages belong to the clients.

Every text stands beside a stable code; {names} are the params that come with it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from osago_core.application import PROBLEM_CODES

_AS_IN_THE_CHECK = ("power_missing", "max_mass_missing", "seats_missing")
"""Told by `application.check` as well, where whoever asks lets it look first."""

PERHAPS = "; perhaps {suggestions}"
"""Follows why a territory is not known (the words of `osago_core.tariff` for that)."""

PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        **{code: PROBLEM_CODES[code] for code in _AS_IN_THE_CHECK},
        "driver_not_rated": "the tariff has no price for this driver: {detail}",
        "not_rated": "the tariff has no price for this: {detail}",
        "kbm_class_unknown": "choose one of: {choices}",
        "kbm_class_unlimited": "leave the class out; with unlimited drivers none counts",
        "claims_unlimited": "leave the claims out; with unlimited drivers nobody's class counts",
        "kbm_not_counted": "leave it out; no bonus-malus coefficient counts for this vehicle",
        "months_below_least": "choose at least {least} months of use; the law knows no shorter "
        "use of this vehicle (40-FZ, article 16)",
        "months_of_company": "choose {least} months of use; a company may limit the use of special "
        "and agricultural machines only (40-FZ, article 16)",
        "use_months_abroad": "leave the months of use out; for a vehicle registered abroad or in "
        "transit the term of the policy counts",
        "use_months_beyond_term": "choose at most as many months of use as the policy has "
        "({months})",
    }
)

DOUBTS: Mapping[str, str] = MappingProxyType(
    {
        "legal_territory": "a company's vehicle is rated where it is registered; the application "
        "has only the owner's address",
        "short_term": "for a term of {months} months insurers have rules of their own; counted as "
        "that many months of use",
        "months_below_least": "the law knows no use of this vehicle for fewer than {least} months "
        "(40-FZ, article 16); counted as {months}",
        "months_of_company": "a company may limit the use of special and agricultural machines "
        "only (40-FZ, article 16); counted as {months} months of use",
        "kbm_class_presumed": "the bonus-malus class of a driver is not known; the claims are "
        "counted from class {kbm_class}",
    }
)

LEVERS: Mapping[str, str] = MappingProxyType(
    {
        "driver_left_out": "leave out driver {driver}, if that person need not drive",
        "drivers_unlimited": "do not limit the drivers",
        "drivers_unlimited_company": "do not limit the drivers; KBM {kbm} stands for the class of "
        "the organisation, which is not known",
        "driver_birthday": "start no earlier than {day}: driver {driver} is {age} then",
        "driver_experience": "start no earlier than {day}: driver {driver} has {experience} years "
        "of driving then",
        "driver_birthday_april": "start no earlier than {day}: driver {driver} is {age} then; "
        "concluded after 1 April, without a claim until then, KBM is {kbm}",
        "driver_experience_april": "start no earlier than {day}: driver {driver} has {experience} "
        "years of driving then; concluded after 1 April, without a claim until then, KBM is {kbm}",
        "kbm_april": "conclude no earlier than {day}: without a claim until then KBM is {kbm}",
        "use_months": "use the vehicle {months} months of the year",
    }
)
"""What to do. Which coefficients it changes is the param `changed`: "KVS 1.92 → 0.91"."""

KBM_TRANSITION = (
    "class {from_class} ({from_value}), {claims}: from {day} class {to_class} ({to_value})"
)
