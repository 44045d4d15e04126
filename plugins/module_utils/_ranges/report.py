# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What was gathered, as plain data: every range with its sources, its status and its sightings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._ranges.gather import Gathered
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.record import Memory, as_document, remember
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import Spans, difference, netaddr
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.source import SOURCES, Heard


def details(found: Gathered) -> dict[str, Any]:
    """The whole report; its `record` is the document to keep."""
    memory = remember(found.memory, found.heard, found.today)
    return {
        "region": found.region.code,
        "region_name": found.region.name,
        "cidrs": [str(network) for network in found.cidrs],
        "ranges": _Rows(found, memory).rows(),
        "retirements": found.retired.rows,
        "sources": [_source(one) for one in found.heard],
        "warnings": found.warnings,
        "notes": [note for one in found.heard for note in one.notes],
        "record": as_document(memory, found.region.code),
    }


def _source(one: Heard) -> dict[str, Any]:
    return {"source": one.source, "where": one.where, "ranges": len(one.networks), "complete": one.complete, **one.more}


class _Rows:
    def __init__(self, found: Gathered, memory: Memory) -> None:
        self._found, self._memory = found, memory
        self._heard = {one.source: one for one in found.heard}
        self._gone = Spans(found.retired.gone)

    def rows(self) -> list[dict[str, Any]]:
        return [self._row(network) for network in sorted(self._found.networks)]

    def _row(self, network: netaddr.IPNetwork) -> dict[str, Any]:
        allowed = difference([network], self._gone.networks) if self._gone.touches(network) else [network]
        sources = [self._from(name, network) for name in SOURCES if name in self._memory[network]]
        known = self._found.bundled.covering(network)
        days = [day for one in sources for day in _sightings(one)]
        return {
            "cidr": str(network),
            "status": self._status(sources, known) if allowed else "retired",
            "first_seen": min(days, default=None),
            "last_seen": max(days, default=None),
            "migration_role": known.migration_role if known else "unknown",
            "allowed": [str(part) for part in allowed],
            "sources": sources,
        }

    def _from(self, name: str, network: netaddr.IPNetwork) -> dict[str, Any]:
        """One source's view; `listed` is none if it was not asked, or its answer is not whole."""
        one = self._heard.get(name)
        row = one.networks.get(network) if one else None
        listed = True if row is not None else False if one and one.complete else None
        first, last = self._memory[network][name]
        return {"source": name, "listed": listed, "first_listed": first, "last_listed": last, **(row or {})}

    def _status(self, sources: list[dict[str, Any]], known: Any) -> str:
        """What every source has dropped is as deprecated as what is known to be superseded; both stay allowed."""
        dropped = all(one["listed"] is False for one in sources)
        return "deprecated" if dropped or (known and known.status == "deprecated") else "current"


def _sightings(one: dict[str, Any]) -> Iterable[str]:
    """Days on which the service itself showed the range: what a person wrote down is none."""
    days = (one["first_listed"], one["last_listed"]) if one["source"] == "spf" else (one.get("first_seen"), one.get("last_seen"))
    return (day for day in days if day)
