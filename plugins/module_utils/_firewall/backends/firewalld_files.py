# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Our policy and sets as firewalld writes them: rich rules (firewalld.richlanguage(5)) and files (firewalld.policy(5), firewalld.ipset(5))."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import PREFIX
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, FAMILIES, Allowlist, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import BITS, Ranges, networks, text_of

FOLDER = "/etc/firewalld"
POLICY = "mimecast"  # 17 characters at most
PRIORITY = -20000  # policies with negative priorities come before zones
KINDS = {4: "inet", 6: "inet6"}
ROOM = 1 << 20  # entries; cannot be changed while the set exists, and takes no memory by itself
LOG_RATE = "6/m"  # protocol.LOG_RATE in firewalld's words
SPARE = "n"
# By these, rules are in order whatever was added first.
SINCE, ACCEPT, LOG, DROP = -40, -30, -20, -10
# firewalld keeps no comments, so since is the end of an address that nobody has: what comes from 100::/64 is discarded everywhere (RFC 6666).
NOBODY = 0x100 << 112
NOBODY_PREFIX = "100::"
SET = re.compile(re.escape(PREFIX) + r"([a-z][a-z0-9_]*)-[46]\Z")


def set_name(service: str, family: int) -> str:
    """The set with the sources of a family."""
    return "{0}{1}-{2}".format(PREFIX, service, family)


def sets_of(allowlist: Allowlist) -> Iterator[tuple[str, Ranges, int]]:
    """All sets that services need, with what is in them and its family. The spare ones serve updates, and are empty otherwise."""
    for service in allowlist.services:
        for family in FAMILIES:
            name = set_name(service.name, family)
            yield name, service.sources(family), family
            yield name + SPARE, (), family


def accepts(service: Service, families: tuple[int, ...] = FAMILIES, spare: str = "") -> Iterator[str]:
    """The rules that let the sources in."""
    for family in families:
        for port in service.ports:
            yield 'rule priority="{0}" family="ipv{1}" source ipset="{2}" port port="{3}" protocol="tcp" accept'.format(
                ACCEPT, family, set_name(service.name, family) + spare, port)


def rules(allowlist: Allowlist) -> list[str]:
    """All rules, as firewall-cmd lists them, in the order in which they can be added: who is allowed passes after each."""
    found: list[str] = []
    for service in allowlist.services:
        found += accepts(service)
        if service.since:
            found.append('rule priority="{0}" family="ipv6" source address="{1}" port port="{2}" protocol="tcp" drop'.format(
                SINCE, text_of(NOBODY + service.since, 6), service.ports[0]))
        if service.judges:
            found += ('rule priority="{0}" port port="{1}" protocol="tcp" log prefix="mimecast {2}: " level="info" limit value="{3}"'.format(
                LOG, port, service.name, LOG_RATE) for port in service.ports)
        if service.mode == ENFORCE:
            found += ('rule priority="{0}" port port="{1}" protocol="tcp" drop'.format(DROP, port) for port in service.ports)
    return found


def entries(ranges: Ranges, family: int) -> list[str]:
    """The networks of a set; firewalld takes no /0, so that is two halves."""
    half = 1 << (BITS[family] - 1)
    whole = ranges == ((0, 2 * half - 1),)
    return networks(((0, half - 1),), family) + networks(((half, 2 * half - 1),), family) if whole else networks(ranges, family)


def set_text(ranges: Ranges, family: int) -> str:
    """The file of a set."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<ipset type="hash:net">', "  <short>mimecast.connect</short>"]
    lines += ['  <option name="{0}" value="{1}"/>'.format(*one) for one in (("family", KINDS[family]), ("maxelem", ROOM))]
    lines += ["  <entry>{0}</entry>".format(one) for one in entries(ranges, family)]
    return "\n".join([*lines, "</ipset>"]) + "\n"


def policy_text(allowlist: Allowlist) -> str:
    """The file of our policy, for everything that arrives for this machine."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<policy target="CONTINUE" priority="{0}">'.format(PRIORITY)]
    lines += ["  <short>mimecast.connect</short>", '  <ingress-zone name="ANY"/>', '  <egress-zone name="HOST"/>']
    lines += ["  " + _element(rule) for rule in rules(allowlist)]
    return "\n".join([*lines, "</policy>"]) + "\n"


def _element(rule: str) -> str:
    """A rule as XML: the words with their options are elements, a limit is one within the log."""
    words = re.findall(r'([a-z]+)((?: [a-z]+="[^"]*")*)', rule)
    inner = ["<{0}{1}/>".format(*word) for word in words[1:]]
    if words[-1][0] == "limit":
        inner[-2:] = [inner[-2][:-2] + ">" + inner[-1] + "</log>"]
    return "<rule{0}>{1}</rule>".format(words[0][1], "".join(inner))


def policy_path() -> str:
    """Where our policy is kept."""
    return os.path.join(FOLDER, "policies", POLICY + ".xml")


def set_path(name: str) -> str:
    """Where a set is kept."""
    return os.path.join(FOLDER, "ipsets", name + ".xml")


def kept_sets() -> set[str]:
    """Names of our sets that have a file."""
    try:
        found = os.listdir(os.path.join(FOLDER, "ipsets"))
    except FileNotFoundError:
        return set()
    return {name[:-4] for name in found if name.startswith(PREFIX) and name.endswith(".xml")}
