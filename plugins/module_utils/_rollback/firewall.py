# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Services of a gateway as they were, except where that would lock out more than is locked out now."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, MODES, OBSERVE


def back(record: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """By gateway: services to have, names that go, and the guards that this needs, each by the names of the services."""
    now = (declared.get("now") or {}).get("firewall") or {}
    options = declared.get("firewall") or {}
    named = {one["name"] for part in ("services", "opened") for one in options.get(part) or []} or {"smtp"}
    return {gateway: _gateway(record.get(gateway) or [], services, named) for gateway, services in now.items()}


def _gateway(record: list[dict[str, Any]], services: list[dict[str, Any]], named: set[str]) -> dict[str, Any]:
    live = {one["name"]: one for one in services}
    was = {one["name"]: one for one in record}
    wanted = [_service(one, live.get(name)) for name, one in was.items()]
    return {
        "services": wanted,
        "absent": [{"name": name} for name in sorted(live) if name not in was and name in named],
        "allow_empty": [one["name"] for one in wanted if not one["sources"]],
        "allow_few": [one["name"] for one in wanted if one["sources"]],
        "allow_removals": [one["name"] for one in wanted if one["name"] in live],
    }


def _service(was: Mapping[str, Any], live: Any) -> dict[str, Any]:
    """Ports, mode and sources of the record; whoever gets in now still does while others are shut out."""
    mode = _looser(was["mode"], live["mode"]) if live else _looser(was["mode"], OBSERVE)
    if mode == ENFORCE and set(was["ports"]) - set(live["ports"]):
        mode = OBSERVE
    sources = list(was["sources"])
    if mode == ENFORCE:
        sources += [one for one in live["sources"] if one not in sources]
    return {"name": was["name"], "ports": list(was["ports"]), "mode": mode, "sources": sources}


def _looser(one: str, other: str) -> str:
    """Of two modes the one that shuts out less; MODES has them in this order."""
    return min(one, other, key=MODES.index)
