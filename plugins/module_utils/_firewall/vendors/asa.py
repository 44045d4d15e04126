# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Cisco ASA: object groups and lines of an access list.

Names: at most 64 characters, one name space for all objects; IPv4 and IPv6 mix in a network group (ASA Firewall CLI guide, objects for
access control). That ESMTP inspection breaks mail from the service is the vendor's own word (error codes page).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import number_of
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import (
    Held, Names, Rendering, Vendor, Wish, cidrs, has_rules, held, length_of, lines_of, masked, mode_of)

NAMES = Names(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", 64, "letters, digits and _ . -")
FROM, PORTS = "-from", "-ports"
INSPECTION = (
    "! ESMTP inspection breaks mail from Mimecast (answer 452, messages that end early). If show service-policy lists inspect esmtp:",
    "!   policy-map global_policy",
    "!    class inspection_default",
    "!     no inspect esmtp",
)


def _server(text: str) -> str:
    try:
        number_of(text)
    except (OSError, ValueError):
        return "object {0}".format(NAMES.checked(text, "place.server"))
    return "host {0}".format(text)


def _lines(wish: Wish) -> Iterator[str]:
    yield from INSPECTION
    for service in wish.allowlist.services:
        name = "{0}-{1}".format(wish.name, service.name)
        yield "object-group network {0}".format(NAMES.checked(name + FROM))
        yield from (" network-object {0} {1}".format(*masked(cidr)) for cidr in cidrs(service, 4))
        yield from (" network-object {0}".format(cidr) for cidr in cidrs(service, 6))
        yield "object-group service {0} tcp".format(NAMES.checked(name + PORTS))
        yield from (" port-object eq {0}".format(port) for port in service.ports)
    if has_rules(wish):
        yield from _entries(wish)


def _entries(wish: Wish) -> Iterator[str]:
    number = wish.place.position
    for service in wish.allowlist.services:
        for entry in _rules(wish, service):
            line = " line {0}".format(number) if number else ""
            yield "access-list {0}{1} extended {2}".format(NAMES.checked(wish.place.access_list, "place.access_list"), line, entry)
            number += 1 if number else 0


def _rules(wish: Wish, service: Service) -> Iterator[str]:
    name, server = "{0}-{1}".format(wish.name, service.name), _server(wish.place.server)
    yield "permit tcp object-group {0} {1} object-group {2}".format(name + FROM, server, name + PORTS)
    if service.mode == ENFORCE:
        yield "deny tcp any {0} object-group {1} log".format(server, name + PORTS)


def render(wish: Wish) -> Rendering:
    """Commands of the configuration mode."""
    return Rendering(lines_of(_lines(wish)))


def parse(text: str) -> dict[str, Held]:
    """The services of these commands."""
    groups: dict[str, list[str]] = {}
    rules: dict[str, set[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["object-group"]:
            current = groups.setdefault(words[2], [])
        elif words[:1] in (["network-object"], ["port-object"]):
            current.append(words[-1] if len(words) == 2 or words[1] == "eq" else "{0}/{1}".format(words[1], length_of(words[2])))
        elif words[:1] == ["access-list"]:
            entry = re.search(r"extended (permit|deny) tcp .* object-group (\S+)", line)
            if not entry:
                raise FirewallError("line {0!r} is none that was written here".format(line))
            rules.setdefault(entry[2][:-len(PORTS)], set()).add(entry[1])
    found = {}
    for group, ports in groups.items():
        name = group[:-len(PORTS)]
        if group.endswith(PORTS):
            found[name] = held(groups[name + FROM], map(int, ports), mode_of("permit" in rules.get(name, ()), "deny" in rules.get(name, ())))
    return found


def steps(wish: Wish, where: str) -> tuple[str, ...]:
    """How a person brings it to the device."""
    order = (
        "Remove entries of {0} above these that allow the ports from elsewhere; an access list is read from its top.".format(wish.place.access_list)
        if has_rules(wish) else "Use the groups in the access list that lets mail in: permit the -from group, and below it, to lock down, deny any.")
    return (
        "Log in to the ASA and enter configure terminal.",
        "Look at show service-policy: if it lists inspect esmtp, switch it off with the commands in the comment, or mail breaks.",
        "Paste {0}.".format(where),
        "Take networks that are no longer in the list out of the group with no network-object: pasting only adds.",
        order,
        "Enter write memory.",
    )


VENDOR = Vendor("Cisco ASA", render, parse, steps, needs=("server", "access_list"), may=("position",), keeps_mode=True, adds_only=True)
