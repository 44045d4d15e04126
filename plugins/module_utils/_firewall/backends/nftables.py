# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""nftables: one table of our own, and one ``nft -f`` for each change.

Its chain runs a little before those at the usual priority. An accept here only ends our own chain, a drop is final (nft(8),
"verdict statement"): so enforce decides on its own, and open cannot open what a chain of others drops. ``read`` notes such chains.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends import nftables_read
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import (
    LOG_RATE, MOST_STRANGERS, STRANGERS_KEPT_S, TABLE, FileEdit, Paths, Step,
)
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, FAMILIES, OPEN, Allowlist, Live, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import networks

TYPES = {4: "ipv4_addr", 6: "ipv6_addr"}
SOURCE = {4: "ip saddr", 6: "ip6 saddr"}
PROTOCOL = {4: "ipv4", 6: "ipv6"}
# what the system loads at boot -> where our own file goes: Debian's and Arch's place, then Fedora's and RHEL's
PLACES = (("/etc/nftables.conf", "/etc/nftables.d"), ("/etc/sysconfig/nftables.conf", "/etc/nftables"))
FILE = TABLE + ".nft"
INCLUDE = re.compile(r'^\s*include\s+"([^"]+)"', re.M)


def definitions(service: Service) -> Iterator[str]:
    """Sets, counters and the chain that a service needs; adding what exists changes nothing."""
    for family in FAMILIES:
        yield "add set inet {0} {1}_{2} {{ type {3}; flags interval; }}".format(TABLE, service.name, family, TYPES[family])
        yield "add set inet {0} {1}_strangers_{2} {{ type {3} . inet_service; flags dynamic,timeout; timeout {4}s; size {5}; }}".format(
            TABLE, service.name, family, TYPES[family], STRANGERS_KEPT_S, MOST_STRANGERS)
    for counter in ("allowed", "others"):
        yield "add counter inet {0} {1}_{2}".format(TABLE, service.name, counter)
    yield "add chain inet {0} {1}".format(TABLE, chain_of(service))


def chain_of(service: Service) -> str:
    """A service may be called input, so chains have a prefix."""
    return "service_" + service.name


def rules(service: Service) -> Iterator[str]:
    """The rules of a service's own chain. Only first packets (SYN) are judged, so nothing established is ever cut."""
    yield "tcp flags & (fin | syn | rst | ack) != syn accept"
    for family in FAMILIES:
        yield "{0} @{1}_{2} counter name \"{1}_allowed\" accept".format(SOURCE[family], service.name, family)
    if service.mode == OPEN:
        return
    for family in FAMILIES:
        yield "meta nfproto {0} update @{1}_strangers_{2} {{ {3} . tcp dport counter }}".format(
            PROTOCOL[family], service.name, family, SOURCE[family])
    yield "limit rate {0} log prefix \"mimecast {1}: \"".format(LOG_RATE, service.name)
    yield "counter name \"{0}_others\"{1}".format(service.name, " drop" if service.mode == ENFORCE else "")


def elements(service: Service, family: int) -> Iterator[str]:
    """The sources of a family as one command, which costs nft half of what many cost."""
    texts = networks(service.sources(family), family)
    if texts:
        yield "add element inet {0} {1}_{2} {{ {3} }}".format(TABLE, service.name, family, ", ".join(texts))


def structure(desired: Allowlist) -> Iterator[str]:
    """Everything but the sources."""
    yield "add table inet {0}".format(TABLE)
    for service in desired.services:
        yield from definitions(service)
    yield "add chain inet {0} input {{ type filter hook input priority -10; policy accept; }}".format(TABLE)
    yield "flush chain inet {0} input".format(TABLE)
    yield "add rule inet {0} input iifname \"lo\" accept".format(TABLE)
    for service in desired.services:
        chain = chain_of(service)
        yield "flush chain inet {0} {1}".format(TABLE, chain)
        for rule in rules(service):
            yield "add rule inet {0} {1} {2}".format(TABLE, chain, rule)
        yield "add rule inet {0} input tcp dport {{ {1} }} jump {2} comment \"{3}\"".format(
            TABLE, ", ".join(map(str, service.ports)), chain, service.mark)


def objects(service: Service) -> Iterator[tuple[str, str]]:
    """Kind and name of everything that ``definitions`` makes, in the order in which it can be removed."""
    yield "chain", chain_of(service)
    for family in FAMILIES:
        yield "set", "{0}_{1}".format(service.name, family)
        yield "set", "{0}_strangers_{1}".format(service.name, family)
    for counter in ("allowed", "others"):
        yield "counter", "{0}_{1}".format(service.name, counter)


def outline(allowlist: Allowlist) -> list[tuple[object, ...]]:
    """All but the sources."""
    return [(one.name, one.ports, one.mode, one.since) for one in allowlist.services]


