# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What all policies share: whom they apply to and when (docs/service.md, delivery routes)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import MISSING, Codec, EditedSet, NameOf, Outgoing, Plain
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World

ALWAYS = "always"
BASE = "/policy-management/cloud-gateway/v1"
PRODUCTS = ("emailsecurityonboarding", "policymanagement")
MAY_READ = {"permission": "Gateway | Policies | Read", "products": PRODUCTS}
MAY_EDIT = {"permission": "Gateway | Policies | Edit", "products": PRODUCTS}
FROM_PARTS = {"envelope": "envelope_from", "header": "header_from", "both": "both"}

# the user's word -> (the service's word, the option that says which one)
_TYPES = {
    "everyone": ("everyone", ()),
    "internal": ("internal_addresses", ()),
    "external": ("external_addresses", ()),
    "domain": ("email_domain", ("domain",)),
    "group": ("profile_group", ("group",)),
    "address": ("individual_email_address", ("address",)),
    "attribute": ("address_attribute_value", ("attribute_id", "attribute_value")),
}
_WORDS = {theirs: ours for ours, (theirs, _needs) in _TYPES.items()}
_CLEAN = {
    "domain": values.domain,
    "group": values.name,
    "address": values.address,
    "attribute_id": values.text,
    "attribute_value": values.text,
}


class Target(Codec):
    """One side of a policy, such as {type: domain, domain: example.com}. Reads nest the group, writes want groupId."""

    kinds = frozenset(["groups"])

    def __init__(self, api: str) -> None:
        self._api = api

    def spec(self) -> dict[str, Any]:
        options: dict[str, Any] = {"type": {"type": "str", "required": True, "choices": list(_TYPES)}}
        options.update({option: {"type": "str"} for option in _CLEAN})
        return {"type": "dict", "options": options}

    def clean(self, value: dict[str, Any]) -> dict[str, str]:
        needs = _TYPES[value["type"]][1]
        given = {option for option in _CLEAN if value.get(option)}
        if given != set(needs):
            wanted = "give " + " and ".join(needs) if needs else "give nothing else"
            raise ValueError("with type {0}, {1}".format(value["type"], wanted))
        found = {"type": value["type"]}
        for option in needs:
            try:
                found[option] = _CLEAN[option](value[option])
            except ValueError as error:
                raise ValueError("{0} is {1!r}: {2}".format(option, value[option], error)) from None
        return found

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        side = row.get(self._api)
        if not isinstance(side, dict):
            return MISSING
        word = _WORDS.get(side.get("type"), side.get("type"))
        found = {"type": word}
        if word == "group":
            found["group"] = name_of("groups", str((side.get("group") or {}).get("id") or side.get("groupId")))
        elif word == "domain":
            found["domain"] = str(side.get("domain") or "").lower()
        elif word == "address":
            found["address"] = str(side.get("emailAddress") or "").lower()
        elif word == "attribute":
            attribute = side.get("attribute") or {}
            found.update(attribute_id=str(attribute.get("id") or ""), attribute_value=str(attribute.get("value") or ""))
        return found

    def write(self, value: dict[str, str], out: Outgoing) -> dict[str, Any]:
        side: dict[str, Any] = {"type": _TYPES[value["type"]][0]}
        if value["type"] == "group":
            side["groupId"] = out.id_of("groups", value["group"])
        elif value["type"] == "domain":
            side["domain"] = value["domain"]
        elif value["type"] == "address":
            side["emailAddress"] = value["address"]
        elif value["type"] == "attribute":
            side["attribute"] = {"id": value["attribute_id"], "value": value["attribute_value"]}
        return {self._api: side}

    def references(self, value: Any) -> Iterator[tuple[str, str]]:
        return iter([("groups", value["group"])] if value and value.get("group") else [])


class Limit(Codec):
    """Start or end of validity: a day, or always. A day turns the eternal flag off, always turns it on."""

    def __init__(self, api: str, flag: str, also_read: str = "") -> None:
        """``also_read`` is another name under which answers may hold the day."""
        self._api, self._flag, self._also_read = api, flag, also_read

    def spec(self) -> dict[str, Any]:
        return {"type": "str"}

    def clean(self, value: Any) -> str:
        return ALWAYS if str(value).strip() == ALWAYS else values.date(value)

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        found = row.get(self._api) or row.get(self._also_read)
        if row.get(self._flag) or not found:
            return ALWAYS
        try:
            return values.date(found)
        except ValueError:
            return found

    def write(self, value: str, out: Outgoing) -> dict[str, Any]:
        return {self._flag: True} if value == ALWAYS else {self._flag: False, self._api: value}


def policy_operations(area: str, *list_keys: str, what: str = "policies") -> dict[str, Operation]:
    """The five operations of a kind below one area of the policy management."""
    path = "{0}/{1}/{2}".format(BASE, area, what)
    return {
        "list": Operation("GET", path, READ, list_keys=list_keys, **MAY_READ),
        "get": Operation("GET", path + "/{id}", READ, **MAY_READ),
        "create": Operation("POST", path, WRITE, **MAY_EDIT),
        "update": Operation("PATCH", path + "/{id}", WRITE, **MAY_EDIT),
        "delete": Operation("DELETE", path + "/{id}", WRITE, **MAY_EDIT),
    }


def policy_rows(
    to_required: bool = False, from_part: bool = True, source_ranges: bool = True, dates: str = "DateTime",
) -> tuple[Field, ...]:
    """The shared rows. ``dates`` ends the names under which days are written; answers may always use DateTime.

    The defaults are documented for the older API and inferred for this one, so a creation sends them (docs/service.md).
    """
    everyone = {"type": "everyone"}
    rows = [
        Field("from", Target("from"), default=everyone),
        Field("to", Target("to"), required=True) if to_required else Field("to", Target("to"), default=everyone),
        Field("valid_from", Limit("from" + dates, "fromEternal", "fromDateTime"), default=ALWAYS),
        Field("valid_to", Limit("to" + dates, "toEternal", "toDateTime"), default=ALWAYS),
        Field("enabled", Plain("enabled", bool, "bool"), default=True),
        Field("override", Plain("override", bool, "bool"), default=False),
        Field("bidirectional", Plain("bidirectional", bool, "bool"), default=False),
    ]
    if from_part:
        rows.append(Field("from_part", Plain("fromPart", choices=FROM_PARTS), default="envelope"))
    if source_ranges:
        rows.append(Field("source_ranges", EditedSet("sourceIPs", values.cidr), default=[]))
    return tuple(rows)


def ends_after_start(change: Change, world: World) -> None:
    """A policy that ends before it starts never applies."""
    start, end = change.after["valid_from"], change.after["valid_to"]
    if ALWAYS not in (start, end) and end < start:
        raise InputError("Cannot {0} {1}: valid_to is {2}, before valid_from, which is {3}".format(change.action, change, end, start))
