"""The JSON Schema (draft 2020-12) of insurers.toml, for editors, from the models that check it.

It never refuses what the daemon accepts; what spans several keys is for `osago config check`. It is
the same whatever is installed: of the tables of others' adapters it knows what all insurers have.
"""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from osago_daemon.config import own_types
from osago_daemon.config.words import description
from osago_daemon.insurers.registry import DEFAULT_KIND
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.settings import DICTIONARIES, INSURERS, TARIFF, TariffTable

_REF = "#/$defs/{model}"
_DOCUMENT = _REF.format(model="Document")
_ID = "^[a-z][a-z0-9_-]*$"


_NAMES = {"type": "object", "minProperties": 1}
_DICTIONARIES = {
    "type": "object",
    "description": "A table [dictionaries.NAME] for each dictionary that look_up('NAME', …) uses.",
    "propertyNames": {"pattern": _ID},
    "additionalProperties": {
        "type": "object",
        "description": "Names that insurers have numbers or other names for, makes and models say.",
        "additionalProperties": False,
        "properties": {
            "entries": _NAMES | {"description": "Name = value, or { value, aliases = [...] }."},
            "file": {
                "type": "string",
                "minLength": 1,
                "description": "In place of entries: a CSV or JSON file, relative to this one's "
                "folder.",
            },
        },
        "oneOf": [{"required": ["entries"]}, {"required": ["file"]}],
    },
}


class _Generator(GenerateJsonSchema):
    """As TOML has it: no nulls, no titles made of names; and with words for every key."""

    def function_plain_schema(
        self, schema: core_schema.PlainValidatorFunctionSchema
    ) -> JsonSchemaValue:
        return own_types.schema_of(schema["function"]["function"])

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        default = found.get("default")
        if default in (None, []) or isinstance(default, dict):
            found.pop("default", None)  # a table's keys have their own
        return found

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        found = super().tagged_union_schema(schema)
        found.pop("discriminator", None)  # OpenAPI's word
        return found

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        found.pop("title", None)
        found["description"] = " ".join(found.get("description", "").split())
        _describe(schema["cls"], found.get("properties", {}))
        return found


def document() -> dict[str, Any]:
    """The whole schema."""
    refs, definitions = models_json_schema(
        [(model, "validation") for model in (RestSpec, InsurerSpec, TariffTable)],
        schema_generator=_Generator,
        ref_template=_REF,
    )
    defs = definitions["$defs"]
    declared, others = refs[RestSpec, "validation"], refs[InsurerSpec, "validation"]
    _declared(defs[_name(declared)])
    plug_in = _of_a_plug_in(defs.pop(_name(others)))
    defs["Document"] = _free_document()
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "insurers.toml",
        "description": "The insurers that osago asks.",
        "type": "object",
        "additionalProperties": False,
        "required": [INSURERS],
        "properties": {
            INSURERS: {
                "type": "object",
                "description": "A table [insurers.ID] for each insurer.",
                "minProperties": 1,
                "propertyNames": {"pattern": _ID},
                "additionalProperties": {
                    "if": _NAMES_A_PLUG_IN,
                    "then": plug_in,
                    "else": declared,
                    # Taplo completes by this and not by `else`; it refuses nothing.
                    "anyOf": [declared, {}],
                },
            },
            TARIFF: refs[TariffTable, "validation"],
            DICTIONARIES: _DICTIONARIES,
        },
        "$defs": dict(sorted(defs.items())),
    }
    found: dict[str, Any] = _resolved(schema)
    _prune(found)
    return found


def text() -> str:
    """The schema as it stands in docs/schema/insurers.schema.json."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def _describe(model: type[BaseModel], properties: dict[str, Any]) -> None:
    for name, field in model.model_fields.items():
        known = properties.get(field.alias or name)
        if known is not None and (words := description(model, name)) is not None:
            known["description"] = words


_NAMES_A_PLUG_IN = {
    "required": ["adapter"],
    "properties": {"adapter": {"type": "string", "not": {"const": DEFAULT_KIND}}},
}


def _declared(schema: dict[str, Any]) -> None:
    """An insurer's table of our own kind of adapter; its `id` is the table's name, not a key."""
    schema["properties"].pop("id", None)
    schema["properties"]["adapter"] |= {"const": DEFAULT_KIND}
    schema["required"] = sorted({*schema.get("required", ())} - {"id"})


def _of_a_plug_in(schema: dict[str, Any]) -> dict[str, Any]:
    """One of a kind that somebody else brings: its own keys are known to `config check` only."""
    properties = {name: each for name, each in schema["properties"].items() if name != "id"}
    properties["adapter"] = {"type": "string", "description": "The kind of adapter: a plug-in's."}
    return {
        "type": "object",
        "description": schema["description"],
        "properties": properties,
        "required": sorted({*schema.get("required", ())} - {"id"}),
    }


def _name(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _prune(schema: dict[str, Any]) -> None:
    """Without the definitions that nothing refers to."""
    defs = schema["$defs"]
    while unused := set(defs) - _referred_to(schema):
        for name in unused:
            del defs[name]


def _referred_to(value: Any) -> set[str]:
    children = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)):
        return set()
    found = set().union(*map(_referred_to, children))
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        found.add(_name(value))
    return found


def _free_document() -> dict[str, Any]:
    """A body: its leaves are expressions."""
    within = {"$ref": _DOCUMENT}
    return {
        "anyOf": [
            own_types.EXPRESSION,
            {"type": "object", "additionalProperties": within},
            {"type": "array", "items": within},
        ]
    }


def _resolved(value: Any) -> Any:
    """With a reference where a free document goes; pydantic lets no foreign reference pass."""
    if isinstance(value, dict):
        found = {key: _resolved(child) for key, child in value.items() if key != "$comment"}
        return (
            {"$ref": _DOCUMENT, **found} if value.get("$comment") == own_types.DOCUMENT else found
        )
    return [_resolved(child) for child in value] if isinstance(value, list) else value
