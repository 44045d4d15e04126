# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Our policy and sets in the running firewalld, as firewall-cmd lists them, read back into the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Callable, Dict

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends import firewalld_files as files
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, OBSERVE, OPEN, Allowlist, Live, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import Ranges, from_networks, number_of

Entries = Callable[[str], Dict[int, Ranges]]

NOT_RUNNING = 252  # firewall-cmd(1), exit codes
OWN_POLICY = re.compile(r"^{0}(?: \(.*\))?\n((?:[ \t].*\n?)*)".format(files.POLICY), re.M)
RULE = re.compile(r'rule priority="(-\d+)"(?: family="ipv[46]" source (?:ipset="([^"]+)"|address="([^"]+)"))? port port="(\d+)" protocol="tcp" ')


@dataclass
class Said:
    """What single rules say."""

    ports: dict[str, set[int]] = field(default_factory=dict)  # by service
    since: dict[int, int] = field(default_factory=dict)  # by port
    logged: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)


def read() -> Live:
    """What is there now. A policy without rules, which a removal leaves until the next reload, is nothing."""
    status, printed, errors = run.call(("firewall-cmd", "--list-all-policies"))
    if status == NOT_RUNNING or "DBUS_ERROR: Failed to connect" in errors:
        return Live()
    if status:
        raise FirewallError("Cannot read firewalld: {0}".format(run.brief(errors)))
    return live_of(rules_of(printed), lambda name: from_networks(run.output(("firewall-cmd", "--ipset=" + name, "--get-entries")).split()))


def rules_of(listed: str) -> list[str]:
    """The rich rules of our policy."""
    own = OWN_POLICY.search(listed)
    return [line.strip() for line in own.group(1).splitlines() if line.startswith("\trule ")] if own else []


def live_of(rules: list[str], entries: Entries) -> Live:
    """The model of our rules, and of the sets that they name."""
    said = _said(rules)
    services = tuple(_service(name, tuple(sorted(ports)), said, entries) for name, ports in sorted(said.ports.items()))
    allowlist = Allowlist(services)
    drift = [] if sorted(rules) == sorted(files.rules(allowlist)) else [
        "the rules of policy {0} are not those that this module writes".format(files.POLICY)]
    return Live(allowlist, tuple(drift), {one.name: {} for one in services}, (), tuple(_notes(allowlist)), frozenset(["rules"] if rules else []))


def _said(rules: list[str]) -> Said:
    said = Said()
    for rule in rules:
        found = RULE.match(rule)
        if found is None:
            continue
        name, address, port = found.group(2), found.group(3), int(found.group(4))
        service = files.SET.match(name or "")
        if service and rule.endswith(" accept"):
            said.ports.setdefault(service.group(1), set()).add(port)
        elif address and address.startswith(files.NOBODY_PREFIX):
            said.since[port] = number_of(address)[1] - files.NOBODY
        elif not name and not address:
            (said.dropped if rule.endswith(" drop") else said.logged).add(port)
    return said


def _service(name: str, ports: tuple[int, ...], said: Said, entries: Entries) -> Service:
    mode = ENFORCE if said.dropped & set(ports) else OBSERVE if said.logged & set(ports) else OPEN
    since = next((said.since[port] for port in ports if port in said.since), 0)
    return Service(name, ports, mode, entries(files.set_name(name, 4))[4], entries(files.set_name(name, 6))[6], since)


def _notes(allowlist: Allowlist) -> Iterator[str]:
    for service in allowlist.services:
        if service.judges:
            yield ("Service {0!r}: firewalld can neither count connections nor remember strangers. Lines with 'mimecast {0}:' in the kernel's log, "
                   "at most 6 a minute for each port, are all that tells of them (journalctl -k -g 'mimecast {0}:')").format(service.name)
