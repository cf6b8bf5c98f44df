"""Тихий Омут: slow (15-25 s), vehicle + create + poll, the offer is the first of a list of offers.

The vehicle is sent ahead and named by its id in the calculation.
Speaks the vocabulary of price comparison sites: the calculation has one state, its offers another.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer, PartStep
from osago_sandbox.applications import Application
from osago_sandbox.auth import HeaderKey
from osago_sandbox.dress import payment_url
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Uniform
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates

FORM = Form(
    category="vehicle.category",
    use="purpose",
    registration="vehicle.registration",
    year="vehicle.year",
    power_hp="vehicle.engine_power",
    max_mass_kg="vehicle.max_mass",
    seats="vehicle.seats",
    one_of=("vehicle.vin", "vehicle.body_number", "vehicle.chassis_number"),
    owner_kind="owner.kind",
    region="owner.address.region",
    place="owner.address.city",
    kladr="owner.address.region_kladr_code",
    fias="owner.address.fias_code",
    required=(
        "product_type",
        "vehicle.brand.name",
        "vehicle.model.name",
        "owner.name",
        "insurer.name",
    ),
    unlimited=("drivers_info.is_unlimited_drivers", True),
    drivers="drivers_info.drivers",
    driver=DriverForm(
        birth_date="birth_date",
        driving_since="driving_since",
        kbm_class="kbm_class",
        required=("last_name", "first_name", "license.number"),
    ),
    start_date="policy_start_date",
    months="policy_months",
    use_months="usage_months",
    contacts=("insurer.contact",),
    dates="%Y-%m-%dT00:00:00+03:00",
)


def _vehicle(id_: str) -> Answer:
    return Answer(201, {"vehicle_id": id_})


def _accepted(application: Application) -> Answer:
    return Answer(200, {"request_id": application.id, "status": "DRAFT"})


def _pending(application: Application) -> Answer:
    return _ready(application, "PARTNER_CALCULATION_IN_PROGRESS", [])


def _offer(application: Application, price: Price) -> Answer:
    offer = {
        "offer_id": f"o-{application.number}",
        "status": "PAYMENT_READY",
        "price": price.premium,
        "payment_url": payment_url("omut", application),
        "coefficients": {"tb": price.base_rate, **price.coefficients},
        "message": None,
    }
    return _ready(application, "CALCULATION_READY", [offer])


def _declined(application: Application, refusal: Refusal) -> Answer:
    offer = {
        "offer_id": f"o-{application.number}",
        "status": "REJECTED",
        "price": None,
        "message": refusal.words,
    }
    return _ready(application, "CALCULATION_READY", [offer])


def _ready(application: Application, status: str, offers: list[dict[str, Any]]) -> Answer:
    return Answer(200, {"request_id": application.id, "status": status, "offers": offers})


def _error(error: ApiError) -> Any:
    properties = [{"property": path, "message": text} for path, text in error.problems.items()]
    return {"message": error.message, "properties": properties}


INSURER = Insurer(
    id="omut",
    name="Тихий Омут",
    about="slow but takes nearly everyone, at a price",
    auth=HeaderKey("X-Partner-Key", "sandbox-omut"),
    api=Api(
        form=FORM,
        part=PartStep(
            step="vehicle",
            path="/osago/vehicles",
            holds="vehicle",
            id_name="vehicle_id",
            taken=_vehicle,
            unknown="Транспортное средство не найдено",
        ),
        create="/osago/calculate",
        poll="/osago/calculate/{id}",
        key_header="Idempotency-Key",
        accepted=_accepted,
        pending=_pending,
        offer=_offer,
        declined=_declined,
        error=_error,
    ),
    latency=Uniform(15.0, 25.0),
    rates=Rates(
        usual=Decimal("0.86"),
        by_segment={
            "careful": Decimal("-0.06"),
            "young": Decimal("0.10"),
            "taxi": Decimal("0.10"),
        },
        commission=Decimal("0.05"),
    ),
    rules=(
        uw.Rule(uw.vehicle_older_than(30), "Возраст ТС более 30 лет: требуется осмотр в офисе"),
    ),
)
