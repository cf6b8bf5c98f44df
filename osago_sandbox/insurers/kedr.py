"""Кедровый Щит: snake_case, one step, fast, basic auth, the premium as a string, no repeat safety.

A refusal comes as HTTP 200 with `result: false`. Dates as DD.MM.YYYY. Knows no idempotency key.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import Basic
from osago_sandbox.dress import by_name
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Uniform
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates

FORM = Form(
    category="car.category",
    use="car.purpose",
    registration="car.reg_kind",
    year="car.issue_year",
    power_hp="car.power_hp",
    max_mass_kg="car.max_mass",
    seats="car.seat_count",
    one_of=("car.vin", "car.body_no", "car.chassis_no"),
    owner_kind="owner.kind",
    region="owner.region",
    place="owner.city",
    kladr="owner.kladr",
    fias="owner.fias",
    required=("car.mark", "car.model", "owner.title", "insurant.title", "insurant.doc"),
    unlimited=("drivers_limited", False),
    drivers="drivers",
    driver=DriverForm(
        birth_date="birthday",
        driving_since="exp_start",
        kbm_class="kbm_class",
        required=("fio", "license_number"),
    ),
    start_date="date_start",
    months="term_months",
    use_months="period_months",
    dates="%d.%m.%Y",
    owner_kinds={"fl": "person", "ip": "sole_trader", "ul": "company"},
)


def _offer(application: Application, price: Price) -> Answer:
    body = {
        "result": True,
        "calc_id": str(application.number),
        "premium": f"{price.premium:.2f}",
        "tb": str(price.base_rate),
        "koef": by_name(price.coefficients),
        "agent_fee": f"{price.commission:.2f}",
    }
    return Answer(200, body)


def _declined(application: Application, refusal: Refusal) -> Answer:
    body = {"result": False, "calc_id": str(application.number), "reason": refusal.words}
    return Answer(200, body)


def _error(error: ApiError) -> Any:
    details = [f"{path}: {text}" for path, text in error.problems.items()]
    return {"error": {"code": f"E{error.status}", "text": error.message, "details": details}}


INSURER = Insurer(
    id="kedr",
    name="Кедровый Щит",
    about="fast and cheap; passenger cars no older than 15 years, seasoned drivers only",
    auth=Basic("partner", "sandbox-kedr"),
    api=Api(form=FORM, create="/api/v2/calc", offer=_offer, declined=_declined, error=_error),
    latency=Uniform(0.3, 0.9),
    rates=Rates(
        usual=Decimal("0.38"),
        by_segment={"careful": Decimal("-0.10"), "powerful": Decimal("0.15")},
        commission=Decimal("0.07"),
    ),
    rules=(
        uw.Rule(uw.is_no(uw.PASSENGER), "Оформляем только легковые автомобили категории B"),
        uw.Rule(uw.vehicle_older_than(15), "Возраст транспортного средства превышает 15 лет"),
        uw.Rule(uw.drives_less_than(3), "Минимальный стаж водителя для оформления - 3 года"),
        uw.Rule(uw.driver_younger_than(23), "Возраст водителя менее 23 лет"),
    ),
)
