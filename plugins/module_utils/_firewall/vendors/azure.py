# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Azure: rules of a network security group, as templates write them and for azure.azcollection.azure_rm_securitygroup.

Priorities are 100 to 4096 and unique in a group; a rule holds one family of addresses. Names: at most 80 characters (naming rules of
network resources). The module replaces a rule of the same name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import from_networks
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import Held, Names, Rendering, Vendor, Wish, cidrs, held, mode_of

NAMES = Names(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_])?", 80, "letters, digits and _ . -, a letter or digit first, no . or - last")
SIX, OTHER = "-v6", "-others"
SLOTS = 3  # priorities of one service: IPv4, IPv6, others
FIRST, LAST = 100, 4096


def _rules(wish: Wish) -> Iterator[dict[str, Any]]:
    for number, service in enumerate(wish.allowlist.services):
        name, priority = "{0}-{1}".format(wish.name, service.name), wish.place.position + number * SLOTS
        for slot, (family, suffix) in enumerate(((4, ""), (6, SIX))):
            if service.sources(family):
                yield _rule(wish, name + suffix, "Allow", priority + slot, service.ports, cidrs(service, family))
        if service.mode == ENFORCE:
            yield _rule(wish, name + OTHER, "Deny", priority + 2, service.ports, "*")


def _rule(wish: Wish, name: str, access: str, priority: int, ports: tuple[int, ...], sources: Any) -> dict[str, Any]:
    if not FIRST <= priority <= LAST:
        raise FirewallError("place.position is {0}: rule {1!r} would have priority {2}, and Azure takes {3} to {4}".format(
            wish.place.position, name, priority, FIRST, LAST))
    return {
        "name": NAMES.checked(name), "protocol": "Tcp", "direction": "Inbound", "access": access, "priority": priority,
        "source_address_prefix": sources, "source_port_range": "*",
        "destination_address_prefix": _server(wish.place.server), "destination_port_range": [str(port) for port in ports],
    }


def _server(text: str) -> str:
    if not text:
        return "*"
    try:
        from_networks([text])
    except (OSError, ValueError):
        raise FirewallError("place.server {0!r} is no address and no network, which Azure takes here".format(text)) from None
    return text


def _template(rule: dict[str, Any]) -> dict[str, Any]:
    many = isinstance(rule["source_address_prefix"], list)
    return {"name": rule["name"], "properties": {
        "protocol": rule["protocol"], "direction": rule["direction"], "access": rule["access"], "priority": rule["priority"],
        "sourceAddressPrefixes" if many else "sourceAddressPrefix": rule["source_address_prefix"], "sourcePortRange": "*",
        "destinationAddressPrefix": rule["destination_address_prefix"], "destinationPortRanges": rule["destination_port_range"],
    }}


def render(wish: Wish) -> Rendering:
    """The securityRules of a template, and the module's arguments but for the group and the log-in."""
    rules = list(_rules(wish))
    data = {"azure_rm_securitygroup": {"rules": rules, "purge_rules": wish.purge}}
    return Rendering(json.dumps([_template(rule) for rule in rules], indent=1) + "\n", data)


def parse(text: str) -> dict[str, Held]:
    """The services of securityRules."""
    rules = {rule["name"]: rule["properties"] for rule in json.loads(text)}
    found = {}
    for name in sorted({re.sub("({0}|{1})$".format(SIX, OTHER), "", title) for title in rules}):
        parts = [rules[name + suffix] for suffix in ("", SIX, OTHER) if name + suffix in rules]
        sources = [cidr for part in parts for cidr in part.get("sourceAddressPrefixes", [])]
        found[name] = held(sources, map(int, parts[0]["destinationPortRanges"]), mode_of(True, name + OTHER in rules))
    return found


def steps(wish: Wish, where: str) -> tuple[str, ...]:
    """How a person brings it to the subscription."""
    return (
        "Open the network security group of the mail server's subnet or interface.",
        "See that priorities {0} to {1} are free or from an earlier run, and lower than those of other rules for these ports.".format(
            wish.place.position, wish.place.position + len(wish.allowlist.services) * SLOTS - 1),
        "Put {0} into the securityRules of its template and deploy it, or enter the rules by hand.".format(where),
    )


VENDOR = Vendor(
    "Azure network security group", render, parse, steps, needs=("position",), may=("server",), always=True, keeps_mode=True, purges=True,
    modules=("azure.azcollection",))
