"""The wire contract as an OpenRPC document, generated from the types that the daemon runs on."""

import json
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from osago_core.application import Application
from osago_core.wire.errors import CODES, ErrorData
from osago_core.wire.events import Event
from osago_core.wire.methods import ALL, Method
from osago_core.wire.protocol import EVENT_METHOD, PROTOCOL

_REF = "#/components/schemas/{model}"


@cache
def document() -> dict[str, Any]:
    """The whole contract: methods, events, errors and every schema they use."""
    events = TypeAdapter(Event)
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((method.params, "validation") for method in ALL),
        *((method.result, "serialization") for method in ALL),
        (Application, "validation"),
        (ErrorData, "serialization"),
    ]
    refs, definitions = models_json_schema(wanted, ref_template=_REF)
    event_schema = events.json_schema(ref_template=_REF, mode="serialization")
    schemas = definitions["$defs"] | event_schema.pop("$defs") | {"Event": event_schema}
    for schema in schemas.values():  # any object to the type system, an Application to readers
        if "application" in schema.get("properties", {}):
            schema["properties"]["application"] = {"$ref": _REF.format(model="Application")}
    return {
        "openrpc": "1.3.2",
        "info": {"title": "osago quote daemon", "version": str(PROTOCOL)},
        "methods": [
            _method(m, refs[m.params, "validation"], refs[m.result, "serialization"]) for m in ALL
        ],
        "x-notifications": [{"name": EVENT_METHOD, "params": {"$ref": _REF.format(model="Event")}}],
        "components": {
            "schemas": _without_nulls(dict(sorted(schemas.items()))),
            "errors": {
                kind.value: {"code": code, "message": kind.value.replace("_", " ")}
                for kind, code in CODES.items()
            },
        },
    }


def _without_nulls(value: Any) -> Any:
    """Without `"default": null`: on the wire a missing field and null are the same."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _method(
    method: Method[Any, Any], params: dict[str, Any], result: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "by-name",
        "params": [
            {"name": name, "required": field.is_required(), "schema": _property(params, name)}
            for name, field in method.params.model_fields.items()
        ],
        "result": {"name": method.result.__name__, "schema": result},
    }


def _property(params: dict[str, Any], name: str) -> dict[str, Any]:
    """OpenRPC lists parameters one by one; each points into the schema of them all."""
    return {"$ref": f"{params['$ref']}/properties/{name}"}


def text() -> str:
    """The document as it stands in docs/schema/openrpc.json."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201  # `make schema` redirects it
