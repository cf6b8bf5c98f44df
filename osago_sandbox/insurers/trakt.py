"""Дальний Тракт: a 1C system with Cyrillic keys, often slower than a minute.

Create + poll, HTTP Digest, no idempotency key; HTTP 202 with `Retry-After` while it thinks.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import Digest
from osago_sandbox.dress import with_comma
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Lognormal
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates

FORM = Form(
    category="Транспорт.Категория",
    use="Транспорт.Использование",
    registration="Транспорт.Регистрация",
    year="Транспорт.ГодВыпуска",
    power_hp="Транспорт.МощностьЛС",
    max_mass_kg="Транспорт.РММ",
    seats="Транспорт.ЧислоМест",
    one_of=("Транспорт.VIN", "Транспорт.НомерКузова", "Транспорт.НомерШасси"),
    owner_kind="Собственник.Вид",
    region="Собственник.Регион",
    place="Собственник.Город",
    kladr="Собственник.КЛАДР",
    fias="Собственник.ФИАС",
    required=("Собственник.Наименование", "Страхователь.Наименование"),
    unlimited=("БезОграничений", True),
    drivers="Водители",
    driver=DriverForm(
        birth_date="ДатаРождения",
        driving_since="СтажС",
        kbm_class="КлассКБМ",
        required=("ФИО", "НомерВУ"),
    ),
    start_date="ДатаНачала",
    months="СрокМесяцев",
    use_months="ПериодМесяцев",
    dates="%d.%m.%Y",
    owner_kinds={"ФЛ": "person", "ИП": "sole_trader", "ЮЛ": "company"},
    registrations={"РФ": "russia", "Иностранная": "foreign", "Транзит": "transit"},
)


def _accepted(application: Application) -> Answer:
    return Answer(201, {"Номер": application.id, "Состояние": "Принято"})


def _pending(_: Application) -> Answer:
    return Answer(202, {"Состояние": "ВРаботе"}, {"Retry-After": "3"})


def _offer(application: Application, price: Price) -> Answer:
    body = {
        "Номер": application.id,
        "Состояние": "Рассчитано",
        "Премия": with_comma(price.premium),
        "ТБ": with_comma(price.base_rate),
        "Вознаграждение": with_comma(price.commission),
    }
    return Answer(200, body)


def _declined(application: Application, refusal: Refusal) -> Answer:
    return Answer(200, {"Номер": application.id, "Состояние": "Отказано", "Причина": refusal.words})


def _error(error: ApiError) -> Any:
    problems = [f"{path}: {text}" for path, text in error.problems.items()]
    return {"Ошибка": error.message, "Подробности": problems}


INSURER = Insurer(
    id="trakt",
    name="Дальний Тракт",
    about="cheap for who has the patience; often later than a minute; no taxi, no two wheels",
    auth=Digest(
        username="agent",
        password="sandbox-trakt",  # noqa: S106  # public
        realm="osago@trakt",
        good_s=30,  # stale before most applications are decided
        good_for=100,
    ),
    api=Api(
        form=FORM,
        create="/zayavki",
        poll="/zayavki/{id}",
        accepted=_accepted,
        pending=_pending,
        offer=_offer,
        declined=_declined,
        error=_error,
    ),
    latency=Lognormal(median_s=70.0, sigma=0.5, low_s=25.0, high_s=240.0),
    rates=Rates(usual=Decimal("0.30"), by_segment={"company": Decimal("0.05")}),
    rules=(
        uw.Rule(uw.is_used_for("taxi"), "Цель использования: такси не принимаем"),
        uw.Rule(
            lambda request: request.vehicle.category in {"A", "A1", "M", "B1"},
            "Тип ТС: мотоциклы и мопеды не страхуются",
        ),
        uw.Rule(uw.drives_less_than(1), "Стаж водителя менее одного года"),
    ),
)
