# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""FortiOS: the CLI, and the arguments of the modules of fortinet.fortios.

Lengths and characters of names: FortiOS Administration Guide, "Text strings". Addresses, groups and virtual IPs share one name
space (CLI reference, firewall address), so the IPv6 group has a name of its own. ``edit`` of a policy id overwrites what is there.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import (
    Held, Names, Rendering, Vendor, Wish, address_name, cidrs, has_rules, held, length_of, lines_of, masked, mode_of)

NAMES = Names(r"[A-Za-z0-9][A-Za-z0-9 ._/-]*", 79, "letters, digits, spaces and . _ / -")
ZONES = Names(NAMES.pattern, 35, NAMES.words)
OTHER = "-others"
SIX = "-v6"
SLOTS = 4  # policy ids of one service: sources and others, for both families
GROUPS = {4: "addrgrp", 6: "addrgrp6"}


def _name(name: str) -> dict[str, str]:
    return {"name": name}


def _groups(wish: Wish) -> Iterator[tuple[int, str, list[str]]]:
    for service in wish.allowlist.services:
        for family, suffix in ((4, ""), (6, SIX)):
            networks = cidrs(service, family)
            if networks:
                yield family, NAMES.checked(_object(wish, service) + suffix), networks


def _object(wish: Wish, service: Service) -> str:
    return "{0}-{1}".format(wish.name, service.name)


def _policies(wish: Wish) -> Iterator[dict[str, Any]]:
    place = wish.place
    for number, service in enumerate(wish.allowlist.services):
        for family, suffix, server in ((4, "", place.server), (6, SIX, place.server6)):
            first = place.position + number * SLOTS + (2 if family == 6 else 0)
            name = _object(wish, service) + suffix
            if server and service.sources(family):
                yield _policy(wish, service, family, first, name, name, "accept")
            if server and service.mode == ENFORCE:
                yield _policy(wish, service, family, first + 1, name + OTHER, "all", "deny")


def _policy(wish: Wish, service: Service, family: int, number: int, name: str, source: str, action: str) -> dict[str, Any]:
    place, suffix = wish.place, "" if family == 4 else "6"
    server = place.server if family == 4 else place.server6
    return {
        "policyid": number,
        "name": ZONES.checked(name, "name of a policy"),
        "srcintf": [_name(ZONES.checked(place.source_zone, "place.source_zone"))],
        "dstintf": [_name(ZONES.checked(place.destination_zone, "place.destination_zone"))],
        "srcaddr" + suffix: [_name(source)],
        "dstaddr" + suffix: [_name(NAMES.checked(server, "place.server"))],
        "service": [_name(_object(wish, service))],
        "schedule": "always",
        "action": action,
        "logtraffic": "all",
        "status": "enable",
    }


def data(wish: Wish) -> dict[str, list[dict[str, Any]]]:
    """The arguments of each module: its option named after it, one value for each object."""
    groups = list(_groups(wish))
    wanted = {family: sorted({cidr for one, _name_of, networks in groups if one == family for cidr in networks}) for family in GROUPS}
    addresses = [{"name": _address(wish, cidr), "type": "ipmask", "subnet": " ".join(masked(cidr))} for cidr in wanted[4]]
    return {
        "fortios_firewall_address": addresses,
        "fortios_firewall_address6": [{"name": _address(wish, cidr), "ip6": cidr} for cidr in wanted[6]],
        **{
            "fortios_firewall_" + word: [
                {"name": name, "member": [_name(_address(wish, cidr)) for cidr in networks]} for one, name, networks in groups if one == family]
            for family, word in GROUPS.items()
        },
        "fortios_firewall_service_custom": [
            {"name": NAMES.checked(_object(wish, service)), "tcp_portrange": " ".join(map(str, service.ports))} for service in wish.allowlist.services],
        "fortios_firewall_policy": list(_policies(wish)) if has_rules(wish) else [],
    }


def _address(wish: Wish, cidr: str) -> str:
    return NAMES.checked(address_name(wish.name, cidr))


def render(wish: Wish) -> Rendering:
    """The objects in the order in which they refer to each other."""
    found = data(wish)
    content = lines_of(line for module, items in found.items() if items for line in _section(module, items))
    bare = [service.name for service in wish.allowlist.services if service.sources6 and has_rules(wish) and not wish.place.server6]
    warnings = ["Service {0!r}: its IPv6 group is made, but no policy uses it; give place.server6".format(name) for name in bare]
    return Rendering(content, found, tuple(warnings))


def _section(module: str, items: list[dict[str, Any]]) -> Iterator[str]:
    yield "config firewall " + module[len("fortios_firewall_"):].replace("service_custom", "service custom")
    for item in items:
        key = "policyid" if "policyid" in item else "name"
        yield "    edit " + _word(item[key])
        for option, value in item.items():
            if option != key:
                yield "        set {0} {1}".format(option.replace("tcp_portrange", "tcp-portrange"), _value(option, value))
        yield "    next"
    yield "end"


def _value(option: str, value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_word(item["name"]) for item in value)
    return _word(value) if option == "name" else str(value)


def _word(value: Any) -> str:
    # Names hold neither quotes nor backslashes: NAMES has seen them all.
    return str(value) if isinstance(value, int) else '"{0}"'.format(value)


def parse(text: str) -> dict[str, Held]:
    """The services of a rendering, or of what the device shows of these sections."""
    tables = _tables(text)
    networks = {name: "{0}/{1}".format(item["subnet"][0], length_of(item["subnet"][1])) for name, item in tables.get("address", {}).items()}
    networks.update({name: item["ip6"][0] for name, item in tables.get("address6", {}).items()})
    members = {name: item["member"] for word in GROUPS.values() for name, item in tables.get(word, {}).items()}
    policies = {item["name"][0] for item in tables.get("policy", {}).values()}
    found = {}
    for name, item in tables.get("service custom", {}).items():
        sources = [networks[member] for group in (name, name + SIX) for member in members.get(group, [])]
        mode = mode_of(bool({name, name + SIX} & policies), bool({name + OTHER, name + SIX + OTHER} & policies))
        found[name] = held(sources, map(int, item["tcp-portrange"]), mode)
    return found


def _tables(text: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    tables: dict[str, dict[str, dict[str, list[str]]]] = {}
    section = name = ""
    for line in text.splitlines():
        words = shlex.split(line)
        if words[:2] == ["config", "firewall"]:
            section = " ".join(words[2:])
        elif words[:1] == ["edit"]:
            name = words[1]
            tables.setdefault(section, {})[name] = {}
        elif words[:1] == ["set"]:
            tables[section][name][words[1]] = words[2:]
    return tables


def steps(wish: Wish, where: str) -> tuple[str, ...]:
    """How a person brings it to the device."""
    last = wish.place.position + len(wish.allowlist.services) * SLOTS - 1
    rules = (
        "See that policy ids {0} to {1} are free or from an earlier run: pasting overwrites them.".format(wish.place.position, last),
        "Move the new policies above every other policy that allows these ports to {0}, sources first and others below.".format(wish.place.server),
    ) if has_rules(wish) else (
        "Use the groups as source of the policy that lets mail in, and below it, to lock down, a policy that denies these ports to all.",
    )
    return ("Log in to the CLI of the FortiGate, in the VDOM of the mail server.", *rules[:1], "Paste {0}.".format(where), *rules[1:])


VENDOR = Vendor(
    "FortiOS", render, parse, steps, needs=("server", "source_zone", "destination_zone", "position"), may=("server6",), keeps_mode=True,
    modules=("fortinet.fortios",))
