# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The files from which netfilter-persistent (Debian) or iptables-services (RHEL) load rules and sets at boot.

They belong to everybody, so only our own lines in them are replaced. A rule with a set that does not exist keeps a whole file
from being loaded; hence nothing is written where nothing would load the sets first.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Mapping, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.iptables_read import COUNTS, ours
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import CHAIN, PREFIX, FileEdit, Paths


@dataclass(frozen=True)
class System:
    """Where a family of distributions keeps the files, and what shows that they are loaded."""

    sets: str
    rules4: str
    rules6: str
    loaders: Mapping[str, str]  # a file that loads -> the package that brings it
    units: tuple[str, ...]


PLUGINS = "/usr/share/netfilter-persistent/plugins.d/"
UNITS = "/usr/lib/systemd/system/"
SYSTEMS = (
    System("/etc/iptables/ipsets", "/etc/iptables/rules.v4", "/etc/iptables/rules.v6",
           {PLUGINS + "15-ip4tables": "iptables-persistent", PLUGINS + "10-ipset": "ipset-persistent"}, ("netfilter-persistent.service",)),
    System("/etc/sysconfig/ipset", "/etc/sysconfig/iptables", "/etc/sysconfig/ip6tables",
           {UNITS + "iptables.service": "iptables-services", UNITS + "ipset.service": "ipset-service"},
           ("ipset.service", "iptables.service", "ip6tables.service")),
)
UFW_CONF = "/etc/ufw/ufw.conf"
UFW_ENABLED = re.compile(r"^\s*ENABLED=[\"']?yes\b", re.M | re.I)
OPTIONS = {"sets": "ipset_sets", "rules4": "iptables_rules", "rules6": "ip6tables_rules"}


@dataclass(frozen=True)
class Known:
    """Places and texts of the three files; None where there is no file."""

    places: dict[str, str]
    sets: Optional[str]
    rules: dict[int, Optional[str]]


def system() -> Optional[System]:
    """The one whose loader for rules is installed."""
    return next((one for one in SYSTEMS if os.path.exists(next(iter(one.loaders)))), None)


def ufw_enabled() -> bool:
    """Whether ufw writes the rules of this machine: then these chains are kept in its way."""
    return bool(run.program("ufw") and UFW_ENABLED.search(run.read_file(UFW_CONF) or ""))


def places(paths: Paths) -> dict[str, str]:
    """The three files: as named, or where the system has them."""
    usual = system() or SYSTEMS[0]
    return {part: paths.get(option) or getattr(usual, part) for part, option in OPTIONS.items()}


def unkept(paths: Paths) -> str:
    """Why rules would not come back after a reboot; who names all three files knows what loads them."""
    if all(paths.get(option) for option in OPTIONS.values()):
        return ""
    usual = system()
    needed = usual.loaders if usual else SYSTEMS[0].loaders
    absent = [package for path, package in needed.items() if not os.path.exists(path)]
    if not absent:
        return ""
    names = " and ".join(absent) + ("" if usual else ", or iptables-services and ipset-service on RHEL")
    return ("nothing loads rules of iptables and sets of ipset at boot: install {0}, name the files that are loaded in paths, or set persist to false"
            ).format(names)


def units() -> tuple[str, ...]:
    """The systemd units that load them."""
    return (system() or SYSTEMS[0]).units


def read(where: dict[str, str]) -> Known:
    """All three as they are."""
    return Known(where, run.read_file(where["sets"]), {4: run.read_file(where["rules4"]), 6: run.read_file(where["rules6"])})


def edits(known: Known, sets: list[str], chains: dict[int, dict[str, list[str]]]) -> tuple[FileEdit, ...]:
    """Our lines replaced in all three."""
    found = [FileEdit(known.places["sets"], known.sets, with_sets(known.sets, sets))]
    found += [FileEdit(known.places["rules{0}".format(family)], known.rules[family], with_rules(known.rules[family], chains[family])) for family in (4, 6)]
    return tuple(edit for edit in found if edit.before != edit.after)


def with_sets(text: Optional[str], lines: list[str]) -> Optional[str]:
    """A file for ``ipset restore`` with these lines of ours; others first, as they stand."""
    others = [line for line in (text or "").splitlines(True) if not _of_our_set(line)]
    return _joined(text, others, ["{0}\n".format(line) for line in lines])


def _of_our_set(line: str) -> bool:
    parts = line.split(None, 2)
    return len(parts) > 1 and parts[0] in ("create", "add", "flush") and parts[1].startswith(PREFIX)


def with_rules(text: Optional[str], chains: dict[str, list[str]]) -> Optional[str]:
    """A file for iptables-restore with these chains of ours in its filter table, and the jump before all rules of others."""
    lines = [line for line in (text or "").splitlines(True) if not _of_our_chain(line)]
    if not chains:
        return _joined(text, lines, [])
    heads = [":{0} - [0:0]\n".format(name) for name in chains]
    jump = ["-A INPUT -j {0}\n".format(CHAIN)]
    rules = ["-A {0} {1}\n".format(name, rule) for name, rules_ in chains.items() for rule in rules_]
    start = next((at for at, line in enumerate(lines) if line.strip() == "*filter"), None)
    if start is None:
        policies = [":INPUT ACCEPT [0:0]\n", ":FORWARD ACCEPT [0:0]\n", ":OUTPUT ACCEPT [0:0]\n"]
        return _joined(text, lines, ["*filter\n", *policies, *heads, *jump, *rules, "COMMIT\n"])
    first = start + 1
    while first < len(lines) and (lines[first].startswith((":", "#")) or not lines[first].strip()):
        first += 1
    end = next((at for at, line in enumerate(lines[first:], first) if line.strip() == "COMMIT"), len(lines))
    return "".join([*lines[:first], *heads, *jump, *lines[first:end], *rules, *lines[end:]])


def _of_our_chain(line: str) -> bool:
    counted = COUNTS.match(line)
    rule = line[counted.end():] if counted else line
    if rule.startswith(":"):
        return ours(rule[1:].split()[0])
    parts = rule.split()
    return parts[:1] == ["-A"] and len(parts) > 1 and (ours(parts[1]) or parts[1:] == ["INPUT", "-j", CHAIN])


def _joined(text: Optional[str], others: list[str], own: list[str]) -> Optional[str]:
    if text is None and not own:
        return None
    if own and others and not others[-1].endswith("\n"):
        others = [*others[:-1], others[-1] + "\n"]
    return "".join([*others, *own])
