# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A plan as a file: shown on a pull request, carried out after the merge, or refused because the tenant has moved.

Secrets are not in it; they come from the document again.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change, Plan

FORMAT = "mimecast.connect plan 1"


def _data(change: Change) -> dict[str, Any]:
    found = {"action": change.action, "kind": change.resource.kind, "name": change.name, "copies": change.copies,
             "options": list(change.fields), "before": change.before, "after": change.after,
             "secrets": {option: sorted(parts) for option, parts in change.secrets.items()}}
    if change.resource.owner:
        found[change.resource.owner.field] = change.scope
    return json.loads(json.dumps(found))


def _checksum(changes: list[dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps([FORMAT, changes], sort_keys=True).encode()).hexdigest()


def write(path: str, plan: Plan) -> None:
    """Write the plan, readable by its owner only, in one step."""
    changes = [_data(change) for change in plan.changes]
    content = {"format": FORMAT, "checksum": _checksum(changes), "changes": changes}
    try:
        descriptor, new = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)))
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2, sort_keys=True)
            file.write("\n")
        os.rename(new, path)
    except OSError as error:
        raise InputError("Cannot write plan_file {0!r}: {1}. Nothing was changed".format(path, error.strerror)) from None


def require(path: str, plan: Plan) -> None:
    """The plan may hold what the file holds, or what is left of it after a run that was interrupted. InputError says what else."""
    known = {_key(change): change for change in _read(path)}
    moved = []
    for change in plan.changes:
        now, then = _data(change), known.get(_key(_data(change)))
        if then is None:
            moved.append("{0} {1} is not in the plan".format(change.action, change))
        elif then != now:
            differs = sorted(part for part in now if now[part] != then[part])
            moved.append("{0} {1} differs in {2}".format(change.action, change, " and ".join(differs)))
    if moved:
        raise InputError("Nothing was changed: the tenant or the document has moved since plan {0!r} was made. {1}. Make a new plan".format(
            path, "; ".join(moved[:20])))


def _key(change: dict[str, Any]) -> str:
    return json.dumps([change["action"], change["kind"], change["name"], change.get("route") or change.get("definition")])


def _read(path: str) -> list[dict[str, Any]]:
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        changes = content["changes"]
        sound = content["format"] == FORMAT and content["checksum"] == _checksum(changes)
    except OSError as error:
        raise InputError("Cannot read apply_plan {0!r}: {1}".format(path, error.strerror)) from None
    except (ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise InputError("Nothing was changed: {0!r} is no plan, or was changed after it was made. Make a new plan".format(path))
    return changes
