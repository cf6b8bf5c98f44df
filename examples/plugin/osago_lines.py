"""An insurer with a language of its own: one line of fields there, one line of words back."""

from decimal import Decimal

import httpx

from osago_daemon.insurers import plugin as osago


class LinesSpec(osago.InsurerSpec):
    """`[insurers.ID]` with `adapter = "lines"`."""

    base_url: osago.ServerUrl
    agent: str
    password: osago.SecretReference


class LinesAdapter:
    """Sends `agent;password;key;vin;power` and reads `OK;number;premium` or `NO;reason`."""

    def __init__(self, spec: LinesSpec, around: osago.Surroundings) -> None:
        """Resolve the password; nothing is sent yet."""
        self._url, self._transport = spec.base_url, around.transport
        self._who = [spec.agent, around.secrets.resolve(spec.password).get_secret_value()]

    async def quote(self, call: osago.Call) -> osago.Outcome:
        """One exchange, which they recognise by its key when it comes a second time."""
        vehicle = call.application["vehicle"]
        fields = [*self._who, call.idempotency_key, vehicle["vin"], vehicle["power_hp"]]
        line = ";".join("" if field is None else str(field) for field in fields)

        async def send() -> osago.Outcome:
            request = httpx.Request("POST", self._url, content=line.encode("cp1251"))
            try:
                response = await self._transport.handle_async_request(request)
                answer = (await response.aread()).decode("cp1251", "replace")
            except httpx.HTTPError as error:
                raise osago.trouble_of_exception(error) from None  # the cause has the request
            if not response.is_success:
                raise osago.trouble_of_status(response.status_code, None, "")
            return self._read(answer, call)

        return await call.attempt(send, repeatable=True)

    def _read(self, answer: str, call: osago.Call) -> osago.Outcome:
        match answer.strip().split(";"):
            case ["OK", number, premium] if premium.replace(".", "", 1).isdecimal():
                return osago.Offer(premium=Decimal(premium), insurer_quote_id=number)
            case ["NO", reason]:
                declined = osago.DeclineReason.OTHER
                return osago.Declined(reason=declined, message=call.mask(reason))
        raise osago.Trouble(osago.TroubleKind.BAD_ANSWER, "a line of no known form")


KIND = osago.AdapterKind(LinesSpec, LinesAdapter)
