"""Russian texts of `osago insurers test` and `osago insurers record`."""

TEXTS = {
    "trying.accepted": "готово, следующий шаг",
    "trying.again_few": "спрошено ещё {count} раза, {time}",
    "trying.again_many": "спрошено ещё {count} раз, {time}",
    "trying.again_one": "спрошено ещё {count} раз, {time}",
    "trying.before_login": "(добавится то, что даст вход)",
    "trying.binary": "({size} байт, не показано)",
    "trying.confirm": "Отправить? [y/N]",
    "trying.cut": "… ещё {count} знаков",
    "trying.declined": "отказ",
    "trying.dry": "Ничего не отправляется. На месте данных из ответов стоит {{kept.ИМЯ}}.",
    "trying.dry_run": "Ничего не отправлять: показать запросы, насколько они известны.",
    "trying.each": "(по запросу на каждый элемент: {count})",
    "trying.each_unknown": "(по запросу на каждый элемент; сколько их, скажет ответ)",
    "trying.failed": "наша ошибка: опробовать страховщика не удалось (см. выше)",
    "trying.file": "Заявка в JSON, - это stdin; если не указана, пример из поставки.",
    "trying.head": "{name} ({insurer}), {at}",
    "trying.login": "вход",
    "trying.needs_yes": "это не терминал: чтобы отправить, добавьте --yes",
    "trying.no_answer": "без ответа",
    "trying.not_sent": "ничего не отправлено",
    "trying.offer": "предложение",
    "trying.offer_value": "предложение, {premium}",
    "trying.pending": "ещё не решено",
    "trying.preliminary": "предварительное предложение",
    "trying.real": "Страховщику {name} уйдёт одна настоящая заявка: {server}",
    "trying.record.application": (
        "не нашлось вымышленной заявки того же вида; попробуйте другую заявку"
    ),
    "trying.record.changed": (
        "без персональных данных ответы дают другой итог, шаг `{step}`: {why}; ничего не записано"
    ),
    "trying.record.exists": "{file} уже есть; --force запишет поверх",
    "trying.record.force": "Записать поверх файла.",
    "trying.record.help": "Сохранить путь одной заявки у страховщика как образец для тестов.",
    "trying.record.leak": (
        "в записи осталось то, чего в ней быть не должно: {where}; ничего не записано"
    ),
    "trying.record.output": "Файл для записи; если не указан, ID.json.",
    "trying.record.unrecordable": "это нельзя записать: {why}; ничего не записано",
    "trying.record.written": "записано: {file} ({insurer}, {outcome}; обменов: {count})",
    "trying.several": "предложения нескольких страховщиков",
    "trying.skipped": "для этой заявки пропускается",
    "trying.test.help": "Спросить одного страховщика и показать запросы, ответы и выражения.",
    "trying.when": "(только если {expression})",
    "trying.yes": "Отправить настоящую заявку без вопроса.",
}
