# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a plan for a whole tenant must not do unless the user says so by name: remove much, or remove what is protected."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import DELETE, Plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World

SMALL = 10  # of a kind with fewer objects a share says nothing


@dataclass(frozen=True)
class Guards:
    """How many removals a plan may hold, and of how many percent of a kind, and names that stay in any case."""

    max_removals: int = 10
    max_removal_percent: int = 30
    protect: tuple[str, ...] = ()

    def check(self, plan: Plan, world: World) -> None:
        """InputError names the guard, what it counted and how to let the plan pass."""
        gone = [change for change in plan.changes if change.action == DELETE]
        kept = [str(change) for change in gone if change.name in self.protect]
        if kept:
            raise InputError("Nothing was changed: the plan removes {0}, which protect names. Take it out of protect if that is meant".format(
                " and ".join(kept)))
        if len(gone) > self.max_removals:
            raise InputError("Nothing was changed: the plan removes {0} objects, more than max_removals, which is {1} ({2}). "
                             "Raise it if that is meant".format(len(gone), self.max_removals, _some(gone)))
        for resource in world.catalogue.resources:
            mine = [change for change in gone if change.resource is resource]
            total = world.loaded(resource.kind)
            if mine and total >= SMALL and 100 * len(mine) > self.max_removal_percent * total:
                raise InputError("Nothing was changed: the plan removes {0} of {1} {2}, more than max_removal_percent, which is {3} ({4}). "
                                 "Raise it if that is meant".format(len(mine), total, resource.plural, self.max_removal_percent, _some(mine)))


def _some(changes: list[object]) -> str:
    return ", ".join(map(str, changes[:5])) + (" and {0} more".format(len(changes) - 5) if len(changes) > 5 else "")
