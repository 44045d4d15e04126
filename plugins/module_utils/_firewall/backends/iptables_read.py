# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What iptables-save, ip6tables-save and ipset save say, read back into the model; from the kernel or from files alike."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import CHAIN, PREFIX, STRANGERS_KEPT_S
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import FAMILIES, OPEN, Allowlist, Live, Service, Stranger, mark_of
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import Ranges, from_networks

COUNTS = re.compile(r"^\[(\d+):\d+\] ")
# Words that iptables-save adds, leaves out or writes in another way by version; none of them decides.
IDLE = {"-m", "tcp", "set", "comment", "multiport", "--exist"}


@dataclass
class Rules:
    """Our part of the filter table of one family, and what else stands in its INPUT chain."""

    chains: set[str] = field(default_factory=set)
    lines: dict[str, list[str]] = field(default_factory=dict)  # by chain, without "-A CHAIN"
    counts: dict[str, list[int]] = field(default_factory=dict)
    before: int = 0  # rules of others before the first jump to our chain
    jumps: int = 0
    others: int = 0
    policy: str = ""


@dataclass
class Sets:
    """Our sets: how each was made, and what is in it."""

    made: dict[str, str] = field(default_factory=dict)
    entries: dict[str, list[str]] = field(default_factory=dict)


def ours(chain: str) -> bool:
    """Whether a chain is one of this collection."""
    return chain == CHAIN or chain.startswith(CHAIN + "-")


def rules_of(text: str) -> Rules:
    """The filter table in the form of iptables-save, with or without counters."""
    found, table = Rules(), ""
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif table != "filter":
            continue
        elif line.startswith(":"):
            name, policy = line[1:].split()[:2]
            if ours(name):
                found.chains.add(name)
            elif name == "INPUT":
                found.policy = policy
        else:
            _add_rule(found, line)
    return found


def _add_rule(found: Rules, line: str) -> None:
    counted = COUNTS.match(line)
    rule = line[counted.end():] if counted else line
    if not rule.startswith("-A "):
        return
    chain, _space, rest = rule[3:].partition(" ")
    if chain == "INPUT" and rest.strip() == "-j " + CHAIN:
        found.jumps += 1
        found.before = found.before if found.jumps > 1 else found.others
    elif chain == "INPUT":
        found.others += 1
    elif ours(chain):
        found.lines.setdefault(chain, []).append(rest.strip())
        found.counts.setdefault(chain, []).append(int(counted.group(1)) if counted else 0)


def sets_of(text: str) -> Sets:
    """Our sets in the form of ``ipset save``."""
    found = Sets()
    for line in text.splitlines():
        word, _space, rest = line.partition(" ")
        name, _space, value = rest.partition(" ")
        if not name.startswith(PREFIX):
            continue
        if word == "create":
            found.made[name] = value
            found.entries.setdefault(name, [])
        elif word == "add":
            found.entries.setdefault(name, []).append(value)
    return found


def live_of(rules: dict[int, Rules], sets: Sets) -> Live:
    """The model of both families' rules and of the sets."""
    services = [one for one in (_service(line, sets) for line in rules[4].lines.get(CHAIN, [])) if one]
    allowlist = Allowlist(tuple(sorted(services, key=lambda one: one.name)))
    chains = {"chain{0} {1}".format(family, name) for family in FAMILIES for name in rules[family].chains}
    chains |= {"jump{0} {1}".format(family, number) for family in FAMILIES for number in range(rules[family].jumps)}
    return Live(
        allowlist, (), {one.name: _counters(one, rules) for one in allowlist.services},
        tuple(stranger for one in allowlist.services for stranger in _strangers(one, sets)),
        tuple(_notes(rules)) if services else (), frozenset(chains | {"set " + name for name in sets.made}))


def words(line: str) -> dict[str, str]:
    """Options of a rule and their values."""
    parts, found, option = shlex.split(line), {}, ""
    for part in parts:
        if part.startswith("-"):
            option = part
            found[option] = ""
        elif option:
            found[option] = "{0} {1}".format(found[option], part).strip()
    return found


def signature(line: str) -> tuple[str, ...]:
    """What decides in a rule, in words that do not depend on the version of iptables."""
    text = re.sub(r"(--limit \d+/min)(ute)?( --limit-burst \d+)?", r"\1", line.replace("--timeout {0}".format(STRANGERS_KEPT_S), ""))
    return tuple(part for part in shlex.split(text.replace("--tcp-flags FIN,SYN,RST,ACK SYN", "--syn")) if part not in IDLE)


def _service(line: str, sets: Sets) -> Service | None:
    said = words(line)
    mark = mark_of(said.get("--comment", ""))
    if mark is None:
        return None
    name, mode, since = mark
    ports = tuple(sorted(int(port) for port in (said.get("--dports") or said.get("--dport") or "0").split(",") if port.isdigit()))
    sources = [_ranges(sets.entries.get("{0}{1}-{2}".format(PREFIX, name, family), []), family) for family in FAMILIES]
    return Service(name, ports, mode, sources[0], sources[1], since)


def _ranges(entries: Iterable[str], family: int) -> Ranges:
    return from_networks(entry.partition(" ")[0] for entry in entries)[family]


def _counters(service: Service, rules: dict[int, Rules]) -> dict[str, int]:
    """New connections, by the rule that accepts sources and the last one."""
    found = {"allowed": 0, "others": 0}
    for family in FAMILIES:
        counts = rules[family].counts.get("{0}-{1}".format(CHAIN, service.name), [])
        if len(counts) > 2:
            found["allowed"] += counts[2]
            found["others"] += counts[-1] if service.mode != OPEN else 0
    return found


def _strangers(service: Service, sets: Sets) -> Iterator[Stranger]:
    """From two sets: one counts and begins with the first try, the other is renewed by each."""
    now = time.time()
    for family in FAMILIES:
        last = {key: _ago(said, now) for key, said in _entries(sets, "{0}{1}-l{2}".format(PREFIX, service.name, family))}
        for key, said in _entries(sets, "{0}{1}-s{2}".format(PREFIX, service.name, family)):
            address, _comma, port = key.partition(",")
            yield Stranger(service.name, address, int(port.rpartition(":")[2]), int(said.get("packets", 0)), last.get(key, 0), _ago(said, now))


def _entries(sets: Sets, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    for entry in sets.entries.get(name, []):
        key, *rest = entry.split()
        yield key, dict(zip(rest[::2], rest[1::2]))


def _ago(said: dict[str, str], now: float) -> int:
    return int(now - (STRANGERS_KEPT_S - int(said["timeout"]))) if "timeout" in said else 0


def _notes(rules: dict[int, Rules]) -> Iterator[str]:
    for family in FAMILIES:
        if rules[family].before:
            yield ("IPv{0}: {1} rules of others stand in INPUT before the jump to {2}; what they accept or drop is decided "
                   "without it").format(family, rules[family].before, CHAIN)
