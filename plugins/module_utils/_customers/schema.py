# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The spec of customer files as a JSON Schema, which editors read."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import CUSTOMER_SPEC, HYBRID

# Whatever is no text can come from a template, and all can come from a vault (which editors see as a text).
_TEMPLATE = {"type": "string", "pattern": r"\{\{|\$ANSIBLE_VAULT"}
_PLAIN = {"str": ["string", "number"], "path": ["string"], "int": ["integer"], "float": ["number"], "bool": ["boolean"]}


def json_schema(descriptions: dict[str, str]) -> dict[str, Any]:
    """``descriptions`` by place, such as infrastructure.hosts."""
    whole = _mapping({"options": CUSTOMER_SPEC}, "", descriptions)
    hybrid = {"properties": {"type": {"const": HYBRID}}, "required": ["type"]}
    whole["properties"]["infrastructure"]["anyOf"][0].update({
        "if": hybrid,
        "then": {"required": ["on_premises", "cloud"]},
        "else": {"not": {"anyOf": [{"required": ["on_premises"]}, {"required": ["cloud"]}]}},
    })
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Customer file of mimecast.connect", **whole}


def _mapping(row: dict[str, Any], at: str, descriptions: dict[str, str]) -> dict[str, Any]:
    options = row["options"]
    properties = {}
    for name, inner in options.items():
        for alias in (name, *inner.get("aliases", ())):
            properties[alias] = _value(inner, "{0}.{1}".format(at, name).lstrip("."), descriptions)
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [name for name, inner in options.items() if inner.get("required") and not inner.get("aliases")]
    if required:
        found["required"] = required
    exclusive = [{"required": group} for group in row.get("mutually_exclusive", ())]
    if exclusive:
        found["not"] = {"anyOf": exclusive}
    return found


def _value(row: dict[str, Any], at: str, descriptions: dict[str, str]) -> dict[str, Any]:
    found = _form(row, at, descriptions)
    if at in descriptions:
        found["description"] = descriptions[at]
    return found


def _form(row: dict[str, Any], at: str, descriptions: dict[str, str]) -> dict[str, Any]:
    kind = row.get("type", "str")
    if kind == "dict":
        return {"anyOf": [_mapping(row, at, descriptions) if row.get("options") else {"type": "object"}, _TEMPLATE]}
    if kind == "list":
        inner = {**row, "type": row.get("elements", "raw")}
        return {"anyOf": [{"type": "array", "items": _form(inner, at, descriptions)}, _TEMPLATE]}
    if kind == "raw":
        return {}
    if "choices" in row:
        return {"anyOf": [{"enum": _choices(row["choices"])}, _TEMPLATE]}
    return {"type": _PLAIN[kind]} if kind in ("str", "path") else {"anyOf": [{"type": _PLAIN[kind]}, _TEMPLATE]}


def _choices(choices: Any) -> list[Any]:
    """With the numbers that YAML makes of texts such as 100."""
    return [*choices, *(int(choice) for choice in choices if str(choice).isdigit())]