def names_of(desired: Allowlist) -> frozenset[str]:
    """Kinds and names of all that is ours."""
    own = {"{0} {1}".format(*one) for service in desired.services for one in objects(service)}
    return frozenset(own | {"table " + TABLE, "chain input"}) if own else frozenset()


def removals(desired: Allowlist, live: Live) -> Iterator[str]:
    """What nobody needs any more. Chains first, without their rules, since rules hold on to sets."""
    gone = sorted(live.names - names_of(desired))  # chain, counter, set
    for chain in (one for one in gone if one.startswith("chain ")):
        yield "flush {0}".format(chain.replace("chain ", "chain inet {0} ".format(TABLE)))
    for one in gone:
        kind, name = one.split(" ")
        yield "delete {0} inet {1} {2}".format(kind, TABLE, name)


def whole(desired: Allowlist) -> str:
    """The file that makes the table anew, in one transaction whatever was there."""
    head = "# Written by Ansible (mimecast.connect.firewall_allowlist); changes are overwritten."
    lines = [head, "add table inet {0}".format(TABLE), "delete table inet {0}".format(TABLE), *structure(desired)]
    for service in desired.services:
        for family in FAMILIES:
            lines.extend(elements(service, family))
    return "\n".join(lines) + "\n"


class Nftables:
    """The backend; see the protocol."""

    name = "nftables"

    def missing(self) -> str:
        return "" if run.program("nft") else "the program nft is not installed (package nftables)"

    def in_charge(self) -> bool:
        return False  # it is what is left when no other one is

    def read(self) -> Live:
        return nftables_read.read()

    def names(self, desired: Allowlist) -> frozenset[str]:
        return names_of(desired)

    def render(self, desired: Allowlist, live: Live) -> tuple[Step, ...]:
        if not desired.services:
            return (Step(("nft", "-f", "-"), "delete table inet {0}\n".format(TABLE)),) if live.names else ()
        lines: list[str] = []
        if live.drift or outline(desired) != outline(live.allowlist):
            lines.extend(structure(desired))
        for service in desired.services:
            before = live.allowlist.get(service.name)
            for family in FAMILIES:
                if before is None or before.sources(family) != service.sources(family):
                    lines.append("flush set inet {0} {1}_{2}".format(TABLE, service.name, family))
                    lines.extend(elements(service, family))
        if lines:
            lines.extend(removals(desired, live))
        return (Step(("nft", "-f", "-"), "\n".join(lines) + "\n"),) if lines else ()

    def files(self, desired: Allowlist, paths: Paths) -> tuple[FileEdit, ...]:
        main, own = places(paths)
        known = run.read_file(own)
        after = whole(desired) if desired.services else None
        edits = [FileEdit(own, known, after)]
        if main:
            edits.append(include(main, own, bool(desired.services)))
        return tuple(edit for edit in edits if edit.before != edit.after)

    def unkept(self, paths: Paths) -> str:
        main = places(paths)[0]
        if main and os.path.exists(main):
            return ""
        return "nothing loads rules of nftables at boot: there is no {0}. Name the file in paths.nftables_main, or set persist to false".format(
            main or " and no ".join(place[0] for place in PLACES))

    def units(self) -> tuple[str, ...]:
        return ("nftables.service",)


def places(paths: Paths) -> tuple[str, str]:
    """The file that is loaded at boot ('' if there is none), and our own."""
    found = next((place for place in PLACES if os.path.exists(place[0])), None)
    main = paths.get("nftables_main") or (found[0] if found else "")
    folder = dict(PLACES).get(main, os.path.join(os.path.dirname(main), "nftables.d") if main else PLACES[0][1])
    return main, paths.get("nftables_own") or os.path.join(folder, FILE)


def include(main: str, own: str, wanted: bool) -> FileEdit:
    """The main file with, or without, one line that loads our own; a line of others that does so already is enough."""
    text = run.read_file(main)
    if text is None:
        return FileEdit(main, None, None)
    # With a wildcard a missing file is no error, which would keep all other rules from being loaded as well.
    line = "include \"{0}*\"\n".format(own)
    others = INCLUDE.findall(text.replace(line, ""))
    if wanted and any(fnmatch.fnmatch(own, os.path.join(os.path.dirname(main), pattern)) for pattern in others):
        return FileEdit(main, text, text)
    without = text.replace(line, "")
    if not wanted:
        return FileEdit(main, text, without)
    if line in text:
        return FileEdit(main, text, text)
    if "\x00" in text:
        raise FirewallError("Cannot add a line to {0}: it is not a text".format(main))
    return FileEdit(main, text, without + ("" if without.endswith("\n") or not without else "\n") + line)
