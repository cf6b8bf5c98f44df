"""Филин Гарант: a regional insurer, open to anyone, quick to say no to the capitals.

One step that takes a form as browsers send it; a driver is a value in each repeated field.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import Open
from osago_sandbox.bodies import FormFields
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Uniform
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates, megacity

FORM = Form(
    category="auto_cat",
    use="auto_use",
    registration="auto_registration",
    year="auto_year",
    power_hp="auto_hp",
    max_mass_kg="auto_mass_kg",
    seats="auto_seats",
    one_of=("auto_vin", "auto_body", "auto_chassis"),
    owner_kind="client_kind",
    region="client_region",
    place="client_town",
    kladr="client_kladr",
    fias="client_fias",
    required=("client_name", "policyholder_name"),
    unlimited=("everyone_drives", "yes"),
    drivers="drivers",
    driver=DriverForm(
        birth_date="driver_birth",
        driving_since="driver_since",
        kbm_class="driver_class",
        required=("driver_licence",),
    ),
    start_date="start",
    months="months",
    use_months="use_months",
    texts=True,
)
_ROWS = {"drivers": ("driver_birth", "driver_since", "driver_licence", "driver_class")}


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
        codec=FormFields(rows=_ROWS),
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
