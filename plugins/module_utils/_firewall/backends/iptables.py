# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""iptables with ipset, both families: chains and sets of our own, and one jump at the top of INPUT.

Sources change by filling a new set and swapping it, rules by one iptables-restore --noflush for each family: each is atomic. An
accept here is final, so open opens what rules of others further down would drop.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends import iptables_files, iptables_read
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import (
    CHAIN, LOG_RATE, MOST_STRANGERS, PREFIX, STRANGERS_KEPT_S, FileEdit, Paths, Step,
)
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, FAMILIES, Allowlist, Live, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import Range, Ranges, networks

PROGRAMS = {4: "iptables", 6: "ip6tables"}
KINDS = {4: "inet", 6: "inet6"}
LEAST_ROOM = 65536
NEW = PREFIX + "new"


def chain_of(service: Service) -> str:
    """The chain of a service."""
    return "{0}-{1}".format(CHAIN, service.name)


def jump(service: Service) -> str:
    """The rule of our main chain that leads to a service's own."""
    return "-p tcp -m multiport --dports {0} -m comment --comment \"{1}\" -j {2}".format(
        ",".join(map(str, service.ports)), service.mark, chain_of(service))


def rules(service: Service, family: int) -> Iterator[str]:
    """The rules of a service's chain. Only first packets (SYN) are judged, so nothing established is ever cut."""
    base = PREFIX + service.name
    allowed = "-m set --match-set {0}-{1} src".format(base, family)
    yield "-p tcp ! --syn {0} -j ACCEPT".format(allowed)
    yield "-p tcp ! --syn -j RETURN"
    yield "{0} -j ACCEPT".format(allowed)
    if not service.judges:
        return
    # A match counts in the set as well, so an address that is in it already is counted here.
    yield "-m set ! --match-set {0}-s{1} src,dst -j SET --add-set {0}-s{1} src,dst".format(base, family)
    yield "-j SET --add-set {0}-l{1} src,dst --exist --timeout {2}".format(base, family, STRANGERS_KEPT_S)
    yield "-m limit --limit {0} -j LOG --log-prefix \"mimecast {1}: \"".format(LOG_RATE, service.name)
    yield "-j {0}".format("DROP" if service.mode == ENFORCE else "RETURN")


def chains(desired: Allowlist, family: int) -> dict[str, list[str]]:
    """All rules of ours by chain, in the order in which they refer to each other."""
    found = {chain_of(one): list(rules(one, family)) for one in desired.services}
    if found:
        found[CHAIN] = ["-i lo -j RETURN", *(jump(one) for one in desired.services)]
    return found


def room(ranges: Ranges, family: int) -> int:
    """A set's size: a power of two with space for all of its networks."""
    needed = len(networks(_no_zero(ranges, family), family))
    return max(LEAST_ROOM, 1 << needed.bit_length())


