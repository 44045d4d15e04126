# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches of the imitation. GET and PUT /_sandbox/settings."""
from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from . import formats

_LIMIT = {"type": "object", "additionalProperties": False, "required": ["limit", "window_ms"],
          "properties": {"limit": {"type": "integer", "minimum": 0},
                         "window_ms": {"type": "number", "exclusiveMinimum": 0}}}

# name -> (default, schema)
SETTINGS: dict[str, tuple[Any, dict[str, Any]]] = {
    "token_lifetime_s": (1799, {"type": "number", "minimum": 0}),
    "max_page": (None, {"type": ["integer", "null"], "minimum": 1}),
    "policies_list_key": ("policies", {"enum": ["policies", "definitions"]}),
    "policy_id_key": ("id", {"enum": ["id", "policyId"]}),
    "dkim_list_key": ("dnsOutboundDefinitions", {"enum": ["dnsOutboundDefinitions", "definitions"]}),
    "greylisting_dates": ("both", {"enum": ["both", "fromDate", "fromDateTime"]}),
    "outbound_shape": ("objects", {"enum": ["objects", "strings"]}),
    "outbound_forbidden": (False, {"type": "boolean"}),
    "resolver": (None, {"type": ["string", "null"], "format": "sandbox-loopback"}),
    "journaling_list_key": ("journalingServices", {"enum": ["journalingServices", "services"]}),
    "journaling_echo_password": (False, {"type": "boolean"}),
    "journaling_use_pop3": ("same", {"enum": ["same", "inverted"]}),
    "integrations_shape": ("full", {"enum": ["full", "opaque"]}),
    "sync_duration_ms": (2000, {"type": "number", "minimum": 0}),
    "sync_reads": (False, {"type": "boolean"}),
    "execute_sync_504": (False, {"type": "boolean"}),
    "mx_verify_shape": ("results", {"enum": ["results", "domains", "list"]}),
    "repeat_page_token": (False, {"type": "boolean"}),
    "list_shape": ("flat", {"enum": ["flat", "nested"]}),
    "blank_auth_mechanism": (False, {"type": "boolean"}),
    "patch_ignores": ([], {"type": "array", "items": {"type": "string"}}),
    "delete_in_use": ("refuse", {"enum": ["refuse", "allow"]}),
    "rate_limits": ({}, {"type": "object", "additionalProperties": _LIMIT}),
    "rate_limit_reset": (True, {"type": "boolean"}),
    "extra_fields": ({}, {"type": "object"}),
    "member_batch_limit": (None, {"type": ["integer", "null"], "minimum": 1}),
    "member_refuse": ([], {"type": "array", "items": {"type": "string"}}),
    "domain_member_address": ("empty", {"enum": ["empty", "domain"]}),
    "import_duration_ms": (200, {"type": "number", "minimum": 0}),
}
_SCHEMA = Draft202012Validator({"type": "object", "additionalProperties": False,
                                "properties": {name: schema for name, (_default, schema) in SETTINGS.items()}},
                               format_checker=formats.CHECKER)


def defaults() -> dict[str, Any]:
    return {name: default for name, (default, _schema) in SETTINGS.items()}


def merge(current: dict[str, Any], change: Any) -> None:
    """Merges `change` into `current`; raises ValueError with the first fault."""
    for error in _SCHEMA.iter_errors(change):
        raise ValueError(f"{error.json_path}: {error.message}")
    current.update(change)
