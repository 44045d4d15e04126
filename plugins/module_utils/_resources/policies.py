# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What all policies share: whom they apply to and when (docs/service.md, delivery routes)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import MISSING, Codec, IdOf, NameOf

ALWAYS = "always"
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

    def write(self, value: dict[str, str], id_of: IdOf, secrets: dict[str, str]) -> dict[str, Any]:
        side: dict[str, Any] = {"type": _TYPES[value["type"]][0]}
        if value["type"] == "group":
            side["groupId"] = id_of("groups", value["group"])
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

    def __init__(self, api: str, flag: str) -> None:
        self._api, self._flag = api, flag

    def spec(self) -> dict[str, Any]:
        return {"type": "str"}

    def clean(self, value: Any) -> str:
        return ALWAYS if str(value).strip() == ALWAYS else values.date(value)

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        if row.get(self._flag) or not row.get(self._api):
            return ALWAYS
        try:
            return values.date(row[self._api])
        except ValueError:
            return row[self._api]

    def write(self, value: str, id_of: IdOf, secrets: dict[str, str]) -> dict[str, Any]:
        return {self._flag: True} if value == ALWAYS else {self._flag: False, self._api: value}
