"""Снегирь-Авто: flat, 202 with a link, polled under that link, the premium in whole kopecks.

A pending answer is a 202 with `Retry-After`.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import HeaderKey
from osago_sandbox.dress import end_of_day, kopecks, payment_url
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Lognormal
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates

FORM = Form(
    category="category",
    use="usage",
    registration="registered_in",
    year="year",
    power_hp="power",
    max_mass_kg="mass",
    seats="seats",
    one_of=("vin", "body", "chassis"),
    owner_kind="owner_type",
    region="owner_region",
    place="owner_city",
    kladr="owner_kladr",
    fias="owner_fias",
    required=("owner_name", "insurant_name", "make"),
    unlimited=("driver_policy", "ANY"),
    drivers="driver_list",
    driver=DriverForm(
        birth_date="born",
        driving_since="drives_since",
        kbm_class="bonus_class",
        required=("licence",),
    ),
    start_date="begins",
    months="term",
    use_months="months_of_use",
)


def _link(application: Application) -> str:
    return f"/snegir/v1/quotes/{application.id}"


def _accepted(application: Application) -> Answer:
    link = _link(application)
    body = {"state": "IN_WORK", "links": {"self": link}}
    return Answer(202, body, {"Location": link, "Retry-After": "1"})


def _pending(application: Application) -> Answer:
    return Answer(202, {"state": "IN_WORK", "id": application.id}, {"Retry-After": "1"})


def _offer(application: Application, price: Price) -> Answer:
    body = {
        "state": "READY",
        "id": application.id,
        "premium_kop": kopecks(price.premium),
        "base_kop": kopecks(price.base_rate),
        "factors": price.coefficients,
        "pay_link": payment_url("snegir", application),
        "valid_to": end_of_day(application.start_date),
    }
    return Answer(200, body)


def _declined(application: Application, refusal: Refusal) -> Answer:
    body = {"state": "DENIED", "id": application.id, "deny_text": refusal.words}
    return Answer(200, body)


def _error(error: ApiError) -> Any:
    return {"state": "ERROR", "errors": [error.message, *map(": ".join, error.problems.items())]}


INSURER = Insurer(
    id="snegir",
    name="Снегирь-Авто",
    about="answers in some seconds; no taxi, no driving schools, no open lists of drivers",
    auth=HeaderKey("X-Api-Key", "sandbox-snegir"),
    api=Api(
        form=FORM,
        create="/v1/quotes",
        poll="/v1/quotes/{id}",
        key_header="Idempotency-Key",
        accepted=_accepted,
        pending=_pending,
        offer=_offer,
        declined=_declined,
        error=_error,
    ),
    latency=Lognormal(median_s=5.0, sigma=0.5, low_s=1.5, high_s=20.0),
    rates=Rates(
        usual=Decimal("0.47"),
        by_segment={"senior": Decimal("-0.07"), "old_vehicle": Decimal("0.12")},
    ),
    rules=(
        uw.Rule(
            uw.is_used_for("taxi", "training", "rental"),
            "Цель использования (такси, прокат, обучение) не страхуется",
        ),
        uw.Rule(uw.anyone_drives, "Неограниченный список водителей не оформляем"),
    ),
)
