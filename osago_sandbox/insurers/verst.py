"""Семь Вёрст: SOAP 1.1 in two namespaces, WS-Security, one step; all that is no offer is a Fault.

A refusal is told from an error by what stands in the Fault's detail. The idempotency key travels in
the body as `RequestId`.
"""

from decimal import Decimal
from typing import Any

from osago_sandbox import underwriting as uw
from osago_sandbox.api import Answer, Api, ApiError, Insurer
from osago_sandbox.applications import Application
from osago_sandbox.auth import WsSecurity
from osago_sandbox.auth.ws_security import WSSE
from osago_sandbox.dress import payment_url
from osago_sandbox.form import DriverForm, Form
from osago_sandbox.latency import Uniform
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates
from osago_sandbox.soap import Soap, fault

FORM = Form(
    category="o:Car.@Category",
    use="o:Car.@UsageCode",
    registration="o:Car.@Registration",
    year="o:Car.t:Year",
    power_hp="o:Car.t:PowerHp",
    max_mass_kg="o:Car.t:MaxMassKg",
    seats="o:Car.t:Seats",
    one_of=("o:Car.t:Vin", "o:Car.t:BodyNumber", "o:Car.t:ChassisNumber"),
    owner_kind="o:Owner.@Kind",
    region="o:Owner.t:Address.@Region",
    place="o:Owner.t:Address.@City",
    kladr="o:Owner.t:Address.@Kladr",
    fias="o:Owner.t:Address.@Fias",
    required=("o:RequestId", "o:Owner.t:Name", "o:Policyholder.t:Name"),
    unlimited=("o:Insurance.@DriverMode", "Open"),
    drivers="o:Insurance.o:Driver",
    driver=DriverForm(
        birth_date="t:BirthDate",
        driving_since="t:ExperienceSince",
        kbm_class="@Kbm",
        required=("t:LicenseNumber",),
    ),
    start_date="o:Insurance.@From",
    months="o:Insurance.@Months",
    use_months="o:Insurance.@UseMonths",
    key="o:RequestId",
    texts=True,
    uses={
        "1": "personal",
        "2": "business",
        "3": "taxi",
        "4": "training",
        "5": "rental",
        "6": "regular_route",
        "7": "special",
    },
    owner_kinds={"Person": "person", "SoleTrader": "sole_trader", "Company": "company"},
)
_SOAP = Soap(
    namespaces={"o": "urn:verst:osago:v2", "t": "urn:verst:types:v1", "wsse": WSSE},
    request="o:CalculateRequest",
    action="urn:verst:osago:v2#Calculate",
    repeated=frozenset({"o:Driver"}),
)
_FAULT_CODES = {
    "invalid": "soap:Client",
    "key_reused": "soap:Client",
    "unauthorized": "wsse:FailedAuthentication",
}


def _offer(application: Application, price: Price) -> Answer:
    result = {
        "@Status": "Ok",
        "@QuoteNumber": f"ВР-{application.number}",
        "t:Price": {"@Currency": "RUB", "#text": price.premium},
        "t:BaseRate": {"@Currency": "RUB", "#text": price.base_rate},
        "o:PaymentUrl": payment_url("verst", application),
    }
    return Answer(200, {"o:CalculateResponse": {"o:Result": result}})


def _declined(application: Application, refusal: Refusal) -> Answer:
    detail = {
        "@QuoteNumber": f"ВР-{application.number}",
        "t:Code": "UNDERWRITING",
        "t:Text": refusal.words,
    }
    return Answer(
        500, fault("soap:Server", "В заключении договора отказано", {"o:Refusal": detail})
    )


def _error(error: ApiError) -> Any:
    problems = [{"@Path": path, "#text": text} for path, text in error.problems.items()]
    detail = {"t:Code": error.code.upper(), "t:Text": error.message, "t:Problem": problems}
    code = _FAULT_CODES.get(error.code, "soap:Server")
    return fault(code, error.message, {"o:Error": detail})


INSURER = Insurer(
    id="verst",
    name="Семь Вёрст",
    about="for people's own Russian cars only; no short seasons, no sports cars",
    auth=WsSecurity(username="partner", password="sandbox-verst"),  # noqa: S106  # public
    api=Api(
        form=FORM,
        codec=_SOAP,
        create="/Osago/Calculate",
        offer=_offer,
        declined=_declined,
        error=_error,
        # SOAP 1.1, 6.2: whatever the Fault, its HTTP status is 500.
        invalid_status=500,
        unauthorized_status=500,
        key_reuse_status=500,
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
