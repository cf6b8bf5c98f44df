"""Янтарный Берег: create + poll, Russian dictionary words, "12 345,67", a price beside a refusal.

Dates as "YYYY-MM-DD 00:00:00". What counts is `decision`: a refused application shows the price it
would have cost, and reading that as an offer is the classic mistake.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import Bearer
from osago_sandbox.dress import with_comma
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Lognormal
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates

FORM = Form(
    category="vehicle.category",
    use="contract.purpose_of_use",
    registration="vehicle.registration",
    year="vehicle.production_year",
    power_hp="vehicle.power_hp",
    max_mass_kg="vehicle.max_mass",
    seats="vehicle.seats",
    one_of=("vehicle.vin", "vehicle.body_number", "vehicle.chassis_number"),
    owner_kind="transport_owner.subject",
    region="transport_owner.address.region",
    place="transport_owner.address.location_place",
    kladr="transport_owner.address.kladr",
    fias="transport_owner.address.fias",
    required=("vehicle.mark", "vehicle.model", "transport_owner.name", "insurer.name"),
    unlimited=("contract.drivers_restriction", False),
    drivers="drivers",
    driver=DriverForm(
        birth_date="birth_date",
        driving_since="document.driving_experience_date",
        kbm_class="kbm",
        required=("last_name", "first_name", "document.document_number"),
    ),
    start_date="contract.begin_date",
    months="contract.months",
    use_months="contract.use_months",
    dates="%Y-%m-%d 00:00:00",
    categories={
        "A - мотоциклы": "A",
        "A1 - легкие мотоциклы": "A1",
        "M - мопеды": "M",
        "B - легковые": "B",
        "B1 - квадрициклы": "B1",
        "BE - легковые с прицепом": "BE",
        "C - грузовые": "C",
        "C1 - грузовые малые": "C1",
        "CE - грузовые с прицепом": "CE",
        "C1E - грузовые малые с прицепом": "C1E",
        "D - автобусы": "D",
        "D1 - автобусы малые": "D1",
        "DE - автобусы с прицепом": "DE",
        "D1E - автобусы малые с прицепом": "D1E",
        "Tb - троллейбусы": "Tb",
        "Tm - трамваи": "Tm",
        "Тракторы": "tractor",
    },
    uses={
        "Личные": "personal",
        "Служебные": "business",
        "Такси": "taxi",
        "Учебная езда": "training",
        "Прокат": "rental",
        "Регулярные перевозки": "regular_route",
        "Специальные": "special",
    },
    registrations={"Россия": "russia", "Иностранное государство": "foreign", "Транзит": "transit"},
    owner_kinds={
        "Физическое лицо": "person",
        "Индивидуальный предприниматель": "sole_trader",
        "Юридическое лицо": "company",
    },
)


def _accepted(application: Application) -> Answer:
    return Answer(201, {"calculation_id": application.id, "status": "NEW"})


def _pending(application: Application) -> Answer:
    return Answer(200, {"calculation_id": application.id, "status": "CALCULATING"})


def _offer(application: Application, price: Price) -> Answer:
    body = {
        "calculation_id": application.id,
        "status": "DONE",
        "decision": "ACCEPTED",
        "premium": with_comma(price.premium, " "),
        "base_tariff": with_comma(price.base_rate, " "),
        "coefficients": {
            name.upper(): with_comma(value) for name, value in price.coefficients.items()
        },
    }
    return Answer(200, body)


def _declined(application: Application, refusal: Refusal) -> Answer:
    body = {
        "calculation_id": application.id,
        "status": "DONE",
        "decision": "REFUSED",
        "premium": with_comma(refusal.price.premium, " ") if refusal.price else None,
        "comment": refusal.words,
    }
    return Answer(200, body)


def _error(error: ApiError) -> Any:
    return {"status": "ERROR", "message": error.message, "errors": dict(error.problems)}


INSURER = Insurer(
    id="yantar",
    name="Янтарный Берег",
    about="picky about territories, old vehicles and accidents; shows a price when it refuses",
    auth=Bearer("sandbox-yantar"),
    api=Api(
        form=FORM,
        create="/wapi/osago/calculation",
        poll="/wapi/osago/calculation/{id}",
        key_header="Idempotency-Key",
        accepted=_accepted,
        pending=_pending,
        offer=_offer,
        declined=_declined,
        error=_error,
    ),
    latency=Lognormal(median_s=4.0, sigma=0.5, low_s=1.5, high_s=18.0),
    rates=Rates(
        usual=Decimal("0.44"),
        by_segment={"careful": Decimal("-0.05"), "newcomer": Decimal("0.25")},
    ),
    rules=(
        uw.Rule(
            uw.lives_in("Ингушетия", "Дагестан", "Чеченская", "Северная Осетия"),
            "Территория преимущественного использования не соответствует правилам страховщика",
        ),
        uw.Rule(uw.vehicle_older_than(20), "Год выпуска ТС: возраст автомобиля более 20 лет"),
        uw.Rule(uw.caused_accidents, "Повышенная убыточность: класс КБМ хуже 3"),
    ),
)
