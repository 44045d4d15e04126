# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making tenants and their objects: for the control interface and for seed files."""
from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from .resources import REGISTRY
from .state import State

_TEXT = {"type": "string", "minLength": 1}
_NAMES = {"type": ["array", "null"], "items": {"type": "string"}}
_ACCESS = {"client_id": _TEXT, "client_secret": _TEXT, "products": _NAMES, "permissions": _NAMES,
           "acts_for": {"anyOf": [{"const": "*"}, {"type": "array", "items": {"type": "string"}}]}}
_CREDENTIAL = {"type": "object", "additionalProperties": False, "required": ["client_id", "client_secret"],
               "properties": _ACCESS}
_ROWS = {"type": "array", "items": {"type": ["string", "object"]}}
_SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["account_code", "client_id", "client_secret"],
    "properties": {"account_code": _TEXT, "name": {"type": "string"}, "region": _TEXT, **_ACCESS,
                   "credentials": {"type": "array", "items": _CREDENTIAL}, "internal_domains": _ROWS, "groups": _ROWS,
                   "account": {"type": "object"}, "support": {"type": "object"}, "gateway": {"type": "object"},
                   "objects": {"type": "object", "additionalProperties": {"type": "array"}}},
}
_TENANT_CHECK = Draft202012Validator(_SCHEMA)
_CREDENTIAL_CHECK = Draft202012Validator(_CREDENTIAL)


def add_tenant(state: State, body: Any) -> dict[str, Any]:
    """Creates a tenant with credentials and objects; raises ValueError. Answers {"account_code", "refs"}."""
    _check(_TENANT_CHECK, body)
    code = body["account_code"]
    if state.store.tenant(code) is not None:
        raise ValueError(f"tenant {code} exists")
    main = {name: body[name] for name in _ACCESS if name in body}
    credentials = [main, *body.get("credentials", [])]
    for credential in credentials:
        if state.store.has_credential(credential["client_id"]):
            raise ValueError(f"client id {credential['client_id']} exists")
    state.store.add_tenant(code, {
        "name": body.get("name", code), "region": body.get("region", "eu"), "account": body.get("account", {}),
        "support": body.get("support", {}), "gateway": body.get("gateway", {})})
    for credential in credentials:
        add_credential(state, code, credential)
    objects = {"internal_domains": _named(body, "internal_domains", "domain"),
               "groups": _named(body, "groups", "description"), **body.get("objects", {})}
    return {"account_code": code, "refs": {kind: insert(state, code, kind, rows) for kind, rows in objects.items()}}


def add_credential(state: State, code: str, body: Any) -> None:
    """One more client id for a tenant; no products or permissions means all, acts_for makes it a partner's."""
    _check(_CREDENTIAL_CHECK, body)
    if state.store.has_credential(body["client_id"]):
        raise ValueError(f"client id {body['client_id']} exists")
    state.store.add_credential(body["client_id"], body["client_secret"], code, {
        "products": body.get("products"), "permissions": body.get("permissions"), "acts_for": body.get("acts_for", [])})


def insert(state: State, code: str, kind: str, rows: list[dict[str, Any]]) -> list[int]:
    """Stores objects behind the client's back: fields by their API names, references as refs."""
    resource = REGISTRY[kind]
    for row in rows:
        check_fields(kind, row)
    return state.store.insert(code, kind, (resource.complete({**resource.defaults, **row}) for row in rows))


def check_fields(kind: str, row: Any) -> None:
    if not isinstance(row, dict):
        raise ValueError(f"an object of {kind} must be a map")
    unknown = set(row) - REGISTRY[kind].fields
    if unknown:
        raise ValueError(f"{kind} has no field {min(unknown)}")
    for reference in REGISTRY[kind].references:
        value: Any = row
        for step in reference.path:
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None and not isinstance(value, int):
            raise ValueError(f"{'.'.join(reference.path)} of {kind} must be the ref of an object")


def _named(body: dict[str, Any], key: str, name: str) -> list[dict[str, Any]]:
    return [{name: row} if isinstance(row, str) else row for row in body.get(key, [])]


def _check(validator: Draft202012Validator, body: Any) -> None:
    for error in validator.iter_errors(body):
        # Not error.message: it repeats the value, and that can be a secret.
        rule = f"{error.validator}: {error.validator_value}"
        raise ValueError(f"{error.json_path} does not satisfy {rule[:300]}")
