# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Check Point: a script of mgmt_cli calls, in which adding what exists becomes setting it.

Whether a name is free is not asked first: add fails then, and set replaces the values, members of groups included.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import (
    Held, Names, Rendering, Vendor, Wish, address_name, both, has_rules, held, lines_of, mode_of)

# The limit is our own choice: none is published.
NAMES = Names(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", 100, "letters, digits and _ . -")
TITLES = Names(r"[A-Za-z0-9_][A-Za-z0-9_. -]*", 100, "letters, digits, spaces and _ . -")
TCP, OTHER = "-tcp-", "-others"
HEAD = (
    "# For bash.",
    "# Before: mgmt_cli login > id.txt; export SESSION=id.txt     After: mgmt_cli -s id.txt publish; mgmt_cli -s id.txt logout",
    "set -euo pipefail",
    ': "${SESSION:?the file that mgmt_cli login wrote}"',
    'object() { mgmt_cli -s "$SESSION" add "$@" || mgmt_cli -s "$SESSION" set "$@"; }',
    'rule() { mgmt_cli -s "$SESSION" add access-rule position "$@" || mgmt_cli -s "$SESSION" set access-rule "${@:2}"; }',
)


def _name(text: str, what: str = "name") -> str:
    return shlex.quote(NAMES.checked(text, what))


def _object(wish: Wish, service: Service) -> str:
    return "{0}-{1}".format(wish.name, service.name)


def _lines(wish: Wish) -> Iterator[str]:
    yield from HEAD
    for cidr in sorted({cidr for service in wish.allowlist.services for cidr in both(service)}):
        address, _slash, length = cidr.partition("/")
        family = "6" if ":" in address else "4"
        yield "object network name {0} subnet{1} {2} mask-length{1} {3}".format(_name(address_name(wish.name, cidr)), family, address, length)
    for service in wish.allowlist.services:
        members = [_name(address_name(wish.name, cidr)) for cidr in both(service)]
        yield "object group name {0} {1}".format(_name(_object(wish, service)), _numbered("members", members))
        for port in service.ports:
            yield "object service-tcp name {0} port {1}".format(_name(_port(wish, service, port)), port)
    if has_rules(wish):
        yield from _rules(wish)


def _port(wish: Wish, service: Service, port: int) -> str:
    return "{0}{1}{2}".format(_object(wish, service), TCP, port)


def _numbered(option: str, names: list[str]) -> str:
    return " ".join("{0}.{1} {2}".format(option, number, name) for number, name in enumerate(names, 1))


def _rules(wish: Wish) -> Iterator[str]:
    number = wish.place.position
    for service in wish.allowlist.services:
        name = _name(_object(wish, service))
        yield _rule(wish, number, service, name, name, "Accept")
        number += 1
        if service.mode == ENFORCE:
            yield _rule(wish, number, service, _name(_object(wish, service) + OTHER), "Any", "Drop")
            number += 1


def _rule(wish: Wish, number: int, service: Service, name: str, source: str, action: str) -> str:
    ports = _numbered("service", [_name(_port(wish, service, port)) for port in service.ports])
    return "rule {0} layer {1} name {2} source {3} destination {4} {5} action {6} track.type Log".format(
        number, shlex.quote(TITLES.checked(wish.place.layer, "place.layer")), name, source, _name(wish.place.server, "place.server"), ports, action)


def render(wish: Wish) -> Rendering:
    """The script."""
    return Rendering(lines_of(_lines(wish)))


def parse(text: str) -> dict[str, Held]:
    """The services of the script."""
    networks: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    ports: dict[str, list[int]] = {}
    rules: set[str] = set()
    for line in text.splitlines()[len(HEAD):]:
        words = shlex.split(line)
        if words[:2] == ["object", "network"]:
            networks[words[3]] = "{0}/{1}".format(words[5], words[7])
        elif words[:2] == ["object", "group"]:
            members[words[3]] = words[5::2]
        elif words[:2] == ["object", "service-tcp"]:
            ports.setdefault(words[3].rpartition(TCP)[0], []).append(int(words[5]))
        elif words[:1] == ["rule"]:
            rules.add(words[words.index("name") + 1])
    return {
        name: held([networks[member] for member in group], ports[name], mode_of(name in rules, name + OTHER in rules)) for name, group in members.items()
    }


def steps(wish: Wish, where: str) -> tuple[str, ...]:
    """How a person brings it to the management server."""
    rules = "See that the new rules stand above every other rule that allows these ports to {0}.".format(wish.place.server)
    objects = "Use the groups as source of the rule that lets mail in, and below it, to lock down, a rule that drops these ports from Any."
    return (
        "Log in to the management server (expert mode), run mgmt_cli login > id.txt and export SESSION=id.txt.",
        "Run {0} with bash. Adding what exists is reported as an error and then set; the run goes on.".format(where),
        rules if has_rules(wish) else objects,
        "Run mgmt_cli -s id.txt publish, then install the policy.",
    )


VENDOR = Vendor("Check Point", render, parse, steps, needs=("server", "layer", "position"), keeps_mode=True)
