"""Russian texts of the problems that an application may have, by code.

The English ones come with each problem (`osago_core.application.problems`).
"""

TEXTS = {
    "problem.bad_characters": "уберите непечатаемые символы",
    "problem.birth_date_implausible": "проверьте дату рождения: это более {years} лет назад",
    "problem.check_digit": "сверьте цифры с документом: контрольная цифра не сходится",
    "problem.contact_missing": (
        "большинство страховщиков требуют телефон и электронную почту страхователя"
    ),
    "problem.date_in_future": "проверьте дату: она ещё не наступила",
    "problem.date_out_of_range": "проверьте год: он должен быть от {first} до {last}",
    "problem.diagnostic_card_expired": (
        "диагностическая карта уже не действует на дату начала полиса"
    ),
    "problem.digit_count": "укажите {count}",
    "problem.division_code": "укажите код подразделения из 6 цифр, например 770-001",
    "problem.document_before_birth": "проверьте обе даты: документ старше своего владельца",
    "problem.document_before_vehicle": (
        "проверьте обе даты: документ старше транспортного средства"
    ),
    "problem.document_number": (
        "укажите от 3 до 30 букв и цифр; между ними могут быть пробелы и дефисы"
    ),
    "problem.document_series": "укажите от 1 до 10 букв и цифр",
    "problem.driver_not_person": ("укажите физическое лицо: организация не может быть водителем"),
    "problem.driver_too_young": (
        "укажите другого водителя: категорией {category} управляют с {age} лет "
        "(на дату начала полиса)"
    ),
    "problem.duplicate_license": (
        "уберите или исправьте одно из двух: такое же удостоверение у {other}"
    ),
    "problem.email_format": "укажите адрес в виде name@example.org",
    "problem.epts_has_no_series": "уберите серию: у электронного паспорта есть только номер",
    "problem.expected_date": "укажите существующую дату в виде ГГГГ-ММ-ДД",
    "problem.expected_drivers": (
        'перечислите водителей в [квадратных скобках] или напишите "unlimited"'
    ),
    "problem.expected_list": "здесь нужен список в [квадратных скобках]",
    "problem.expected_number": "здесь нужно число без кавычек",
    "problem.expected_object": "здесь нужна группа полей в {{фигурных скобках}}",
    "problem.expected_party": ('здесь нужна группа полей в {{фигурных скобках}} или слово "owner"'),
    "problem.expected_text": "здесь нужен текст в кавычках",
    "problem.expected_true_or_false": "здесь нужно true или false без кавычек",
    "problem.expected_whole_number": "здесь нужно целое число без кавычек",
    "problem.experience_after_license": (
        "стаж обычно начинается не позже даты выдачи удостоверения"
    ),
    "problem.experience_before_16": ("проверьте обе даты: стаж не может начаться раньше {age} лет"),
    "problem.fias_format": "укажите код ФИАС: шестнадцатеричные цифры в виде 8-4-4-4-12",
    "problem.foreign_document_only": (
        "выберите sts, pts или epts: иностранный документ бывает только у транспортного "
        "средства с иностранной регистрацией"
    ),
    "problem.invalid_value": "такое значение не принимается; сверьтесь с документацией",
    "problem.kpp_format": "укажите КПП из 9 знаков: 4 цифры, 2 цифры или буквы, 3 цифры",
    "problem.license_before_16": ("проверьте обе даты: удостоверение не выдают раньше {age} лет"),
    "problem.license_series": ("укажите серию: 2 цифры и ещё 2 цифры или буквы, например 99АВ"),
    "problem.max_mass_missing": (
        "укажите разрешённую максимальную массу: для категории {category} от неё зависит цена"
    ),
    "problem.missing_field": "заполните `{field}`: это обязательное поле",
    "problem.name_characters": (
        "напишите имя буквами (внутри возможны пробелы, дефисы и апострофы)"
    ),
    "problem.no_drivers": ('укажите хотя бы одного водителя или напишите "unlimited"'),
    "problem.number_not_positive": "укажите число больше {limit}",
    "problem.number_too_large": "укажите число не больше {limit}",
    "problem.number_too_small": "укажите число не меньше {limit}",
    "problem.passport_before_14": ("проверьте обе даты: паспорт не выдают раньше {age} лет"),
    "problem.passport_expired": (
        "паспорт должны были заменить в {age} лет; страховщик может не найти этот номер"
    ),
    "problem.phone_format": (
        "укажите номер: +7 и ещё 10 цифр; иностранный — с плюсом и кодом страны"
    ),
    "problem.placeholder_number": ("укажите номер из документа: так только занимают место"),
    "problem.plate_characters": "укажите номер из 2–15 букв и цифр",
    "problem.plate_format": (
        "укажите регистрационный знак в виде, подходящем этому транспортному средству, "
        "например {examples}"
    ),
    "problem.power_missing": (
        "укажите мощность двигателя: для категории {category} от неё зависит цена"
    ),
    "problem.seats_missing": (
        "укажите число пассажирских мест: для категории {category} от него зависит цена"
    ),
    "problem.start_far_ahead": (
        "большинство страховщиков не продают полис раньше чем за {days} дней до начала"
    ),
    "problem.start_in_past": "выберите дату начала не в прошлом",
    "problem.start_too_far": "выберите дату начала не позже чем через {days} дней",
    "problem.start_too_soon": "электронный полис обычно начинается не раньше {earliest}",
    "problem.text_too_long": "сократите текст до {limit} знаков",
    "problem.too_many_drivers": ('перечислите не более {limit} водителей или напишите "unlimited"'),
    "problem.too_many_problems": ("ошибок больше {limit}; показаны только первые"),
    "problem.tractor_series_only": (
        "укажите серию: 2 цифры и ещё 2 цифры или буквы; две буквы без цифр бывают "
        "только у тракторов и трактористов"
    ),
    "problem.unknown_choice": "выберите одно из: {choices}",
    "problem.unknown_field": "неизвестное поле `{field}`: уберите его или проверьте написание",
    "problem.unknown_field_similar": (
        "неизвестное поле `{field}`; возможно, имелось в виду `{suggestion}`"
    ),
    "problem.use_longer_than_term": (
        "период использования не может быть длиннее срока полиса ({months} мес.)"
    ),
    "problem.use_missing": (
        "укажите цель использования: для категории {category} от неё зависит цена"
    ),
    "problem.use_unusual": (
        "такая цель использования необычна для категории {category}; проверьте обе"
    ),
    "problem.vehicle_document_series": (
        "укажите серию: 2 цифры и ещё 2 цифры или буквы, например 77УХ"
    ),
    "problem.vehicle_number_missing": (
        "заполните хотя бы одно из полей vin, body_number и chassis_number"
    ),
    "problem.vehicle_year_in_future": "проверьте год: он не может быть позже {limit}",
    "problem.vin_characters": (
        "напишите VIN цифрами и латинскими буквами; букв I, O и Q в нём не бывает"
    ),
    "problem.vin_length": "VIN состоит из 17 знаков, здесь {count}",
}
