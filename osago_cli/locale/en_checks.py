"""English texts of what the tariff says of an offer, or of an insurer that is silent."""

TEXTS = {
    "check.approximately": "{text} (approximately: not every coefficient is certain)",
    "check.base_rate_above": (
        "the base rate behind it, {base_rate}, is above the highest lawful one, {max}"
    ),
    "check.base_rate_below": (
        "the base rate behind it, {base_rate}, is below the lowest lawful one, {min}"
    ),
    "check.base_rate_differs": (
        "they name the base rate {theirs}, their premium comes from {base_rate}"
    ),
    "check.coefficient_differs": "{name}: they use {theirs}, the tariff gives {ours}",
    "check.full_year_suspected": (
        "the price of a full year? It fits KS 1.00, not {ks} for {months} months of use"
    ),
    "check.kbm_differs": "KBM: they use {theirs}, the application gives {ours}",
    "check.kbm_reported": "KBM: they use {theirs}; {ours} could only be presumed",
    "check.kopecks_suspected": "kopecks? A hundredth of it, {lawful}, would be lawful",
    "check.roubles_suspected": (
        "read as kopecks? A hundred times as much, {lawful}, would be lawful"
    ),
    "check.short.base_rate_above": "TB {base_rate} above {max}",
    "check.short.base_rate_below": "TB {base_rate} below {min}",
    "check.short.base_rate_differs": "TB {theirs}, really {base_rate}",
    "check.short.coefficient_differs": "{name} {theirs}, not {ours}",
    "check.short.full_year_suspected": "price of a year?",
    "check.short.kbm_differs": "KBM {theirs}, not {ours}",
    "check.short.kbm_reported": "KBM {theirs}",
    "check.short.kopecks_suspected": "kopecks?",
    "check.short.roubles_suspected": "100 times too low?",
    "check.not_checked": "not checked against the tariff: {why}",
    "done.best_doubtful": "Best: {insurer}, {premium} — doubtful: {why}",
    "done.best_sound": "best beyond doubt: {insurer}, {premium}",
    "estimate.approximate": ("usually {premiums} (roughly estimated from {answers}, not an offer)"),
    "estimate.median": "around {premium}, {premiums}",
    "estimate.usual": "usually {premiums} (estimated from {answers}, not an offer)",
    "estimate.wider": "{answers}, for other drivers and powers too",
    "kbm.differ": "KBM, {differing} of {asked} differ: {groups}",
    "kbm.differ_one": "KBM, {differing} of {asked} differs: {groups}",
    "kbm.group": "{value} — {insurers}",
    "kbm.group_ours": "{value}, as by the application — {insurers}",
    "kbm.insurers_differ": "KBM, the insurers differ: {groups}",
    "kbm.nobody": "nobody",
    "kbm.presumed": "KBM, the class is not known, {ours} is presumed; the insurers use {groups}",
    "kbm.with_class": "{value} (class\N{NO-BREAK SPACE}{kbm_class})",
    "offer.doubtful": "!\N{NO-BREAK SPACE}{premium}",
    "offer.standing": "base rate {base_rate} ({percent}% of the corridor)",
    "offer.standing_approximate": "base rate ≈ {base_rate} ({percent}% of the corridor)",
    "offer.standing_outside": "base rate ≈ {base_rate}",
}
