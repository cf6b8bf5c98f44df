"""Russian texts of `osago config`."""

TEXTS = {
    "config.check.help": "Найти сразу все ошибки в insurers.toml. Никого не спрашивает.",
    "config.dictionary": "записей: {count}",
    "config.default": "по умолчанию",
    "config.failed": "наша ошибка: проверить insurers.toml не удалось (см. выше)",
    "config.help": "Проверить insurers.toml, показать значения, начать новый. Без демона.",
    "config.init.backup": "прежний файл сохранён как {file}",
    "config.init.exists": "{file} уже есть; с --force он сохранится рядом, как .bak",
    "config.init.force": "Записать и поверх файла; прежний сохранится рядом, как .bak.",
    "config.init.help": "Создать insurers.toml с пояснениями, чтобы было с чего начать.",
    "config.init.next": (
        "Дальше:\n"
        "  1. Опишите в нём страховщика: адрес, вход, запросы, ответы.\n"
        "  2. Задайте демону ${secret} или укажите другое место секрета.\n"
        "  3. osago config check{option}\n"
        "  4. osago daemon start{option}"
    ),
    "config.init.path": "Куда; если не указано, ~/.config/osago/insurers.toml.",
    "config.init.written": "записано: {file}",
    "config.invalid": "ошибок в настройках: {count}",
    "config.not_set": "не задано",
    "config.secrets": "секреты найдены: {references}",
    "config.show.help": "Показать все действующие значения, и умолчания. Без секретов.",
    "config.show.insurer": "Только этого страховщика.",
    "config.show.origin": "И откуда каждое: строка файла или умолчание.",
    "config.unknown": "в файле нет страховщика `{name}`; есть {known}",
    "config.valid": "{file} в порядке; страховщиков: {on}, выключено: {off}",
    "config.warning.create_not_repeatable": (
        "ни одно выражение не использует call.key: если ответ потеряется, запрос не повторится"
    ),
    "config.warning.http_allowed": "по http персональные данные идут открытым текстом",
    "config.warning.no_limits": (
        "нет ни per_second, ни per_minute, ни per_day: число запросов сдерживает только at_once"
    ),
    "config.warning.own_tariff": "эти тарифные таблицы заменяют поставляемые",
}
