"""Лукоморье Страхование: deep camelCase, numeric states and ids, amounts in kopecks, a login.

A token ends after seconds, in the middle of most quotes; a 401 with a code of its own says so.
Without the KBM class of every driver the price is preliminary (state 10): the final one would
come after the query to the register.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import Login
from osago_sandbox.dress import end_of_day, kopecks
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Lognormal
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates
from osago_sandbox.request import CATEGORIES

_CAR = "calculation.insuredObject.car"
_OWNER = "calculation.parties.owner"
_TERMS = "calculation.terms"

_NEW, _PRELIMINARY, _FINAL, _DECLINED = 0, 10, 20, 90
_CODES = {
    "failed": 1000,
    "invalid": 1001,
    "key_reused": 1002,
    "not_found": 1004,
    "throttled": 1029,
    "unauthorized": 1101,
    "token_expired": 1102,
}

FORM = Form(
    category=f"{_CAR}.categoryId",
    use=f"{_CAR}.useTargetId",
    registration=f"{_CAR}.registrationId",
    year=f"{_CAR}.productionYear",
    power_hp=f"{_CAR}.engine.powerHp",
    max_mass_kg=f"{_CAR}.weights.maxMassKg",
    seats=f"{_CAR}.seatCount",
    one_of=(f"{_CAR}.vin", f"{_CAR}.bodyNumber", f"{_CAR}.chassisNumber"),
    owner_kind=f"{_OWNER}.typeId",
    region=f"{_OWNER}.registrationAddress.regionName",
    place=f"{_OWNER}.registrationAddress.cityName",
    kladr=f"{_OWNER}.registrationAddress.kladr",
    fias=f"{_OWNER}.registrationAddress.fias",
    required=(f"{_OWNER}.fullName", "calculation.parties.policyholder.fullName"),
    unlimited=(f"{_TERMS}.isMultiDrive", True),
    drivers="calculation.parties.drivers",
    driver=DriverForm(
        birth_date="person.birthDate",
        driving_since="experience.startDate",
        kbm_class="experience.kbmClass",
        required=("person.fullName", "license.seriesNumber"),
    ),
    start_date=f"{_TERMS}.startDate",
    months=f"{_TERMS}.durationMonths",
    use_months=f"{_TERMS}.usageMonths",
    contacts=("calculation.contacts",),
    categories=dict(enumerate(CATEGORIES, start=1)),
    uses={
        101: "personal",
        102: "business",
        103: "taxi",
        104: "training",
        105: "rental",
        106: "regular_route",
        107: "special",
    },
    registrations={1: "russia", 2: "foreign", 3: "transit"},
    owner_kinds={1: "person", 2: "sole_trader", 3: "company"},
)


def _accepted(application: Application) -> Answer:
    return _state(202, application, _NEW)


def _pending(application: Application) -> Answer:
    return _state(200, application, _NEW)


def _offer(application: Application, price: Price) -> Answer:
    return _state(
        200,
        application,
        _PRELIMINARY if price.preliminary else _FINAL,
        money={
            "total": {"amount": kopecks(price.premium), "scale": 2},
            "baseRate": {"amount": kopecks(price.base_rate), "scale": 2},
            "commission": {"amount": kopecks(price.commission), "scale": 2},
        },
        factors=[
            {"code": name.upper(), "value": value} for name, value in price.coefficients.items()
        ],
        validUntil=end_of_day(application.start_date),
    )


def _declined(application: Application, refusal: Refusal) -> Answer:
    return _state(200, application, _DECLINED, reasons=[refusal.words])


def _state(status: int, application: Application, code: int, **more: Any) -> Answer:
    return Answer(status, {"calculation": {"id": application.number, "statusCode": code, **more}})


def _logged_in(token: str, expires_in_s: int) -> Any:
    return {"token": token, "expires_in": expires_in_s}


def _error(error: ApiError) -> Any:
    code = _CODES[error.code]
    details = [{"path": path, "text": text} for path, text in error.problems.items()]
    return {"failure": {"code": code, "reason": error.message, "details": details}}


INSURER = Insurer(
    id="lukomor",
    name="Лукоморье Страхование",
    about="takes people and companies; no route buses, no taxi, no very powerful cars",
    auth=Login(
        path="/auth/token",
        login="partner",
        password="sandbox-lukomor",  # noqa: S106  # public
        header="X-Auth-Token",
        good_s=5,  # less than most calculations take
        good_for=100,
        answer=_logged_in,
    ),
    api=Api(
        form=FORM,
        create="/rest/calculations",
        poll="/rest/calculations/{id}",
        key_header="Idempotency-Key",
        accepted=_accepted,
        pending=_pending,
        offer=_offer,
        declined=_declined,
        error=_error,
        numbered=True,
    ),
    latency=Lognormal(median_s=7.0, sigma=0.35, low_s=3.0, high_s=20.0),
    rates=Rates(
        usual=Decimal("0.55"),
        by_segment={
            "careful": Decimal("-0.04"),
            "company": Decimal("-0.06"),
            "megacity": Decimal("0.08"),
            "young": Decimal("0.15"),
        },
    ),
    rules=(
        uw.Rule(
            uw.is_used_for("taxi", "regular_route"),
            "Коммерческие перевозки пассажиров (такси, маршруты) не принимаются",
        ),
        uw.Rule(uw.car_more_powerful_than(250), "Мощность двигателя более 250 л.с."),
        uw.Rule(uw.driver_younger_than(20), "Водитель не достиг возраста 20 лет"),
    ),
    preliminary_without_kbm=True,
)
