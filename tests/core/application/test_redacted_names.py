"""Frequent names in all their cases, in Latin letters, glued and split: none gets through."""

import re
from collections.abc import Iterator

import pytest

from osago_core.application import MASK, Redactor

# The endings of the six cases ("-" for none): names without the first of them.
DECLENSIONS = """
# Men
- а у а ом е: Александр Максим Артем Михаил Даниил Иван Кирилл Егор Роман Владимир Степан
  Константин Тимур Глеб Олег Вадим Денис Антон Руслан Марк Леонид Борис Виктор Богдан Фёдор
  Филипп Захар Арсен Семён Ян Эдуард Герман Альберт Артур Станислав Вячеслав Ярослав Яков Роберт
  Марат Ренат Ильдар Рустам Азат Ахмед Магомед Хасан
й я ю я ем и: Юри Дмитри Евгени Анатоли Валери Григори Георги Васили Арсени Витали Геннади
  Аркади
й я ю я ем е: Алексе Андре Серге Никола Матве Тимофе Елисе
ь я ю я ем е: Игор Камил Рамил
# Women, and men whose names look like theirs
а ы е у ой е: Ян Анн Елен Ирин Светлан Марин Надежд Людмил Екатерин Александр Полин Алин Галин
  Нин Ларис Алл Валентин Тамар Раис Вер Эльвир Диан Карин Никит Фом Кузьм Ев Ад Ин Зар
а и е у ой е: Ольг Лук Вероник Моник
я и е ю ей е: Ол Ан Кат Зо Май Ас И
ия ии ии ию ией ии: Юл Мар Виктор Анастас Ксен Валер Евген Натал Лид Соф Л
ья ьи ье ью ьей ье: Дар Натал Татья Ил Соф Мар
# Surnames
- а у а ым е: Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров
  Морозов Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев
  Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев Романов Воробьёв Сергеев
  Фролов Ильин Гусев Титов Кузьмин Баранов Куликов Жуков Щукин Цветков Хабаров Ежов Юдин Зуев
а ой ой у ой ой: Иванов Смирнов Кузнецов Зуев Юдин Ильин Фёдоров
- а у а ом е: Ким Пак Тен Хан Шин Кан Лим Чен Мун Нам Сон Хван Тян Юн Ус Жук Кох Бах Цейс
й я ю я ем е: Цо Га Ро
ий ого ому ого им ом: Достоевск Вишневск Дик Горьк
ый ого ому ого ым ом: Бел Чёрн Красн
ой ого ому ого ым ом: Сух Толст Крив Зл
ая ой ой ую ой ой: Бел Сух Толст Крив Чёрн Вишневск
# Patronymics
- а у а ем е: Иванович Александрович Сергеевич Ильич Юрьевич Кузьмич
а ы е у ой е: Ивановн Александровн Сергеевн Ильиничн Юрьевн
"""
IRREGULAR = [
    "Лев Льва Льву Льва Львом Льве",
    "Павел Павла Павлу Павла Павлом Павле",
    "Пётр Петра Петру Петра Петром Петре",
    "Любовь Любови Любови Любовь Любовью Любви",
    "Соловей Соловья Соловью Соловья Соловьём Соловье",
    "Заяц Зайца Зайцу Зайца Зайцем Зайце",
    "Боец Бойца Бойцу Бойца Бойцом Бойце",
    "Палец Пальца Пальцу Пальца Пальцем Пальце",
    "Бобёр Бобра Бобру Бобра Бобром Бобре",
    "Ли Ли Ли Ли Ли Ли",
    "Шевченко Шевченко Шевченко Шевченко Шевченко Шевченко",
    "Черных Черных Черных Черных Черных Черных",
]


def declined() -> Iterator[list[str]]:
    blocks = re.sub(r"#.*|\n  ", " ", DECLENSIONS).splitlines()
    for endings, stems in (block.split(":") for block in blocks if ":" in block):
        for stem in stems.split():
            yield [stem + ending.strip("-") for ending in endings.split()]
    yield from (forms.split() for forms in IRREGULAR)


ALL_NAMES = list(declined())


def redactor_of(*names: str) -> Redactor:
    return Redactor.of(dict(zip(("last_name", "first_name"), names, strict=False)))


def test_the_list_is_long_enough_to_mean_something():
    assert len(ALL_NAMES) >= 200
    assert {len(forms) for forms in ALL_NAMES} == {6}


def test_no_case_of_a_frequent_name_stays():
    shown = []
    for forms in ALL_NAMES:
        redactor = redactor_of(forms[0])
        dresses = [form for case in forms for form in (case, case.upper(), case.lower())]
        shown += [form for form in dresses if redactor.mask(f"({form}): нет") != f"({MASK}): нет"]
    assert shown == []


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("Иванов", "IVANOV Ivanov ivanov Ivanova"),
        ("Юрий", "Yuriy Yuri Yury Iurii Jurij Yurii"),
        ("Алексей", "Aleksei Alexey Alexei Aleksey Aleksej"),
        ("Александр", "Aleksandr Alexander Alexandr"),
        ("Евгений", "Evgenii Evgeny Yevgeny Evgeniy"),
        ("Наталья", "Natalia Natalya Natal'ya Natal’ia"),
        ("Пётр", "Petr Pyotr Piotr"),
        ("Семён", "Semen Semyon"),
        ("Соловьёв", "Solovev Soloviev Solovyov Solov'ev"),
        ("Щукин", "Shchukin Schukin"),
        ("Хабаров", "Khabarov Habarov"),
        ("Жуков", "Zhukov Jukov"),
        ("Виктор", "Viktor Victor"),
        ("Дмитрий", "Dmitrii Dmitry Dmitriy Dmitri"),
        ("Юлия", "Iuliia Yulia Julia Yuliya"),
        ("Ким", "KIM Kim"),
        ("Цой", "TSOI Tsoy"),
        ("Ли", "Li LI"),
        ("Лев", "Lev"),
    ],
)
def test_no_name_stays_in_latin_letters(name, spellings):
    redactor = redactor_of(name)
    for spelling in spellings.split():
        assert redactor.mask(f"driver {spelling}: 13") == f"driver {MASK}: 13"


@pytest.mark.parametrize(
    "text",
    [
        "КимЮрий", "ЮрийКим", "Юрий_Ким", "КИМЮРИЙ", "юрийким", "КимомЮрием",
        "Ю\u200bрий", "К\u00adи\u2060м", "Ю\u0301рий", "Ким\u200b", "Юри\u0438\u0306",
        "KimYuri",
    ],
)  # fmt: skip
def test_no_name_stays_glued_or_split_by_what_is_invisible(text):
    masked = redactor_of("Ким", "Юрий").mask(f"отказ: {text}, причина")
    kept = masked.removeprefix("отказ: ").removesuffix(", причина")
    assert set(kept.replace(MASK, "")) <= {"_"}
    assert MASK in kept


def test_short_names_leave_usual_answers_readable():
    redactor = redactor_of("Ким", "Юрий")
    for text in (
        "Не страхуем легковые автомобили в этом регионе: юридические лица и такси",
        "Премия рассчитана, КБМ 0.46; заявка на ручной проверке",
        "Internal server error: request timed out, try again later",
    ):
        assert redactor.mask(text) == text


def test_a_very_long_word_is_no_burden():
    redactor = redactor_of("Ким", "Юрий")
    for text in ("а" * 50_000, "аБ" * 25_000, "a'" * 25_000, "a" * 50_000):
        assert redactor.mask(text) == text
