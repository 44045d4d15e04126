# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The move from leased to owned ranges: who is affected, what to open beside the old, what may go, and what to bring back.

The rules are those of the vendor's questions and answers on the move (docs/service.md): only Germany, Australia and the A grid of the
United States; new beside old until the vendor says otherwise; nothing to do without a restriction, or where the new ranges are in already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, enough, read
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import common, difference, merge

CONCERNED = ("de", "au", "us")
UNRESTRICTED = "its firewall does not restrict these connections by source, so there is nothing to open"
UNKNOWN = "nothing is known of its firewall: no gateway keeps services of firewall_allowlist, and it is not said what is open there now"
COMPLETE = "all {0} ranges are in already; nothing is taken away, since only retiring does that"

Networks = list[Any]  # of netaddr.IPNetwork


def decide(report: dict[str, Any], firewalls: dict[str, list[dict[str, Any]]], restricts: bool | None, saved: list[dict[str, Any]]) -> dict[str, Any]:
    """What a customer needs. report: details of the lookup; firewalls: services with their sources of today, by name of the firewall;
    saved: documents of former runs, oldest first.

    status: elsewhere, unrestricted, unknown, complete (these need nothing, or nothing can be done), affected, retiring.
    """
    if report["region"] not in CONCERNED:
        return _row(report, "elsewhere", "{0} does not take part in the move: only Germany, Australia and the A grid of the United States do".format(
            report["region_name"]))
    if restricts is False:
        return _row(report, "unrestricted", UNRESTRICTED)
    if not any(firewalls.values()):
        return _row(report, "unknown", UNKNOWN)
    wanted, (gone, held) = _nets(report["cidrs"]), _gone(report, saved)
    missing: Networks = []
    removed: Networks = []
    kept: Networks = []
    after = {}
    for name, services in firewalls.items():
        after[name] = []
        for service in services:
            now = _nets(service["sources"])
            missing += difference(wanted, now)
            removed += common(now, gone)
            kept += common(now, held)
            after[name].append({**_plain(service), "sources": _texts([*difference(now, gone), *wanted])})
    parts = [
        "{0} {1}".format(word, enough(merge(found), len(merge(found))))
        for word, found in (("it lacks", missing), ("retired and still open:", removed), ("retired, but kept since they were rolled back:", kept)) if found]
    status = "affected" if missing else "retiring" if removed else "complete"
    why = "; ".join(parts) if missing or removed or kept else COMPLETE.format(len(report["cidrs"]))
    return _row(report, status, why, missing=_texts(missing), removed=_texts(removed), firewalls=after)


def roll_back(report: dict[str, Any], firewalls: dict[str, list[dict[str, Any]]], saved: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything that the last run which took something away had found open, beside what is open now. Status rolled_back, or complete."""
    last = next((one for one in reversed(saved) if one["removed"] and not one["rollback"]), None)
    if last is None:
        raise RangesError("there is nothing to roll back: no saved state of a removal was found")
    restored: Networks = []
    after = {}
    for name, services in firewalls.items():
        before = {one["name"]: _nets(one["sources"]) for one in last["firewalls"].get(name, [])}
        after[name] = []
        for service in services:
            now = _nets(service["sources"])
            restored += difference(before.get(service["name"], []), now)
            after[name].append({**_plain(service), "sources": _texts([*now, *before.get(service["name"], [])])})
    if not restored:
        return _row(report, "complete", "all that the removal of {0} took away is open again".format(last["at"]), firewalls=after)
    why = "brings back {0}, which the run of {1} took away; from now on only a retirement with a later day takes it away again".format(
        enough(merge(restored), len(merge(restored))), last["at"])
    return _row(report, "rolled_back", why, missing=_texts(restored), firewalls=after)


def document(row: dict[str, Any], before: dict[str, list[dict[str, Any]]], at: str) -> dict[str, Any]:
    """What to keep before a change: the state of today, and what the change will take away or bring back."""
    return {
        "at": at, "rollback": row["status"] == "rolled_back", "removed": row["removed"], "restored": row["missing"],
        "firewalls": {name: [_plain(one) for one in services] for name, services in before.items()},
    }


def check_saved(documents: Iterable[Any]) -> list[dict[str, Any]]:
    """The documents, oldest first; RangesError if one is none."""
    found = list(documents)
    for one in found:
        if not isinstance(one, dict) or {"at", "rollback", "removed", "restored", "firewalls"} - set(one):
            raise RangesError("a saved state is damaged: it was written by no run of this role")
    return sorted(found, key=lambda one: str(one["at"]))


def _gone(report: dict[str, Any], saved: list[dict[str, Any]]) -> tuple[Networks, Networks]:
    """What is retired, and what of it a later rollback holds: whoever rolled back meant it, so an old entry must not undo that."""
    gone: Networks = []
    held: Networks = []
    for entry in report["retirements"]:
        if entry["state"] != "effective":
            continue
        networks = _nets(entry["removes"])
        back = [network for one in saved if one["rollback"] and one["at"][:10] >= entry["from"] for network in _nets(one["restored"])]
        gone += difference(networks, back)
        held += common(networks, back)
    return difference(gone, held), held


def _row(report: dict[str, Any], status: str, why: str, **more: Any) -> dict[str, Any]:
    deprecated = [one["cidr"] for one in report["ranges"] if one["status"] == "deprecated" and one["allowed"]]
    return {
        "region": report["region"], "status": status, "why": why, "missing": [], "removed": [], "firewalls": {},
        "kept_deprecated": deprecated if more else [], **more,
    }


def _plain(service: dict[str, Any]) -> dict[str, Any]:
    return {name: service[name] for name in ("name", "ports", "mode", "sources")}


def _nets(texts: Iterable[str]) -> Networks:
    return read((("entry {0}".format(number), text) for number, text in enumerate(texts, 1)), sources=False).networks


def _texts(networks: Networks) -> list[str]:
    return [str(network) for network in merge(networks)]
