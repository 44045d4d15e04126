# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Retiring: the only way for a range to leave. A list of the customer, each entry with its reason, who decided, and from when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, check_source, networks_of, shown
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.record import day_of
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import Spans, common, merge, netaddr

NEEDED = ("range", "reason", "by", "from")


class Retirement(NamedTuple):
    """networks: what retires; start: the first day, in UTC; undone: who took it back and why, or None."""

    range: str
    networks: list[netaddr.IPNetwork]
    reason: str
    by: str
    start: str
    undone: dict[str, str] | None

    def state(self, today: str) -> str:
        """undone, planned (its day is to come) or effective."""
        return "undone" if self.undone else "planned" if self.start > today else "effective"


class Retired(NamedTuple):
    """gone: the networks that are out today; rows: every entry with its state and what it takes away."""

    gone: list[netaddr.IPNetwork]
    rows: list[dict[str, Any]]
    warnings: list[str]


def read_retirements(entries: Iterable[Any]) -> list[Retirement]:
    """RangesError names every entry that is wrong."""
    found, problems = [], []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(_read(entry))
        except ValueError as error:
            problems.append("entry {0}: {1}".format(number, error))
    if problems:
        raise RangesError("retired, " + "; ".join(problems))
    return found


def apply(entries: Iterable[Retirement], networks: Iterable[netaddr.IPNetwork], today: str) -> Retired:
    """What the entries do to these networks today."""
    everything = list(networks)
    gone, rows, warnings = [], [], []
    for entry in entries:
        state, taken = entry.state(today), common(entry.networks, everything)
        if state == "effective":
            gone += taken
        if state != "undone" and not taken:
            warnings.append("retired: no source has a range in {0}, so there is nothing to retire (entry of {1})".format(entry.range, entry.by))
        rows.append({
            "range": entry.range, "reason": entry.reason, "by": entry.by, "from": entry.start, "undone": entry.undone,
            "state": state, "removes": [str(network) for network in taken],
        })
    return Retired(merge(gone), rows, warnings)


def still_listed(gone: list[netaddr.IPNetwork], source: str, where: str, networks: Iterable[netaddr.IPNetwork]) -> list[str]:
    """A warning for what is retired and yet listed by a source that speaks of today."""
    spans = Spans(gone)
    touched = [network for network in networks if spans.touches(network)]
    if not touched:
        return []
    told = ", ".join(str(network) for network in common(touched, gone)[:5])
    if source == "spf":
        return ["{0} is retired, but the SPF record of {1} still has it: the service may still send from there".format(told, where)]
    return ["{0} is retired, but {1} still has it: take it out there, or undo the retirement".format(told, where)]


def _read(entry: Any) -> Retirement:
    if not isinstance(entry, dict):
        raise ValueError("{0} is no mapping with {1}".format(shown(entry), ", ".join(NEEDED)))
    strange = sorted(set(map(str, entry)) - {*NEEDED, "undone"})
    missing = [name for name in NEEDED if not str(entry.get(name) or "").strip()]
    if strange or missing:
        raise ValueError("{0} {1}; it takes {2}, and undone".format(
            "does not know" if strange else "lacks", ", ".join(map(shown, strange or missing)), ", ".join(NEEDED)))
    try:
        networks = networks_of(entry["range"])
        for network in networks:
            check_source(network)
    except ValueError as error:
        raise ValueError("range: {0} {1}".format(shown(entry["range"]), error)) from None
    try:
        start = day_of(entry["from"])
    except ValueError as error:
        raise ValueError("from: {0} {1}".format(shown(entry["from"]), error)) from None
    return Retirement(entry["range"].strip(), networks, str(entry["reason"]).strip(), str(entry["by"]).strip(), start, _undone(entry.get("undone")))


def _undone(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"by", "reason"} or not all(str(text or "").strip() for text in value.values()):
        raise ValueError("undone takes by and reason: who took the retirement back, and why")
    return {name: str(value[name]).strip() for name in ("by", "reason")}
