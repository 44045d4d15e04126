# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Who may connect to which ports of this machine: one canonical, hashable form, whatever firewall keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import Ranges, networks

OPEN, OBSERVE, ENFORCE = "open", "observe", "enforce"
MODES = (OPEN, OBSERVE, ENFORCE)
FAMILIES = (4, 6)
# Room for the names that ipset (31) and iptables (28) allow, with our prefix and suffixes.
NAME = re.compile(r"[a-z][a-z0-9_]{0,18}\Z")
MOST_PORTS = 15  # of one multiport match of iptables


@dataclass(frozen=True)
class Service:
    """TCP ports, and who may connect to them.

    ``since`` is when observing exactly these ports and at most these sources began, in seconds since 1970; 0 if never.
    It stays with the rules when the mode becomes enforce, as evidence.
    """

    name: str
    ports: tuple[int, ...]
    mode: str
    sources4: Ranges = ()
    sources6: Ranges = ()
    since: int = 0

    def sources(self, family: int) -> Ranges:
        """The allowed ranges of a family."""
        return self.sources4 if family == 4 else self.sources6

    @property
    def judges(self) -> bool:
        """Whether who else connects is written down."""
        return self.mode != OPEN

    @property
    def mark(self) -> str:
        """What the rules carry in a comment, so that the whole service can be read back from them."""
        return "mimecast:{0}:{1}:{2}".format(self.name, self.mode, self.since)


@dataclass(frozen=True)
class Allowlist:
    """All services, sorted by name."""

    services: tuple[Service, ...] = ()

    def get(self, name: str) -> Optional[Service]:
        """The service of this name."""
        return next((one for one in self.services if one.name == name), None)

    def with_(self, services: list[Service], without: frozenset[str] = frozenset()) -> Allowlist:
        """These services instead of those of the same names, and without some; others stay."""
        kept = {one.name: one for one in self.services}
        kept.update((one.name, one) for one in services)
        return Allowlist(tuple(kept[name] for name in sorted(kept) if name not in without))


@dataclass(frozen=True)
class Stranger:
    """Somebody who is not among the sources and tried to connect; times in seconds since 1970, 0 where unknown."""

    service: str
    address: str
    port: int
    count: int
    last_seen: int
    first_seen: int = 0


@dataclass(frozen=True)
class Live:
    """What the firewall holds of ours.

    ``drift`` are sentences: what differs from what the marks say, such as a rule that somebody deleted. ``counters`` are new
    connections by service: allowed, others. ``notes`` are sentences about rules of others that decide as well.
    ``names`` are objects of ours that exist in the backend, for it to know what to make and to remove.
    """

    allowlist: Allowlist = Allowlist()
    drift: tuple[str, ...] = ()
    counters: dict[str, dict[str, int]] = field(default_factory=dict)
    strangers: tuple[Stranger, ...] = ()
    notes: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()


def mark_of(comment: str) -> Optional[tuple[str, str, int]]:
    """Name, mode and since of a service, from the comment of a rule; None if the comment is not ours."""
    found = re.match(r"mimecast:([a-z][a-z0-9_]*):(open|observe|enforce):([0-9]+)\Z", comment)
    return (found.group(1), found.group(2), int(found.group(3))) if found else None


def shown(service: Service) -> dict[str, Any]:
    """The service in the words of the module."""
    return {
        "name": service.name, "ports": list(service.ports), "mode": service.mode,
        "sources": networks(service.sources4, 4) + networks(service.sources6, 6),
    }
