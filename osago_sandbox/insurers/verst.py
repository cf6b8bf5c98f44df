"""Семь Вёрст: PascalCase, one step, open to anyone, a refusal as HTTP 422.

The idempotency key travels in the body as `RequestId`.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import Open
from osago_sandbox.dress import payment_url
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Uniform
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates

FORM = Form(
    category="Car.Category",
    use="Car.UsageCode",
    registration="Car.Registration",
    year="Car.Year",
    power_hp="Car.PowerHp",
    max_mass_kg="Car.MaxMassKg",
    seats="Car.Seats",
    one_of=("Car.Vin", "Car.BodyNumber", "Car.ChassisNumber"),
    owner_kind="Owner.Kind",
    region="Owner.Region",
    place="Owner.City",
    kladr="Owner.Kladr",
    fias="Owner.Fias",
    required=("RequestId", "Owner.Name", "Policyholder.Name"),
    unlimited=("Insurance.DriverMode", "Open"),
    drivers="Insurance.Drivers",
    driver=DriverForm(
        birth_date="BirthDate",
        driving_since="ExperienceSince",
        kbm_class="Kbm",
        required=("LicenseNumber",),
    ),
    start_date="Insurance.From",
    months="Insurance.Months",
    use_months="Insurance.UseMonths",
    key="RequestId",
    uses={
        1: "personal",
        2: "business",
        3: "taxi",
        4: "training",
        5: "rental",
        6: "regular_route",
        7: "special",
    },
    owner_kinds={"Person": "person", "SoleTrader": "sole_trader", "Company": "company"},
)


def _offer(application: Application, price: Price) -> Answer:
    result = {
        "Status": "Ok",
        "QuoteNumber": f"ВР-{application.number}",
        "Price": price.premium,
        "BaseRate": price.base_rate,
        "PaymentUrl": payment_url("verst", application),
    }
    return Answer(200, {"Result": result})


def _declined(application: Application, refusal: Refusal) -> Answer:
    result = {
        "Status": "Refused",
        "QuoteNumber": f"ВР-{application.number}",
        "Refusal": {"Text": refusal.words},
    }
    return Answer(422, {"Result": result})


def _error(error: ApiError) -> Any:
    problems = [{"Path": path, "Text": text} for path, text in error.problems.items()]
    return {"Fault": {"Code": error.status, "Text": error.message, "Problems": problems}}


INSURER = Insurer(
    id="verst",
    name="Семь Вёрст",
    about="for people's own Russian cars only; no short seasons, no sports cars",
    auth=Open(),
    api=Api(
        form=FORM,
        create="/Osago/Calculate",
        offer=_offer,
        declined=_declined,
        error=_error,
        key_reuse_status=409,  # 422 is a refusal here
    ),
    latency=Uniform(1.0, 3.5),
    rates=Rates(
        usual=Decimal("0.66"),
        by_segment={"careful": Decimal("-0.10"), "old_vehicle": Decimal("0.10")},
        commission=Decimal("0.15"),
    ),
    rules=(
        uw.Rule(
            uw.registered("foreign", "transit"), "Требуется российская регистрация, документ СТС"
        ),
        uw.Rule(uw.belongs_to("company"), "Собственник - юридическое лицо: обратитесь в офис"),
        uw.Rule(uw.used_less_than(6), "Период использования менее 6 месяцев не страхуем"),
        uw.Rule(uw.car_more_powerful_than(300), "Мощность двигателя свыше 300 л.с."),
    ),
)
