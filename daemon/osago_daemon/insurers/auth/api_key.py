"""`kind = "api_key"`: a key under any name, in a header or in the query."""

from typing import Literal, Self
from urllib.parse import quote, quote_plus

from pydantic import Field, model_validator

from osago_daemon.insurers.auth.base import Auth, AuthTable
from osago_daemon.insurers.secrets import SecretReference, Secrets
from osago_daemon.insurers.tables import is_framing_header, is_header_name, problems_error


class ApiKeyAuth(AuthTable):
    """A key in a header or in the query."""

    kind: Literal["api_key"]
    name: str = Field(min_length=1)
    value: SecretReference
    place: Literal["header", "query"] = Field(default="header", alias="in")

    def build(self, secrets: Secrets) -> Auth:
        """Resolve the key."""
        key = self.secret(self.value, secrets)
        if self.place == "header":
            return Auth(headers={self.name: key}, secrets=(key,))
        # They may repeat the address that they were called at.
        return Auth(query={self.name: key}, secrets=(key, quote(key, safe=""), quote_plus(key)))

    @model_validator(mode="after")
    def _name_fits(self) -> Self:
        if self.place == "header" and not is_header_name(self.name):
            raise problems_error("api_key", [(("name",), "not the name of a header")])
        if self.place == "header" and is_framing_header(self.name):
            text = "this header is written by the transport"
            raise problems_error("api_key", [(("name",), text)])
        return self
