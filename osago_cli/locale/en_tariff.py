"""English texts of `osago tariff`: options, headings, coefficients, reasons, doubts, levers."""

TEXTS = {
    "tariff.about.application": "application",
    "tariff.about.formula": "formula",
    "tariff.ahead": "That day is still to come: until then a newer edict may be issued.",
    "tariff.approximate": "Approximate, because:",
    "tariff.by.fias": "by FIAS",
    "tariff.by.kladr": "by KLADR",
    "tariff.by.name": "by name",
    "tariff.by.oktmo": "by OKTMO",
    "tariff.change.already": "{change} (it is so already)",
    "tariff.change.claims": "claims in the year before 1 April: {value}",
    "tariff.change.drivers": "unlimited drivers",
    "tariff.change.kbm_class": "every driver's bonus-malus class: {value}",
    "tariff.change.use_months": "months of use: {value}",
    "tariff.changed.approximate": "Approximate after the change, because:",
    "tariff.changed.difference": "Difference: {range} ({share})",
    "tariff.changed.none": "Difference: none",
    "tariff.changed.premium": "After the change: {range}",
    "tariff.changed.what": "Change: {changes}",
    "tariff.claims": "What if: so many claims before the coming 1 April.",
    "tariff.class.bus_gt16": "bus, more than 16 seats",
    "tariff.class.bus_le16": "bus, up to 16 seats",
    "tariff.class.bus_regular": "bus on regular routes",
    "tariff.class.car_individual": "car of an individual",
    "tariff.class.car_legal": "car of a company",
    "tariff.class.car_taxi": "taxi",
    "tariff.class.moto": "motorcycle",
    "tariff.class.tractor": "tractor",
    "tariff.class.tram": "tram",
    "tariff.class.trolleybus": "trolleybus",
    "tariff.class.truck_gt16t": "lorry, more than 16 t",
    "tariff.class.truck_le16t": "lorry, up to 16 t",
    "tariff.coefficient.base_rate": "TB",
    "tariff.coefficient.kbm": "KBM",
    "tariff.coefficient.km": "KM",
    "tariff.coefficient.kn": "KN",
    "tariff.coefficient.ko": "KO",
    "tariff.coefficient.kp": "KP",
    "tariff.coefficient.kpr": "KPR",
    "tariff.coefficient.ks": "KS",
    "tariff.coefficient.kt": "KT",
    "tariff.coefficient.kvs": "KVS",
    "tariff.column.changed": "Changed",
    "tariff.column.difference": "+/-",
    "tariff.column.from": "When",
    "tariff.column.reason": "Why",
    "tariff.column.saving": "Saves",
    "tariff.column.value": "Value",
    "tariff.column.what": "What",
    "tariff.corridor": "the insurer chooses within this corridor",
    "tariff.doubt.assumed_unchanged": "not known for this edition, taken from that of {since}",
    "tariff.doubt.kbm_class_presumed": (
        "the bonus-malus class of a driver is not known; the claims are counted from class "
        "{kbm_class}"
    ),
    "tariff.doubt.kbm_class_unknown": "the bonus-malus class of a driver is not known",
    "tariff.doubt.legal_territory": (
        "a company's vehicle is rated where it is registered; the application has only the "
        "owner's address"
    ),
    "tariff.doubt.low_confidence": "the sources of this number are weak ({source})",
    "tariff.doubt.maybe_unfriendly": (
        "{value} where the state of registration is on the list of unfriendly ones"
    ),
    "tariff.doubt.months_below_least": (
        "the law knows no use of this vehicle for fewer than {least} months (40-FZ, article 16); "
        "counted as {months}"
    ),
    "tariff.doubt.months_of_company": (
        "a company may limit the use of special and agricultural machines only (40-FZ, article "
        "16); counted as {months} months of use"
    ),
    "tariff.doubt.owner_kbm_unknown": "the bonus-malus class of the organisation is not known",
    "tariff.doubt.presumed_from": "not known for this edition, presumed as in that of {since}",
    "tariff.doubt.short_term": (
        "for a term of {months} months insurers have rules of their own; counted as that many "
        "months of use"
    ),
    "tariff.drivers": "What if: anybody may drive.",
    "tariff.edict": "Edict {edict}, from {date}",
    "tariff.edict.amended": "{edict} as amended",
    "tariff.edict.amended_by": "{edict} as amended by {other}",
    "tariff.edict.amends": "{edict} (amends {other})",
    "tariff.edition": "{edict}; tables from {date}",
    "tariff.help": "What the law lets a policy cost, and why. Asks nobody.",
    "tariff.kbm_class": "What if: every driver of this bonus-malus class, M, 0 … 13.",
    "tariff.kbm_class_bad": "choose one of: {choices}",
    "tariff.lever.driver_birthday": "start on the day when driver {driver} is {age} ({changed})",
    "tariff.lever.driver_birthday_april": (
        "start on the day when driver {driver} is {age}, concluded after 1 April, without a claim "
        "until then ({changed})"
    ),
    "tariff.lever.driver_experience": (
        "start on the day when the driving experience of driver {driver} is {experience} "
        "({changed})"
    ),
    "tariff.lever.driver_experience_april": (
        "start on the day when the driving experience of driver {driver} is {experience}, "
        "concluded after 1 April, without a claim until then ({changed})"
    ),
    "tariff.lever.driver_left_out": (
        "leave out driver {driver}, if that person need not drive ({changed})"
    ),
    "tariff.lever.drivers_unlimited": "do not limit the drivers ({changed})",
    "tariff.lever.drivers_unlimited_company": (
        "do not limit the drivers ({changed}); KBM {kbm} stands for the class of the "
        "organisation, which is not known"
    ),
    "tariff.lever.kbm_april": "conclude from 1 April on, without a claim until then ({changed})",
    "tariff.lever.use_months": "use the vehicle {months} months of the year ({changed})",
    "tariff.levers": "How to pay less, at the same base rate",
    "tariff.levers.before": "How to pay less without these changes, at the same base rate",
    "tariff.levers.more": "{count} more: -o json",
    "tariff.levers.now": "now",
    "tariff.low": "? low confidence",
    "tariff.medium": "~ medium confidence",
    "tariff.missing": (
        "no figure is known for this: {table} in the edition of {version} (edict {edict}), and "
        "nothing takes its place; {hint}"
    ),
    "tariff.missing.edition": "no tariff is known for {day}; {hint}",
    "tariff.missing.other_day": "choose another day with --on",
    "tariff.missing.since": "there are figures from {since} on: choose such a day with --on",
    "tariff.months": "What if: so many months of use.",
    "tariff.multiplier": "Total",
    "tariff.multiplier.why": "premium = TB × total",
    "tariff.on": "By the tariff of that day instead of today's: YYYY-MM-DD.",
    "tariff.on_bad": "write an existing day as YYYY-MM-DD, e.g. 2025-11-01",
    "tariff.one_driver.kbm_class_presumed": (
        "the driver's bonus-malus class is not known; the claims are counted from class {kbm_class}"
    ),
    "tariff.one_driver.kbm_class_unknown": "the driver's bonus-malus class is not known",
    "tariff.own_broken": "the tariff in {folder} has mistakes: {count}",
    "tariff.own_not_found": "the own tariff that {file} names can't be used:",
    "tariff.own_unreadable": (
        "{file} can't be read; calculated with the tariff that osago comes with"
    ),
    "tariff.premium": "Premium: {range}",
    "tariff.premium.approximate": "Premium, approximately: {range}",
    "tariff.problem.claims_unlimited": (
        "leave the claims out; with unlimited drivers nobody's class counts"
    ),
    "tariff.problem.codes_disagree": "{one} and {other} say different things; correct one of them",
    "tariff.problem.driver_not_rated": "the tariff has no price for this driver: {detail}",
    "tariff.problem.kbm_class_unknown": "choose one of: {choices}",
    "tariff.problem.kbm_class_unlimited": "leave the class out; with unlimited drivers none counts",
    "tariff.problem.kbm_not_counted": (
        "leave it out; no bonus-malus coefficient counts for this vehicle"
    ),
    "tariff.problem.months_below_least": (
        "choose at least {least} months of use; the law knows no shorter use of this vehicle "
        "(40-FZ, article 16)"
    ),
    "tariff.problem.months_of_company": (
        "choose {least} months of use; a company may limit the use of special and agricultural "
        "machines only (40-FZ, article 16)"
    ),
    "tariff.problem.not_rated": "the tariff has no price for this: {detail}",
    "tariff.problem.place_elsewhere": (
        "{place} stands under another region in the tariff, not this one: {region}; correct the "
        "region or the place, or add a code if it is another place of that name"
    ),
    "tariff.problem.place_needed": "{region} has several territories; name the place",
    "tariff.problem.place_unclear": (
        "the place may be in more than one territory of {region}; check its name"
    ),
    "tariff.problem.region_unknown": "the tariff does not know this region; check region and place",
    "tariff.problem.territory_unknown": (
        "the tariff does not know this place; check region and place"
    ),
    "tariff.problem.use_months_abroad": (
        "leave the months of use out; for a vehicle registered abroad or in transit the term of "
        "the policy counts"
    ),
    "tariff.problem.use_months_beyond_term": (
        "choose at most as many months of use as the policy has ({months})"
    ),
    "tariff.range": "from {low} to {high}",
    "tariff.reason.drivers_limited": "limited list of drivers",
    "tariff.reason.drivers_unlimited": "unlimited drivers",
    "tariff.reason.given": "as given",
    "tariff.reason.kbm_class": "class {kbm_class}",
    "tariff.reason.kbm_no_history": "no class known, rated as class {kbm_class}",
    "tariff.reason.kbm_organisation": "class {kbm_class} of the owner",
    "tariff.reason.kbm_unlimited": "unlimited drivers",
    "tariff.reason.kbm_worst": "class {kbm_class}, the dearest of {drivers} drivers",
    "tariff.reason.kvs_abroad": "registered abroad",
    "tariff.reason.kvs_driver": "age {age}, driving experience {experience}",
    "tariff.reason.kvs_driver_legal": (
        "age {age}, driving experience {experience}; {base} × {factor}, the owner is a company"
    ),
    "tariff.reason.kvs_unlimited": "unlimited drivers",
    "tariff.reason.kvs_worst": (
        "age {age}, driving experience {experience}, the dearest of {drivers} drivers"
    ),
    "tariff.reason.kvs_worst_legal": (
        "age {age}, driving experience {experience}, the dearest of {drivers} drivers; {base} × "
        "{factor}, the owner is a company"
    ),
    "tariff.reason.power_above": "{power} > {over} hp",
    "tariff.reason.power_band": "{over} < {power} ≤ {to} hp",
    "tariff.reason.term_days": "term of {days} days",
    "tariff.reason.term_months": "term of {months} months",
    "tariff.reason.term_transit": "in transit",
    "tariff.reason.territory": "{name}",
    "tariff.reason.territory_abroad": "registered abroad",
    "tariff.reason.territory_multiplied": "{name}, {base} × {multiplier}",
    "tariff.reason.territory_unfriendly": "registered in an unfriendly state",
    "tariff.reason.trailer": "with a trailer",
    "tariff.reason.trailer_none": "no trailer",
    "tariff.reason.use_months": "{months} months of use",
    "tariff.reason.violations": "gross violations",
    "tariff.reason.violations_none": "no gross violations",
    "tariff.says.fias": "FIAS",
    "tariff.says.kladr": "KLADR",
    "tariff.says.name": "the words",
    "tariff.says.oktmo": "OKTMO",
    "tariff.starts": "The policy starts on {day}: ages and experience are of that day",
    "tariff.suggested": "{text}; perhaps it is: {suggestions}",
    "tariff.table.KBM.transition": "the change of KBM after claims",
    "tariff.table.KM.moto": "KM of motorcycles",
    "tariff.table.KT.foreign": "KT of vehicles registered abroad",
    "tariff.table.KVS.moto": "KVS of motorcycles",
    "tariff.table.TB": "the base rates",
    "tariff.table.cap": "the cap on the premium",
    "tariff.table.formulas": "the formula",
    "tariff.territory": "Territory: {name} ({by})",
    "tariff.unpriced": "problems in the way of a price: {count}",
    "tariff.vehicle": "Vehicle: {vehicle_class}",
}
