"""How the endpoints describe themselves in the OpenAPI: the schemas of the values that cross, as they are."""

from __future__ import annotations

from typing import Any

import msgspec

from tracker.server.faults import Fault

PREFIX = "/api/v1"
MEDIA = {"json": "application/json", "msgpack": "application/msgpack", "bytes": "application/octet-stream"}
_SCHEMA = "x-runcite-type"
_TYPES: dict[str, Any] = {"Fault": Fault}


def described(
    *, result: Any = None, body: Any = None, form: str = "json", status: int = 200, raw: bool = False
) -> dict[str, Any]:
    """The keyword arguments of a route whose body and result are these types. `raw` results are bytes.

    The types are named here and turned into schemas once, when the whole OpenAPI is asked for.
    """
    if raw:
        content: dict[str, Any] = {MEDIA["bytes"]: {"schema": {"type": "string", "format": "binary"}}}
    elif result is None:
        content = {}
    elif form == "msgpack":
        content = {MEDIA["msgpack"]: {"schema": _named(result)}}
    else:
        content = {MEDIA["json"]: {"schema": _named(result)}, MEDIA["msgpack"]: {"schema": _named(result)}}
    extra: dict[str, Any] = {}
    if body is bytes:
        schema = {"type": "string", "format": "binary"}
        extra["requestBody"] = {"required": True, "content": {MEDIA["bytes"]: {"schema": schema}}}
    elif body is not None:
        extra["requestBody"] = {"required": True, "content": {MEDIA[form]: {"schema": _named(body)}}}
    fault = {"application/json": {"schema": _named(Fault)}}
    return {
        "openapi_extra": extra,
        "status_code": status,
        "response_model": None,
        "responses": {
            status: {"description": "As asked.", **({"content": content} if content else {})},
            "4XX": {"description": "What was wrong, and what to do.", "content": fault},
            "5XX": {"description": "A fault of the server, or one that passes.", "content": fault},
        },
    }


def with_schemas(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with every named type replaced by its schema."""
    names = list(_TYPES)
    schemas, components = msgspec.json.schema_components(
        [_TYPES[name] for name in names], ref_template="#/components/schemas/{name}"
    )
    document = _replaced(document, dict(zip(names, schemas, strict=True)))
    held = document.setdefault("components", {}).setdefault("schemas", {})
    held.update(components)
    return document


def empty() -> dict[str, str]:
    """The answer of what has nothing to say."""
    return {}


def _named(kind: Any) -> dict[str, str]:
    name = getattr(kind, "__name__", "") if isinstance(kind, type) and not hasattr(kind, "__args__") else str(kind)
    _TYPES[name] = kind
    return {_SCHEMA: name}


def _replaced(node: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        if _SCHEMA in node:
            return schemas[node[_SCHEMA]]
        return {key: _replaced(value, schemas) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(value, schemas) for value in node]
    return node
