# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Objects of the tenant document on their way back: those of the record as they were, those that came since gone."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Mapping

from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import EditedSet
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE

PLACEHOLDER = re.compile(r"\{\{ (vault_\w+) \}\}")  # what an export writes for a secret
ABSENT = "absent"
SMALL = 10  # of a kind with fewer objects the guard on shares says nothing


@dataclass
class Back:
    """The document so far. ``removals`` counts objects that go, nested ones too; ``percents`` are the shares of kinds that the guard looks at."""

    secrets: dict[str, Any]
    document: dict[str, Any] = field(default_factory=dict)
    removals: int = 0
    percents: list[int] = field(default_factory=list)
    handovers: list[Handover] = field(default_factory=list)


def kinds_back(back: Back, kind: str, tenant: Mapping[str, Any], declared: Mapping[str, Any]) -> None:
    """A kind of which the step owns every object that is recorded or declared."""
    before = {one["name"]: one for one in tenant.get(kind) or []}
    now = {one["name"]: one for one in declared.get(kind) or []}
    items = [_whole(back, kind, one, now.get(name, {})) for name, one in before.items()]
    gone = [one for name, one in now.items() if name not in before and one.get("state") != ABSENT]
    items += [{"name": one["name"], "state": ABSENT} for one in gone]
    if items:
        back.document[kind] = items
    _count(back, len(gone), len(items))
    for owned in CATALOGUE.owned_by(kind):
        option = owned.owner.option
        lost = sum(len(_lost(before.get(name, {}).get(option), one.get(option))) for name, one in now.items())
        kept = sum(len(one.get(option) or []) for one in before.values())
        _count(back, lost, lost + kept)


def domains_back(back: Back, tenant: Mapping[str, Any], declared: Mapping[str, Any]) -> None:
    """Of the customer's domains just what is checked of recipients; whether a domain is registered is no matter of a step."""
    before = {one["name"]: one.get("inbound_type") for one in tenant.get("domains") or []}
    items = [{"name": one["name"], "inbound_type": before[one["name"]]} for one in declared.get("domains") or [] if before.get(one["name"])]
    if items:
        back.document["domains"] = items


def outbound_back(back: Back, tenant: Mapping[str, Any], declared: Mapping[str, Any]) -> None:
    """The addresses that were there, without those that came; addresses of others stay."""
    before = _listed((tenant.get("outbound_addresses") or {}).get("addresses"))
    now = _listed((declared.get("outbound_addresses") or {}).get("addresses"))
    gone = [one for one in now if one not in before]
    if not before and not gone:
        return
    addresses = {word: listed for word, listed in (("add", before), ("remove", gone)) if listed}
    back.document["outbound_addresses"] = {"addresses": addresses, **({} if before else {"allow_empty": True})}


def _whole(back: Back, kind: str, recorded: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The recorded object with defaults for what the record leaves out, since that is what leaving out means there."""
    resource = CATALOGUE[kind]
    item: dict[str, Any] = {"name": recorded["name"]}
    unknown = []
    for row in resource.options:
        if row.option in recorded:
            value = _told(recorded[row.option], back.secrets)
            if value is not None:
                item[row.option] = value
        elif row.default is not None and not row.codec.hidden and not row.read_only:
            item[row.option] = {"set": list(row.default)} if isinstance(row.codec, EditedSet) else row.default
        elif now.get(row.option) is not None and not row.codec.hidden:
            unknown.append(row.option)
    for owned in CATALOGUE.owned_by(kind):
        option = owned.owner.option
        names = {one["name"]: one for one in now.get(option) or []}
        item[option] = [_whole(back, owned.kind, one, names.get(one["name"], {})) for one in recorded.get(option) or []]
    if unknown:
        back.handovers.append(Handover(
            "Empty {0} of {1}".format(" and ".join(unknown), resource.describe(recorded["name"])), "an administrator of the service",
            ("Open {0} in the console.".format(resource.describe(recorded["name"])), "Empty {0}.".format(" and ".join(unknown))),
            "It was not set when the record was made, and the API has no word for that.", "The export of the tenant leaves it out."))
    return item


def _told(value: Any, secrets: Mapping[str, Any]) -> Any:
    """The value with the secrets that were given, and without those that were not: what is not sent stays as it is."""
    if isinstance(value, str):
        found = PLACEHOLDER.fullmatch(value)
        return secrets.get(found.group(1)) if found else value
    if isinstance(value, dict):
        parts = {name: _told(part, secrets) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None}
    return [_told(part, secrets) for part in value] if isinstance(value, list) else value


def _lost(before: Any, now: Any) -> list[str]:
    names = {one["name"] for one in before or []}
    return [one["name"] for one in now or [] if one["name"] not in names]


def _listed(value: Any) -> list[str]:
    return [*((value or {}).get("set") or []), *((value or {}).get("add") or [])]


def _count(back: Back, gone: int, total: int) -> None:
    back.removals += gone
    if gone and total >= SMALL:
        back.percents.append(math.ceil(100 * gone / total))
