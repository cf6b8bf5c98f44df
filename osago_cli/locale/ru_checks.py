"""Russian texts of what the tariff says of an offer, or of an insurer that is silent."""

TEXTS = {
    "check.approximately": "{text} (приблизительно: не все коэффициенты известны точно)",
    "check.base_rate_above": (
        "получается базовая ставка {base_rate}, это выше законного максимума {max}"
    ),
    "check.base_rate_below": (
        "получается базовая ставка {base_rate}, это ниже законного минимума {min}"
    ),
    "check.base_rate_differs": (
        "базовая ставка названа {theirs}, а премия получается из ставки {base_rate}"
    ),
    "check.coefficient_differs": "{name}: у страховщика {theirs}, по тарифу {ours}",
    "check.full_year_suspected": (
        "цена за полный год? Она подходит к КС 1,00, а не к {ks} за {months} мес. использования"
    ),
    "check.kbm_differs": "КБМ: у страховщика {theirs}, по заявке {ours}",
    "check.kbm_reported": "КБМ: у страховщика {theirs}; мы могли лишь предположить {ours}",
    "check.kopecks_suspected": "копейки? В сто раз меньше, {lawful}, было бы по закону",
    "check.roubles_suspected": (
        "рубли приняты за копейки? В сто раз больше, {lawful}, было бы по закону"
    ),
    "check.short.base_rate_above": "ТБ {base_rate} выше {max}",
    "check.short.base_rate_below": "ТБ {base_rate} ниже {min}",
    "check.short.base_rate_differs": "ТБ {theirs}, на деле {base_rate}",
    "check.short.coefficient_differs": "{name} {theirs}, а не {ours}",
    "check.short.full_year_suspected": "цена за год?",
    "check.short.kbm_differs": "КБМ {theirs}, а не {ours}",
    "check.short.kbm_reported": "КБМ {theirs}",
    "check.short.kopecks_suspected": "копейки?",
    "check.short.roubles_suspected": "занижено в 100 раз?",
    "check.not_checked": "не сверено с тарифом: {why}",
    "done.best_doubtful": "Лучшее: {insurer}, {premium} — сомнительно: {why}",
    "done.best_sound": "без сомнений лучшее: {insurer}, {premium}",
    "estimate.approximate": "обычно {premiums} (грубая оценка по {answers}, не предложение)",
    "estimate.median": "около {premium}, {premiums}",
    "estimate.usual": "обычно {premiums} (оценка по {answers}, не предложение)",
    "estimate.wider": "{answers}, в том числе для других водителей и мощностей",
    "kbm.differ": "КБМ, расходятся {differing} из {asked}: {groups}",
    "kbm.differ_one": "КБМ, расходится {differing} из {asked}: {groups}",
    "kbm.group": "{value} — {insurers}",
    "kbm.group_ours": "{value}, как по заявке — {insurers}",
    "kbm.insurers_differ": "КБМ, страховщики расходятся: {groups}",
    "kbm.nobody": "никто",
    "kbm.presumed": "КБМ, класс неизвестен, предположили {ours}; у страховщиков {groups}",
    "kbm.with_class": "{value} (класс\N{NO-BREAK SPACE}{kbm_class})",
    "offer.doubtful": "!\N{NO-BREAK SPACE}{premium}",
    "offer.standing": "ТБ\N{NO-BREAK SPACE}{base_rate} ({percent}\N{NO-BREAK SPACE}% коридора)",
    "offer.standing_approximate": (
        "ТБ\N{NO-BREAK SPACE}≈\N{NO-BREAK SPACE}{base_rate} ({percent}\N{NO-BREAK SPACE}% коридора)"
    ),
    "offer.standing_outside": "ТБ\N{NO-BREAK SPACE}≈\N{NO-BREAK SPACE}{base_rate}",
}