def _no_zero(ranges: Ranges, family: int) -> Ranges:
    """ipset takes no /0, so that would be two halves."""
    whole: Range = (0, (1 << (32 if family == 4 else 128)) - 1)
    return ((whole[0], whole[1] // 2), (whole[1] // 2 + 1, whole[1])) if ranges == (whole,) else ranges


def filled(name: str, service: Service, family: int) -> list[str]:
    """A set with the sources, as commands of ipset."""
    ranges = service.sources(family)
    head = "create {0} hash:net family {1} maxelem {2}".format(name, KINDS[family], room(ranges, family))
    return [head, *("add {0} {1}".format(name, one) for one in networks(_no_zero(ranges, family), family))]


def memory(service: Service, family: int) -> dict[str, str]:
    """The sets that remember strangers: how they are made, by name."""
    kind = "hash:ip,port family {0} maxelem {1} timeout {2}".format(KINDS[family], MOST_STRANGERS, STRANGERS_KEPT_S)
    base = PREFIX + service.name
    return {"{0}-s{1}".format(base, family): kind + " counters", "{0}-l{1}".format(base, family): kind}


def sets(desired: Allowlist) -> dict[str, list[str]]:
    """All sets, each as the commands that make it, by name."""
    found: dict[str, list[str]] = {}
    for service in desired.services:
        for family in FAMILIES:
            name = "{0}{1}-{2}".format(PREFIX, service.name, family)
            found[name] = filled(name, service, family)
            if service.judges:
                found.update((name, ["create {0} {1}".format(name, kind)]) for name, kind in memory(service, family).items())
    return found


class Iptables:
    """The backend; see the protocol."""

    name = "iptables"

    def missing(self) -> str:
        return self.absent() or ("ufw is enabled and writes its rules: use backend ufw" if iptables_files.ufw_enabled() else "")

    @staticmethod
    def absent() -> str:
        """Why the programs cannot be used."""
        absent = [one for one in ("iptables", "ip6tables", "iptables-restore", "ip6tables-restore", "ipset") if not run.program(one)]
        return "" if not absent else "not installed: {0} (packages iptables and ipset)".format(", ".join(absent))

    def in_charge(self) -> bool:
        if self.missing():
            return False
        rules4 = iptables_read.rules_of(run.output(("iptables-save",)))
        return bool(rules4.others or rules4.policy == "DROP" or iptables_files.system())

    def read(self) -> Live:
        # Without -t, which makes the older kind of iptables load tables that nobody uses.
        found = {family: iptables_read.rules_of(run.output((PROGRAMS[family] + "-save", "-c"))) for family in FAMILIES}
        names = [name for name in run.output(("ipset", "list", "-n")).split() if name.startswith(PREFIX)]
        saved = iptables_read.sets_of("".join(run.output(("ipset", "save", name)) for name in names))
        return self.live_of(found, saved)

    @staticmethod
    def live_of(found: dict[int, iptables_read.Rules], saved: iptables_read.Sets) -> Live:
        """The model, with what differs from the rules that it means."""
        live = iptables_read.live_of(found, saved)
        return Live(live.allowlist, tuple(_drift(live.allowlist, found, saved)), live.counters, live.strangers, live.notes, live.names)

    def names(self, desired: Allowlist) -> frozenset[str]:
        own = {"set " + name for name in sets_needed(desired)}
        for family in FAMILIES:
            there = chains(desired, family)
            own |= {"chain{0} {1}".format(family, name) for name in there} | ({"jump{0} 0".format(family)} if there else set())
        return frozenset(own)

    def render(self, desired: Allowlist, live: Live) -> tuple[Step, ...]:
        first, last = _set_steps(desired, live)
        steps = [Step(("ipset", "restore"), first)] if first else []
        if live.drift or _outline(desired) != _outline(live.allowlist):
            steps += [Step((PROGRAMS[family] + "-restore", "-w", "10", "--noflush"), _rules_text(desired, live, family)) for family in FAMILIES]
        if last:
            steps.append(Step(("ipset", "restore"), last))
        return tuple(steps)

    def files(self, desired: Allowlist, paths: Paths) -> tuple[FileEdit, ...]:
        known = iptables_files.read(iptables_files.places(paths))
        if known.sets is not None or known.rules[4] is not None or known.rules[6] is not None:
            kept = self.live_of({family: iptables_read.rules_of(known.rules[family] or "") for family in FAMILIES}, iptables_read.sets_of(known.sets or ""))
            if kept.allowlist == desired and not kept.drift and (desired.services or not kept.names):
                return ()
        elif not desired.services:
            return ()
        return iptables_files.edits(known, [line for lines in sets(desired).values() for line in lines],
                                    {family: chains(desired, family) for family in FAMILIES})

    def unkept(self, paths: Paths) -> str:
        return iptables_files.unkept(paths)

    def units(self) -> tuple[str, ...]:
        return iptables_files.units()


def _outline(allowlist: Allowlist) -> list[tuple[object, ...]]:
    """All but the sources."""
    return [(one.name, one.ports, one.mode, one.since) for one in allowlist.services]


def _set_steps(desired: Allowlist, live: Live) -> tuple[str, str]:
    """What ipset has to do before the rules change, and after."""
    there = {name[4:] for name in live.names if name.startswith("set ")}
    lines = ["destroy " + NEW] if NEW in there else []
    left_over = len(lines)
    for service in desired.services:
        before = live.allowlist.get(service.name)
        for family in FAMILIES:
            name = "{0}{1}-{2}".format(PREFIX, service.name, family)
            if name not in there:
                lines += filled(name, service, family)
            elif before is None or before.sources(family) != service.sources(family):
                lines += [*filled(NEW, service, family), "swap {0} {1}".format(NEW, name), "destroy " + NEW]
            if service.judges:
                lines += ["create {0} {1}".format(name, kind) for name, kind in memory(service, family).items() if name not in there]
    gone = sorted(there - set(sets_needed(desired)) - {NEW})
    if len(lines) == left_over and not gone and not live.drift and _outline(desired) == _outline(live.allowlist):
        lines = []  # what an interrupted run left disturbs nobody, and is no change by itself
    return "".join(line + "\n" for line in lines), "".join("destroy {0}\n".format(name) for name in gone)


def sets_needed(desired: Allowlist) -> Iterator[str]:
    """Names of all sets."""
    for service in desired.services:
        for family in FAMILIES:
            yield "{0}{1}-{2}".format(PREFIX, service.name, family)
            if service.judges:
                yield from memory(service, family)


def _rules_text(desired: Allowlist, live: Live, family: int) -> str:
    """One restore: our chains emptied and filled anew, old ones removed, the jump at the top if it is missing."""
    wanted = chains(desired, family)
    prefix = "chain{0} ".format(family)
    there = {name[len(prefix):] for name in live.names if name.startswith(prefix)}
    lines = ["*filter"]
    lines += [":{0} - [0:0]".format(name) for name in sorted(there | set(wanted))]  # with --noflush this empties a chain that exists
    jumps = sum(1 for name in live.names if name.startswith("jump{0} ".format(family)))
    lines += ["-D INPUT -j {0}".format(CHAIN)] * (jumps - (1 if wanted else 0))
    if wanted and not jumps:
        lines.append("-I INPUT 1 -j {0}".format(CHAIN))
    lines += ["-A {0} {1}".format(chain, rule) for chain, rules_ in wanted.items() for rule in rules_]
    lines += ["-X {0}".format(name) for name in sorted(there - set(wanted))]
    return "\n".join([*lines, "COMMIT"]) + "\n"


def _drift(allowlist: Allowlist, found: dict[int, iptables_read.Rules], saved: iptables_read.Sets) -> Iterator[str]:
    for family in FAMILIES:
        wanted = chains(allowlist, family)
        there = found[family]
        if not wanted and not there.chains:
            continue
        if there.jumps != 1:
            yield "IPv{0}: INPUT leads {1} times to chain {2} instead of once".format(family, there.jumps, CHAIN)
        for chain in sorted(there.chains | set(wanted)):
            have = [iptables_read.signature(line) for line in there.lines.get(chain, [])]
            if have != [iptables_read.signature(line) for line in wanted.get(chain, [])] or chain not in there.chains:
                yield "IPv{0}: the rules of chain {1} are not those that this module writes".format(family, chain)
    absent = sorted(set(sets_needed(allowlist)) - set(saved.made))
    if absent:
        yield "sets are missing: {0}".format(", ".join(absent))
