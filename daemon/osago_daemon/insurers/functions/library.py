"""All functions in one table, for JMESPath's engine: its own, ours, and Decimal as a number."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from jmespath import functions
from jmespath.exceptions import ArityError

from osago_daemon.insurers.exact import for_json, from_text
from osago_daemon.insurers.functions.choices import CHOICES
from osago_daemon.insurers.functions.dates import DATES
from osago_daemon.insurers.functions.declaring import Parameter, arguments_taken, as_text
from osago_daemon.insurers.functions.dictionaries import DICTIONARIES
from osago_daemon.insurers.functions.documents import DOCUMENTS
from osago_daemon.insurers.functions.nested import NESTED
from osago_daemon.insurers.functions.numbers import NUMBERS
from osago_daemon.insurers.functions.shapes import SHAPES
from osago_daemon.insurers.functions.signing import SIGNING
from osago_daemon.insurers.functions.text import TEXTS

OURS: Mapping[str, Mapping[str, Any]] = {
    name: spec
    for theme in (
        *(DATES, NUMBERS, TEXTS, DOCUMENTS, CHOICES),
        *(SHAPES, NESTED, SIGNING, DICTIONARIES),
    )
    for name, spec in theme.table.items()
}
"""Every function that JMESPath does not have."""


class _Exact(functions.Functions):
    """JMESPath's own functions, those of numbers without binary fractions."""

    @functions.signature({"types": ["array-number"]})
    def _func_sum(self, numbers: Sequence[float | Decimal]) -> int | float | Decimal:
        """An exact sum: amounts of money are added here."""
        return sum(Decimal(repr(n)) if isinstance(n, float) else n for n in numbers)

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, numbers: Sequence[float | Decimal]) -> Decimal | None:
        return Decimal(self._func_sum(numbers)) / len(numbers) if numbers else None

    @functions.signature({"types": []})
    def _func_to_number(self, value: object) -> int | float | Decimal | None:
        """A number as it is, a text by what JSON takes for a number, null for all else."""
        match value:
            case bool():
                return None
            case int() | float() | Decimal():
                return value
            case str():
                return from_text(value)
            case _:
                return None

    @functions.signature({"types": []})
    def _func_to_string(self, value: object) -> str | None:
        if isinstance(value, str | Decimal):
            return as_text(value)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=for_json)

    @functions.signature({"types": []})
    def _func_type(self, value: object) -> object:
        if isinstance(value, Decimal):
            return "number"
        return super()._func_type(value)  # type: ignore[misc]  # not in the stubs


class Functions(_Exact):
    """Calls a function by its name; checks what it is given first."""

    def __init__(self) -> None:
        super().__init__()
        self._allowed: dict[tuple[str, ...], tuple[list[str], list[Any]]] = {}

    def check_constant(self, name: str, index: int, value: object) -> None:
        """Raise what calling the function with this argument would raise in any case.

        An argument that a function of ours refuses whatever stands beside it is a mistake of the
        file.
        """
        signature = self.FUNCTION_TABLE[name]["signature"]
        if name not in OURS or index >= len(signature):
            return
        parameter = signature[index]
        if parameter["types"]:
            self._type_check_single(value, parameter["types"], name)  # type: ignore[attr-defined]  # not in the stubs
        if "check" in parameter:
            parameter["check"](value)

    def _validate_arguments(
        self, arguments: Sequence[Any], signature: Sequence[Parameter], name: str
    ) -> Any:
        if signature and signature[-1].get("optional"):
            least, _ = arguments_taken(signature)
            if not least <= len(arguments) <= len(signature):
                raise ArityError(len(signature), len(arguments), name)
            signature = signature[: len(arguments)]
        return super()._validate_arguments(arguments, signature, name)  # type: ignore[misc]  # not in the stubs

    # The library knows types by their names; answers carry their fractions as Decimal.

    def _convert_to_jmespath_type(self, name: str) -> str:
        found = super()._convert_to_jmespath_type(name)  # type: ignore[misc]  # not in the stubs
        return "number" if name == "Decimal" else str(found)

    def _get_allowed_pytypes(self, types: Sequence[str]) -> tuple[list[str], list[Any]]:
        key = tuple(types)
        if key not in self._allowed:  # asked for every argument of every call
            self._allowed[key] = self._found_allowed_pytypes(types)
        return self._allowed[key]

    def _found_allowed_pytypes(self, types: Sequence[str]) -> tuple[list[str], list[Any]]:
        allowed, subtypes = super()._get_allowed_pytypes(types)  # type: ignore[misc]  # not in the stubs
        if "float" in allowed:
            allowed.append("Decimal")
        return allowed, [(*s, "Decimal") if "float" in s else s for s in subtypes]


# The library fills the table from methods as a class is made; ours are no methods.
Functions.FUNCTION_TABLE = {**_Exact.FUNCTION_TABLE, **OURS}
