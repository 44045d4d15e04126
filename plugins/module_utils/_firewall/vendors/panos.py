# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""PAN-OS: set commands. The external dynamic list is in lists.py.

A static group only grows by ``set``, so its members are deleted first; both are one commit. Names of rules have at most 63 characters
(Administrator's Guide, components of a security policy rule).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import (
    Held, Names, Rendering, Vendor, Wish, address_name, both, has_rules, held, lines_of, mode_of)

NAMES = Names(r"[A-Za-z0-9_][A-Za-z0-9_ .-]*", 63, "letters, digits, spaces and _ . -")
OTHER = "-others"
RULE = "rulebase security rules"


def _quoted(name: str, what: str = "name") -> str:
    return '"{0}"'.format(NAMES.checked(name, what))


def _lines(wish: Wish) -> Iterator[str]:
    for cidr in sorted({cidr for service in wish.allowlist.services for cidr in both(service)}):
        yield "set address {0} ip-netmask {1}".format(_quoted(address_name(wish.name, cidr)), cidr)
    for service in wish.allowlist.services:
        name = _quoted("{0}-{1}".format(wish.name, service.name))
        yield "delete address-group {0} static".format(name)
        for cidr in both(service):
            yield "set address-group {0} static {1}".format(name, _quoted(address_name(wish.name, cidr)))
        yield "set service {0} protocol tcp port {1}".format(name, ",".join(map(str, service.ports)))
        if has_rules(wish):
            yield _rule(wish, name, name, name, "allow")
        if has_rules(wish) and service.mode == ENFORCE:
            yield _rule(wish, _quoted("{0}-{1}{2}".format(wish.name, service.name, OTHER)), "any", name, "deny")


def _rule(wish: Wish, name: str, source: str, service: str, action: str) -> str:
    place = wish.place
    return "set {0} {1} from {2} to {3} source {4} destination {5} service {6} application any action {7} log-end yes".format(
        RULE, name, _quoted(place.source_zone, "place.source_zone"), _quoted(place.destination_zone, "place.destination_zone"), source,
        _quoted(place.server, "place.server"), service, action)


def render(wish: Wish) -> Rendering:
    """Commands of the configuration mode."""
    return Rendering(lines_of(_lines(wish)))


def parse(text: str) -> dict[str, Held]:
    """The services of set commands."""
    networks: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    ports: dict[str, list[int]] = {}
    rules: set[str] = set()
    for words in map(shlex.split, text.splitlines()):
        if words[:2] == ["set", "address"]:
            networks[words[2]] = words[4]
        elif words[:2] == ["set", "address-group"]:
            members.setdefault(words[2], []).append(words[4])
        elif words[:2] == ["set", "service"]:
            ports[words[2]] = [int(port) for port in words[-1].split(",")]
        elif words[:4] == ["set", *RULE.split()]:
            rules.add(words[4])
    return {
        name: held([networks[member] for member in members.get(name, [])], numbers, mode_of(name in rules, name + OTHER in rules))
        for name, numbers in ports.items()
    }


def steps(wish: Wish, where: str) -> tuple[str, ...]:
    """How a person brings it to the device."""
    move = "Move the new rules above every other rule that allows these ports to {0}, sources first and others below.".format(wish.place.server)
    objects = "Use the groups as source of the rule that lets mail in, and below it, to lock down, a rule that denies these ports to any."
    return (
        "Log in to the CLI of the firewall and enter configure. On several virtual systems, or Panorama, go to that of the mail server.",
        "Paste {0}. That there is nothing to delete yet is no error.".format(where),
        move if has_rules(wish) else objects,
        "Enter commit.",
    )


VENDOR = Vendor("PAN-OS", render, parse, steps, needs=("server", "source_zone", "destination_zone"), keeps_mode=True)
