# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The order of writes: creations before what refers to them, removals last and users before what they use."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Catalogue

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change


def batches(catalogue: Catalogue, changes: list[Change]) -> list[list[Change]]:
    """Batches of one kind each, in a valid order; InputError names the circle when creations refer to each other."""
    made = [change for change in changes if change.action != "delete"]
    gone = [change for change in changes if change.action == "delete"]
    found: list[list[Change]] = []
    for resource in catalogue.resources:
        mine = [change for change in made if change.resource is resource]
        try:
            found += _levels(mine, "after", "create")
        except CycleError as error:
            names = " -> ".join(repr(mine[index].name) for index in error.args[1])
            raise InputError("Cannot create {0}: they refer to each other in a circle ({1}); create one without the reference first".format(
                resource.plural, names)) from None
    for resource in reversed(catalogue.resources):
        mine = [change for change in gone if change.resource is resource]
        try:
            found += _levels(mine, "before", "delete")[::-1]
        except CycleError:
            found.append(mine)  # no order is better than another
    return found


def _levels(changes: list[Change], side: str, action: str) -> list[list[Change]]:
    """Steps of one kind by distance along the references among those with ``action``."""
    targets = {(change.resource.kind, change.name): index for index, change in enumerate(changes) if change.action == action}
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for index, change in enumerate(changes):
        values = getattr(change, side)
        references = [
            targets[target]
            for row in change.resource.fields
            for target in row.codec.references(values.get(row.option))
            if target in targets and targets[target] != index
        ]
        sorter.add(index, *references)
    sorter.prepare()
    levels = []
    while sorter.is_active():
        ready = sorter.get_ready()
        levels.append([changes[index] for index in sorted(ready)])
        sorter.done(*ready)
    return levels
