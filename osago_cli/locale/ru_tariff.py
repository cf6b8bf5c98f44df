"""Russian texts of `osago tariff`: options, headings, coefficients, reasons, doubts, levers."""

TEXTS = {
    "tariff.about.application": "заявка",
    "tariff.about.formula": "формула",
    "tariff.ahead": "Этот день ещё не наступил: до него может выйти новое указание.",
    "tariff.approximate": "Приблизительно, потому что:",
    "tariff.by.fias": "по коду ФИАС",
    "tariff.by.kladr": "по коду КЛАДР",
    "tariff.by.name": "по названию",
    "tariff.by.oktmo": "по коду ОКТМО",
    "tariff.change.already": "{change} (так уже и есть)",
    "tariff.change.claims": "выплат за год до ближайшего 1 апреля: {value}",
    "tariff.change.drivers": "водители без ограничений",
    "tariff.change.kbm_class": "класс КБМ всех водителей: {value}",
    "tariff.change.use_months": "период использования, мес.: {value}",
    "tariff.changed.approximate": "После изменения приблизительно, потому что:",
    "tariff.changed.difference": "Разница: {range} ({share})",
    "tariff.changed.none": "Разница: нет",
    "tariff.changed.premium": "После изменения: {range}",
    "tariff.changed.what": "Изменение: {changes}",
    "tariff.claims": "Что если: столько выплат до ближайшего 1 апреля.",
    "tariff.class.bus_gt16": "автобус, больше 16 мест",
    "tariff.class.bus_le16": "автобус, до 16 мест",
    "tariff.class.bus_regular": "автобус на регулярных маршрутах",
    "tariff.class.car_individual": "легковой автомобиль физического лица",
    "tariff.class.car_legal": "легковой автомобиль организации",
    "tariff.class.car_taxi": "такси",
    "tariff.class.moto": "мотоцикл",
    "tariff.class.tractor": "трактор",
    "tariff.class.tram": "трамвай",
    "tariff.class.trolleybus": "троллейбус",
    "tariff.class.truck_gt16t": "грузовой автомобиль, больше 16 т",
    "tariff.class.truck_le16t": "грузовой автомобиль, до 16 т",
    "tariff.coefficient.base_rate": "ТБ",
    "tariff.coefficient.kbm": "КБМ",
    "tariff.coefficient.km": "КМ",
    "tariff.coefficient.kn": "КН",
    "tariff.coefficient.ko": "КО",
    "tariff.coefficient.kp": "КП",
    "tariff.coefficient.kpr": "КПР",
    "tariff.coefficient.ks": "КС",
    "tariff.coefficient.kt": "КТ",
    "tariff.coefficient.kvs": "КВС",
    "tariff.column.changed": "Станет",
    "tariff.column.difference": "+/-",
    "tariff.column.from": "Когда",
    "tariff.column.reason": "Почему",
    "tariff.column.saving": "Экономия",
    "tariff.column.value": "Значение",
    "tariff.column.what": "Что изменить",
    "tariff.corridor": "в этих пределах выбирает страховщик",
    "tariff.doubt.assumed_unchanged": (
        "для этой редакции значение неизвестно, взято из редакции от {since}"
    ),
    "tariff.doubt.kbm_class_presumed": (
        "класс КБМ одного из водителей неизвестен; выплаты считаются от класса {kbm_class}"
    ),
    "tariff.doubt.kbm_class_unknown": "класс КБМ одного из водителей неизвестен",
    "tariff.doubt.legal_territory": (
        "транспорт организации оценивается по месту его регистрации, а в заявке есть только "
        "адрес собственника"
    ),
    "tariff.doubt.low_confidence": "источники этого числа ненадёжны ({source})",
    "tariff.doubt.maybe_unfriendly": (
        "{value}, если страна регистрации входит в перечень недружественных"
    ),
    "tariff.doubt.months_below_least": (
        "по закону период использования здесь не меньше {least} мес. (40-ФЗ, статья 16); "
        "посчитано как {months} мес."
    ),
    "tariff.doubt.months_of_company": (
        "организация может ограничить использование только специальной и сельскохозяйственной "
        "техники (40-ФЗ, статья 16); посчитано как {months} мес. использования"
    ),
    "tariff.doubt.owner_kbm_unknown": "класс КБМ организации неизвестен",
    "tariff.doubt.presumed_from": "для этой редакции неизвестна, принята как в редакции от {since}",
    "tariff.doubt.short_term": (
        "для срока {months} мес. у страховщиков свои правила; посчитано как столько же месяцев "
        "использования"
    ),
    "tariff.drivers": "Что если: водители без ограничений.",
    "tariff.edict": "Указание {edict}, с {date}",
    "tariff.edict.amended": "{edict} с изменениями",
    "tariff.edict.amended_by": "{edict} в редакции {other}",
    "tariff.edict.amends": "{edict} (изменяет {other})",
    "tariff.edition": "{edict}; таблицы с {date}",
    "tariff.help": "Сколько полис может стоить по закону и почему. Никого не опрашивает.",
    "tariff.kbm_class": "Что если: у всех водителей этот класс КБМ, M, 0 … 13.",
    "tariff.kbm_class_bad": "выберите одно из: {choices}",
    "tariff.lever.driver_birthday": (
        "начать в день, когда водителю {driver} исполнится {age} ({changed})"
    ),
    "tariff.lever.driver_birthday_april": (
        "начать в день, когда водителю {driver} исполнится {age}, заключив договор после 1 "
        "апреля, если до тех пор не будет выплат ({changed})"
    ),
    "tariff.lever.driver_experience": (
        "начать в день, когда стаж водителя {driver} достигнет {experience} ({changed})"
    ),
    "tariff.lever.driver_experience_april": (
        "начать в день, когда стаж водителя {driver} достигнет {experience}, заключив договор "
        "после 1 апреля, если до тех пор не будет выплат ({changed})"
    ),
    "tariff.lever.driver_left_out": (
        "исключить водителя {driver}, если он не будет управлять ({changed})"
    ),
    "tariff.lever.drivers_unlimited": "не ограничивать список водителей ({changed})",
    "tariff.lever.drivers_unlimited_company": (
        "не ограничивать список водителей ({changed}); КБМ {kbm} стоит вместо класса "
        "организации, который неизвестен"
    ),
    "tariff.lever.kbm_april": (
        "заключить договор с 1 апреля, если до тех пор не будет выплат ({changed})"
    ),
    "tariff.lever.use_months": "использовать {months} мес. в году ({changed})",
    "tariff.levers": "Как дешевле, при той же базовой ставке",
    "tariff.levers.before": "Как дешевле (без этих изменений), при той же базовой ставке",
    "tariff.levers.more": "ещё {count}: -o json",
    "tariff.levers.now": "сразу",
    "tariff.low": "? ненадёжный источник",
    "tariff.medium": "~ источник средней надёжности",
    "tariff.missing": (
        "для этого случая нет данных: {table} в редакции от {version} (указание {edict}), "
        "заменить их нечем; {hint}"
    ),
    "tariff.missing.edition": "тариф на {day} неизвестен; {hint}",
    "tariff.missing.other_day": "выберите другой день через --on",
    "tariff.missing.since": "данные есть с {since}: выберите такой день через --on",
    "tariff.months": "Что если: столько месяцев использования.",
    "tariff.multiplier": "Итог",
    "tariff.multiplier.why": "премия = ТБ × итог",
    "tariff.on": "По тарифу этого дня вместо сегодняшнего: ГГГГ-ММ-ДД.",
    "tariff.on_bad": "укажите существующую дату в виде ГГГГ-ММ-ДД или ДД.ММ.ГГГГ",
    "tariff.one_driver.kbm_class_presumed": (
        "класс КБМ водителя неизвестен; выплаты считаются от класса {kbm_class}"
    ),
    "tariff.one_driver.kbm_class_unknown": "класс КБМ водителя неизвестен",
    "tariff.own_broken": "в тарифе {folder} ошибок: {count}",
    "tariff.own_not_found": "свой тариф, указанный в {file}, использовать нельзя:",
    "tariff.own_unreadable": "{file} прочитать нельзя; посчитано по тарифу из поставки osago",
    "tariff.premium": "Премия: {range}",
    "tariff.premium.approximate": "Премия приблизительно: {range}",
    "tariff.problem.claims_unlimited": (
        "уберите выплаты: без ограничения водителей ничей класс не учитывается"
    ),
    "tariff.problem.codes_disagree": (
        "{one} и {other} указывают на разные места; исправьте одно из двух"
    ),
    "tariff.problem.driver_not_rated": "в тарифе нет цены для этого водителя: {detail}",
    "tariff.problem.kbm_class_unknown": "выберите одно из: {choices}",
    "tariff.problem.kbm_class_unlimited": (
        "уберите класс: без ограничения водителей он не учитывается"
    ),
    "tariff.problem.kbm_not_counted": "уберите: для этого транспорта КБМ не учитывается",
    "tariff.problem.months_below_least": (
        "укажите не меньше {least} мес. использования: меньший период закон здесь не допускает "
        "(40-ФЗ, статья 16)"
    ),
    "tariff.problem.months_of_company": (
        "укажите {least} мес. использования: организация может ограничить использование только "
        "специальной и сельскохозяйственной техники (40-ФЗ, статья 16)"
    ),
    "tariff.problem.not_rated": "в тарифе нет цены для этого случая: {detail}",
    "tariff.problem.place_elsewhere": (
        "{place} в тарифе относится к другому региону, не к указанному: {region}; исправьте регион "
        "или населённый пункт, а если это другое место с тем же названием, добавьте его код"
    ),
    "tariff.problem.place_needed": "{region}: здесь несколько территорий; укажите населённый пункт",
    "tariff.problem.place_unclear": (
        "{region}: населённый пункт может относиться к нескольким территориям; проверьте название"
    ),
    "tariff.problem.region_unknown": (
        "тариф не знает такого региона; проверьте регион и населённый пункт"
    ),
    "tariff.problem.territory_unknown": (
        "тариф не знает этого места; проверьте регион и населённый пункт"
    ),
    "tariff.problem.use_months_abroad": (
        "уберите месяцы использования: при регистрации в другой стране и при транзите "
        "учитывается срок полиса"
    ),
    "tariff.problem.use_months_beyond_term": (
        "период использования не может быть длиннее срока полиса ({months} мес.)"
    ),
    "tariff.range": "от {low} до {high}",
    "tariff.reason.drivers_limited": "ограниченный список водителей",
    "tariff.reason.drivers_unlimited": "водители без ограничений",
    "tariff.reason.given": "как указано",
    "tariff.reason.kbm_class": "класс {kbm_class}",
    "tariff.reason.kbm_no_history": "класс неизвестен, считается как класс {kbm_class}",
    "tariff.reason.kbm_organisation": "класс {kbm_class} собственника",
    "tariff.reason.kbm_unlimited": "водители без ограничений",
    "tariff.reason.kbm_worst": "класс {kbm_class}, самый дорогой из {drivers} водителей",
    "tariff.reason.kvs_abroad": "регистрация в другой стране",
    "tariff.reason.kvs_driver": "возраст {age}, стаж {experience}",
    "tariff.reason.kvs_driver_legal": (
        "возраст {age}, стаж {experience}; {base} × {factor}, собственник — организация"
    ),
    "tariff.reason.kvs_unlimited": "водители без ограничений",
    "tariff.reason.kvs_worst": (
        "возраст {age}, стаж {experience}, самый дорогой из {drivers} водителей"
    ),
    "tariff.reason.kvs_worst_legal": (
        "возраст {age}, стаж {experience}, самый дорогой из {drivers} водителей; {base} × "
        "{factor}, собственник — организация"
    ),
    "tariff.reason.power_above": "{power} > {over} л.с.",
    "tariff.reason.power_band": "{over} < {power} ≤ {to} л.с.",
    "tariff.reason.term_days": "срок полиса, дней: {days}",
    "tariff.reason.term_months": "срок полиса {months} мес.",
    "tariff.reason.term_transit": "следует к месту регистрации",
    "tariff.reason.territory": "{name}",
    "tariff.reason.territory_abroad": "регистрация в другой стране",
    "tariff.reason.territory_multiplied": "{name}, {base} × {multiplier}",
    "tariff.reason.territory_unfriendly": "регистрация в недружественной стране",
    "tariff.reason.trailer": "с прицепом",
    "tariff.reason.trailer_none": "без прицепа",
    "tariff.reason.use_months": "период использования {months} мес.",
    "tariff.reason.violations": "грубые нарушения",
    "tariff.reason.violations_none": "грубых нарушений нет",
    "tariff.says.fias": "код ФИАС",
    "tariff.says.kladr": "код КЛАДР",
    "tariff.says.name": "слова",
    "tariff.says.oktmo": "код ОКТМО",
    "tariff.starts": "Полис начинается {day}: возраст и стаж на этот день",
    "tariff.suggested": "{text}; возможно, это: {suggestions}",
    "tariff.table.KBM.transition": "изменение КБМ после выплат",
    "tariff.table.KM.moto": "КМ мотоциклов",
    "tariff.table.KT.foreign": "КТ при регистрации в другой стране",
    "tariff.table.KVS.moto": "КВС мотоциклов",
    "tariff.table.TB": "базовые ставки",
    "tariff.table.cap": "предел премии",
    "tariff.table.formulas": "формула",
    "tariff.territory": "Территория: {name} ({by})",
    "tariff.unpriced": "премию рассчитать нельзя, причин: {count}",
    "tariff.vehicle": "Транспорт: {vehicle_class}",
}
