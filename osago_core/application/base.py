"""What all parts of the application have in common: frozen, strict, closed, silent about values."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Model(BaseModel):
    """A part of the application.

    `null` and blank text mean "not given" everywhere, so a form may send all of its fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_not_given(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = cls.model_fields
        if data.keys() <= known.keys():  # the same as below, where no key needs a look
            return {key: value for key, value in data.items() if not is_blank(value)}
        return {
            readable(key): value
            for key, value in data.items()
            if not (key in known and is_blank(value))
        }

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Keep people out of tracebacks and logs."""
        return []

    def __str__(self) -> str:
        return repr(self)


def is_blank(value: object) -> bool:
    """Whether a value in a known place means "not given"."""
    return value is None or (isinstance(value, str) and not value.strip())


def readable(key: object) -> str:
    """Turn a key into printable text: JSON may hold escape codes and halves of surrogate pairs."""
    if not isinstance(key, str):
        return type(key).__name__
    if key.isprintable():
        return key
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in key
    )
