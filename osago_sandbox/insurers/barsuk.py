"""Барсук Страхование: nested JSON:API envelope, one step, whole roubles, a refusal as HTTP 409.

The API key goes into the query string; the idempotency key is called `X-Request-Id` here.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import QueryKey
from osago_sandbox.dress import whole_roubles
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Uniform
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates

_ATTRIBUTES = "data.attributes"
_VEHICLE = f"{_ATTRIBUTES}.vehicle"
_OWNER = f"{_ATTRIBUTES}.owner"

FORM = Form(
    category=f"{_VEHICLE}.category",
    use=f"{_VEHICLE}.purpose",
    registration=f"{_VEHICLE}.registration",
    year=f"{_VEHICLE}.manufactured",
    power_hp=f"{_VEHICLE}.engine.powerHp",
    max_mass_kg=f"{_VEHICLE}.maxMassKg",
    seats=f"{_VEHICLE}.seats",
    one_of=(f"{_VEHICLE}.ids.vin", f"{_VEHICLE}.ids.body", f"{_VEHICLE}.ids.chassis"),
    owner_kind=f"{_OWNER}.kind",
    region=f"{_OWNER}.address.region",
    place=f"{_OWNER}.address.locality",
    kladr=f"{_OWNER}.address.kladr",
    fias=f"{_OWNER}.address.fias",
    required=("data.type", f"{_OWNER}.name", f"{_ATTRIBUTES}.policyholder.name"),
    unlimited=(f"{_ATTRIBUTES}.openDriverList", 1),
    drivers=f"{_ATTRIBUTES}.drivers",
    driver=DriverForm(
        birth_date="dates.birth",
        driving_since="dates.firstLicense",
        kbm_class="kbm",
        required=("license.number", "name"),
    ),
    start_date=f"{_ATTRIBUTES}.period.from",
    months=f"{_ATTRIBUTES}.period.months",
    use_months=f"{_ATTRIBUTES}.period.useMonths",
    uses={
        "PERSONAL": "personal",
        "BUSINESS": "business",
        "TAXI": "taxi",
        "TRAINING": "training",
        "RENTAL": "rental",
        "REGULAR": "regular_route",
        "SPECIAL": "special",
    },
)


def _offer(application: Application, price: Price) -> Answer:
    attributes = {
        "state": "CALCULATED",
        "price": whole_roubles(price.premium),
        "baseRate": price.base_rate,
        "coefficients": price.coefficients,
        "agent": {"commission": whole_roubles(price.commission)},
    }
    return Answer(200, {"data": {"type": "quote", "id": application.id, "attributes": attributes}})


def _declined(application: Application, refusal: Refusal) -> Answer:
    error = {"id": application.id, "code": "UNDERWRITING_DECLINE", "detail": refusal.words}
    return Answer(409, {"errors": [error]})


def _error(error: ApiError) -> Any:
    code = error.code.upper()
    sources = [
        {"code": code, "detail": text, "source": {"pointer": "/" + path.replace(".", "/")}}
        for path, text in error.problems.items()
    ]
    return {"errors": sources or [{"code": code, "detail": error.message}]}


INSURER = Insurer(
    id="barsuk",
    name="Барсук Страхование",
    about="quick, rounds to whole roubles; no young drivers, no companies",
    auth=QueryKey("api_key", "sandbox-barsuk"),
    api=Api(
        form=FORM,
        create="/quote",
        key_header="X-Request-Id",
        offer=_offer,
        declined=_declined,
        error=_error,
        invalid_status=422,
    ),
    latency=Uniform(0.6, 2.0),
    rates=Rates(
        usual=Decimal("0.58"),
        by_segment={
            "careful": Decimal("-0.12"),
            "unlimited": Decimal("0.15"),
            "megacity": Decimal("0.06"),
        },
        commission=Decimal("0.12"),
    ),
    rules=(
        uw.Rule(uw.belongs_to("company"), "Страхуем только собственников - физических лиц и ИП"),
        uw.Rule(uw.driver_younger_than(25), "В полис не вписываются водители младше 25 лет"),
        uw.Rule(uw.drives_less_than(5), "Недостаточный стаж вождения: требуется от 5 лет"),
    ),
)
