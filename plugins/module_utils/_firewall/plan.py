# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""From options and what is there to what shall be there, and what the difference is in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import (
    ENFORCE, FAMILIES, MOST_PORTS, NAME, OBSERVE, OPEN, Allowlist, Live, Service,
)
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import networks, parse, size, subtract

SHOWN = 100  # ranges in a diff, on each side


def wishes(declared: list[dict[str, Any]], live: Allowlist, now: int) -> tuple[list[Service], list[str]]:
    """The declared services, and sentences about what was read as something else; everything wrong is said at once."""
    services, notes, wrong = [], [], []
    for one in declared:
        try:
            service, read_as = _wish(one)
            services.append(_with_since(service, live.get(service.name), now))
            notes += read_as
        except ValueError as error:
            wrong.append(str(error))
    wrong += _clashes(services, live)
    if wrong:
        raise FirewallError("The services cannot be as declared. " + ". ".join(wrong))
    return services, notes


def _wish(one: dict[str, Any]) -> tuple[Service, list[str]]:
    name, ports = one["name"], one["ports"] or []
    if not NAME.match(name):
        raise ValueError("Service {0!r}: a name is at most 19 small letters, digits and underscores, and begins with a letter".format(name))
    bad = [port for port in ports if not 1 <= port <= 65535]
    if bad or not ports or len(set(ports)) > MOST_PORTS:
        raise ValueError("Service {0!r}: give 1 to {1} ports, each from 1 to 65535{2}".format(
            name, MOST_PORTS, ", not " + ", ".join(map(str, bad)) if bad else ""))
    if one["mode"] is None or one["sources"] is None:
        raise ValueError("Service {0!r}: mode and sources are needed".format(name))
    found, notes = parse(one["sources"], "Service {0!r}".format(name))
    return Service(name, tuple(sorted(set(ports))), one["mode"], found[4], found[6]), notes


def _with_since(service: Service, before: Optional[Service], now: int) -> Service:
    """With the time from which the list of strangers holds for these ports and sources."""
    since = 0
    if service.mode == ENFORCE:
        since = before.since if before and before.judges else 0
    elif service.mode == OBSERVE:
        holds = before and before.judges and before.since and set(service.ports) <= set(before.ports) and not any(
            subtract(before.sources(family), service.sources(family)) for family in FAMILIES)
        since = before.since if before and holds else now
    return Service(service.name, service.ports, service.mode, service.sources4, service.sources6, since)


def _clashes(services: list[Service], live: Allowlist) -> Iterator[str]:
    names = [one.name for one in services]
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield "Service {0!r} is declared {1} times".format(name, names.count(name))
    owner: dict[int, str] = {}
    for service in [*services, *(one for one in live.services if one.name not in names)]:
        for port in service.ports:
            if owner.setdefault(port, service.name) != service.name:
                yield "Port {0} belongs to service {1!r} and to {2!r}: a port has one list of sources".format(port, owner[port], service.name)


def changes(before: Allowlist, after: Allowlist, drift: tuple[str, ...]) -> list[str]:
    """Sentences: what of the services differs."""
    found = []
    for name in sorted({one.name for one in (*before.services, *after.services)}):
        old, new = before.get(name), after.get(name)
        if old != new:
            found.append("{0} service {1!r}{2}".format(_verb(old, new), name, _what(old, new)))
    return found + ["repair: {0}".format(text) for text in drift]


def _verb(old: Optional[Service], new: Optional[Service]) -> str:
    return "add" if old is None else "remove" if new is None else "change"


def _what(old: Optional[Service], new: Optional[Service]) -> str:
    parts = []
    if new and (old is None or old.mode != new.mode):
        parts.append("{0} (was {1})".format(new.mode, old.mode) if old else new.mode)
    if new and (old is None or old.ports != new.ports):
        parts.append("ports {0}".format(", ".join(map(str, new.ports))))
    for family in FAMILIES:
        had, has = old.sources(family) if old else (), new.sources(family) if new else ()
        more, less = size(subtract(has, had)), size(subtract(had, has))
        if (more or less) and new:
            parts.append("IPv{0}: {1} addresses more, {2} fewer".format(family, more, less))
    return ": " + "; ".join(parts) if parts else ""


def diff(before: Allowlist, after: Allowlist) -> dict[str, dict[str, Any]]:
    """Both sides of each service that differs; of the sources only those that do."""
    sides: dict[str, dict[str, Any]] = {"before": {}, "after": {}}
    for name in sorted({one.name for one in (*before.services, *after.services)}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        for side, this, other in (("before", old, new), ("after", new, old)):
            if this:
                sides[side]["service {0!r}".format(name)] = _side(this, other)
    return sides


def _side(this: Service, other: Optional[Service]) -> dict[str, Any]:
    listed: list[str] = []
    more = 0
    for family in FAMILIES:
        own = subtract(this.sources(family), other.sources(family) if other else ())
        listed += networks(own[:SHOWN], family)
        more += max(len(own) - SHOWN, 0)
    if more:
        listed.append("and {0} more".format(more))
    return {
        "ports": list(this.ports), "mode": this.mode, "addresses": sum(size(this.sources(family)) for family in FAMILIES),
        "sources_only_here": listed,
    }


def warnings(desired: Allowlist, live: Live) -> list[str]:
    """What a careful person would say before the change."""
    found = []
    for service in desired.services:
        before = live.allowlist.get(service.name)
        ports = ", ".join(map(str, service.ports))
        for family in FAMILIES:
            if service.mode == ENFORCE and not service.sources(family) and service.sources(10 - family):
                found.append("Service {0!r}: no source is IPv{1}, so every IPv{1} connection to port {2} is dropped".format(service.name, family, ports))
        seen = [one for one in live.strangers if one.service == service.name]
        if service.mode == ENFORCE and before and before.mode == OBSERVE and seen:
            found.append("Service {0!r}: {1} strangers connected while it observed; unless a source covers them now they are dropped: {2}".format(
                service.name, len(seen), ", ".join(sorted({one.address for one in seen})[:10])))
        if service.mode == OPEN and before and before.mode == ENFORCE:
            found.append("Service {0!r}: port {1} is no longer closed to others".format(service.name, ports))
    return found + list(live.notes)
