# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Records for whoever keeps a zone: as steps, as texts in the result, and as files that go when the DNS shows the records."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import Change, fqdn, shown
from ansible_collections.mimecast.connect.plugins.module_utils._dns.render import FORMS, MARK, render
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover

Zones = dict[str, list[Change]]


def handed_over(zones: Zones, dest: str | None, dry: bool) -> dict[str, Any]:
    """What is left to be done in each zone, and the files about it. Files of zones in which nothing is left are removed."""
    open_ = {zone: changes for zone, changes in zones.items() if changes}
    snippets = {zone: render(zone, changes) for zone, changes in open_.items()}
    handovers = [_handover(zone, changes, dest) for zone, changes in open_.items()]
    written = _files(zones, snippets, dest, dry) if dest else []
    nothing: dict[str, Any] = {"before": {}, "after": {}}
    result: dict[str, Any] = {
        "changed": bool(written),
        "changes": written,
        "diff": diff_of(open_) if written else nothing,
        "pending": bool(open_),
        "handovers": [handover.as_dict() for handover in handovers],
        "snippets": snippets,
    }
    if handovers:
        result["msg"] = "Nothing was changed in the DNS. To be done by hand: {0}".format("; ".join(handover.title for handover in handovers))
    return result


def diff_of(zones: Zones) -> dict[str, Any]:
    """By zone the RRsets that change, with their TTLs."""
    before, after = (
        {
            "zone " + zone: {"{0} {1}".format(*change.key): rrset.as_dict() for change, rrset in sides if rrset}
            for zone, changes in zones.items() if changes
            for sides in [[(change, getattr(change, side)) for change in changes]]
        }
        for side in ("before", "after")
    )
    return {"before": before, "after": after}


def _handover(zone: str, changes: list[Change], dest: str | None) -> Handover:
    steps = [step for change in changes for step in _steps(change)]
    if dest:
        steps.append("Or take {0} from {1}.".format(", ".join("{0}.{1}".format(zone, end) for end in FORMS), dest))
    return Handover(
        title="Publish the records of zone {0}".format(zone),
        for_whom="whoever keeps the DNS of {0}".format(zone),
        steps=tuple(steps),
        why="No server that takes dynamic updates is given for this zone (backend, server).",
        gone_when="The authoritative servers of {0} show these records.".format(zone),
    )


def _steps(change: Change) -> list[str]:
    name, kind = change.key
    found = ["Take out the {0} record of {1}: {2}".format(kind, fqdn(name), shown(value)) for value in change.removed]
    return found + ["Add the {0} record of {1}, TTL {2}: {3}".format(kind, fqdn(name), change.after.ttl, shown(value)) for value in change.added]


def _files(zones: Zones, snippets: dict[str, dict[str, str]], dest: str, dry: bool) -> list[dict[str, Any]]:
    """The files that are written or removed."""
    if not os.path.isdir(dest):
        raise InputError("Cannot write to {0!r}: there is no such folder; make it first".format(dest))
    planned = [(os.path.join(dest, "{0}.{1}".format(zone, end)), snippets.get(zone, {}).get(form)) for zone in zones for end, form in FORMS.items()]
    found = [(path, text, _action(path, text)) for path, text in planned]  # every file is looked at before one is written
    for path, text, action in found if not dry else ():
        if action:
            _carry_out(path, text)
    return [{"action": action, "kind": "files", "name": path} for path, _text, action in found if action]


def _action(path: str, text: str | None) -> str:
    """What is to be done with a file; one of somebody else is neither overwritten nor removed."""
    try:
        with open(path, encoding="utf-8") as file:
            before = file.read()
    except FileNotFoundError:
        return "create" if text else ""
    except OSError as error:
        raise InputError("Cannot read {0!r}: {1}".format(path, error.strerror)) from None
    except UnicodeDecodeError:
        before = ""
    if MARK not in before.partition("\n")[0]:
        if text is None:
            return ""
        raise InputError("Cannot write {0!r}: there is a file that this module has not made; move it, or name another dest".format(path))
    return "delete" if text is None else "" if before == text else "update"


def _carry_out(path: str, text: str | None) -> None:
    try:
        if text is None:
            os.remove(path)
            return
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError("Cannot write {0!r}: {1}".format(path, error.strerror)) from None
