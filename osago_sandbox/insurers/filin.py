"""Филин Гарант: a regional insurer, one step, open to anyone, quick to say no to the capitals."""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import Open
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Uniform
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates, megacity

FORM = Form(
    category="auto.cat",
    use="auto.use",
    registration="auto.registration",
    year="auto.year",
    power_hp="auto.hp",
    max_mass_kg="auto.mass_kg",
    seats="auto.seats",
    one_of=("auto.vin", "auto.body", "auto.chassis"),
    owner_kind="client.kind",
    region="client.region",
    place="client.town",
    kladr="client.kladr",
    fias="client.fias",
    required=("client.name", "policyholder.name"),
    unlimited=("everyone_drives", "yes"),
    drivers="people",
    driver=DriverForm(
        birth_date="birth_date", driving_since="since", kbm_class="class", required=("licence",)
    ),
    start_date="start",
    months="months",
    use_months="use_months",
)


def _offer(application: Application, price: Price) -> Answer:
    body = {
        "decision": "approve",
        "ref": application.number,
        "premium_rub": price.premium,
        "base_rub": price.base_rate,
        "commission_rub": price.commission,
    }
    return Answer(200, body)


def _declined(application: Application, refusal: Refusal) -> Answer:
    decline = {"ref": application.number, "text": refusal.words}
    return Answer(200, {"decision": "decline", "decline": decline})


def _error(error: ApiError) -> Any:
    return {"decision": "none", "problem": error.message, "where": list(error.problems)}


INSURER = Insurer(
    id="filin",
    name="Филин Гарант",
    about="regional: refuses Moscow, Saint Petersburg and their regions",
    auth=Open(),
    api=Api(
        form=FORM,
        create="/quote",
        key_header="Idempotency-Key",
        offer=_offer,
        declined=_declined,
        error=_error,
    ),
    latency=Uniform(0.4, 1.2),
    rates=Rates(
        usual=Decimal("0.25"),
        by_segment={"careful": Decimal("-0.05"), "young": Decimal("0.10")},
        commission=Decimal("0.08"),
    ),
    rules=(
        uw.Rule(megacity, "Регион регистрации собственника не обслуживается"),
        uw.Rule(uw.driver_younger_than(21), "Возраст водителя менее 21 года"),
        uw.Rule(uw.is_used_for("taxi", "rental"), "Использование в такси и прокате не страхуем"),
    ),
)
