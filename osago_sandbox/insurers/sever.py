"""Север-Полис: camelCase, create + poll, a bearer token, the premium as a JSON number."""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import Bearer
from osago_sandbox.dress import end_of_day, payment_url
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Lognormal
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates

FORM = Form(
    category="vehicle.category",
    use="vehicle.purpose",
    registration="vehicle.registration",
    year="vehicle.year",
    power_hp="vehicle.enginePower",
    max_mass_kg="vehicle.maxMass",
    seats="vehicle.seats",
    one_of=("vehicle.vin", "vehicle.bodyNumber", "vehicle.chassisNumber"),
    owner_kind="owner.type",
    region="owner.region",
    place="owner.city",
    kladr="owner.kladrCode",
    fias="owner.fiasId",
    required=("vehicle.brand", "vehicle.model", "owner.name", "policyholder.name"),
    unlimited=("multidrive", True),
    drivers="drivers",
    driver=DriverForm(
        birth_date="birthDate",
        driving_since="experienceFrom",
        kbm_class="kbmClass",
        required=("name", "license"),
    ),
    start_date="startDate",
    months="termMonths",
    use_months="usageMonths",
    contacts=("contact",),
)


def _accepted(application: Application) -> Answer:
    return Answer(202, {"applicationId": application.id, "status": "processing"})


def _pending(application: Application) -> Answer:
    return Answer(200, {"applicationId": application.id, "status": "processing"})


def _offer(application: Application, price: Price) -> Answer:
    body = {
        "applicationId": application.id,
        "status": "completed",
        "premium": price.premium,
        "baseRate": price.base_rate,
        "coefficients": price.coefficients,
        "commission": price.commission,
        "validUntil": end_of_day(application.start_date),
        "paymentUrl": payment_url("sever", application),
    }
    return Answer(200, body)


def _declined(application: Application, refusal: Refusal) -> Answer:
    body = {"applicationId": application.id, "status": "rejected", "reason": refusal.words}
    return Answer(200, body)


def _error(error: ApiError) -> Any:
    fields = [{"field": path, "message": text} for path, text in error.problems.items()]
    return {"error": error.code, "message": error.message, "fields": fields}


INSURER = Insurer(
    id="sever",
    name="Север-Полис",
    about="steady; refuses who caused accidents and foreign plates",
    auth=Bearer("sandbox-sever"),
    api=Api(
        form=FORM,
        create="/applications",
        poll="/applications/{id}/offer",
        key_header="Idempotency-Key",
        accepted=_accepted,
        pending=_pending,
        offer=_offer,
        declined=_declined,
        error=_error,
    ),
    latency=Lognormal(median_s=3.0, sigma=0.4, low_s=1.0, high_s=12.0),
    rates=Rates(
        usual=Decimal("0.52"),
        by_segment={
            "careful": Decimal("-0.08"),
            "young": Decimal("0.20"),
            "newcomer": Decimal("0.10"),
            "megacity": Decimal("0.05"),
            "taxi": Decimal("0.30"),
        },
    ),
    rules=(
        uw.Rule(
            uw.caused_accidents, "Отказ: высокая аварийность, класс КБМ водителя хуже третьего"
        ),
        uw.Rule(
            uw.registered("foreign", "transit"),
            "Не страхуем транспортные средства с иностранной или транзитной регистрацией",
        ),
    ),
)
