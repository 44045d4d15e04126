# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A document against a tenant: the whole way from options to a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError
from ansible_collections.mimecast.connect.plugins.module_utils._engine import plan_file
from ansible_collections.mimecast.connect.plugins.module_utils._engine.apply import Applier
from ansible_collections.mimecast.connect.plugins.module_utils._engine.guards import Guards
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import DELETE, Plan, make_plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Catalogue, Resource
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import wishes
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World


class Interrupted(ConnectError):
    """A plan stopped in the middle; ``done`` are the changes that were written before."""

    def __init__(self, error: ConnectError, done: list[dict[str, Any]]) -> None:
        super().__init__(str(error))
        self.done = done


@dataclass(frozen=True)
class Manner:
    """What a plan for a whole tenant has to pass: guards, and plans as files."""

    guards: Guards
    plan_file: str | None = None
    apply_plan: str | None = None

    def approve(self, plan: Plan, world: World) -> None:
        """Hold the plan against the guards and the plan to apply, and write it down. InputError says what is against it."""
        self.guards.check(plan, world)
        if self.apply_plan:
            plan_file.require(self.apply_plan, plan)
        if self.plan_file:
            plan_file.write(self.plan_file, plan)


def manage(client: Client, catalogue: Catalogue, document: dict[str, Any], dry: bool, world: World | None = None) -> tuple[World, Plan]:
    """Plan, and unless ``dry`` apply. The plan that is returned is the plan that was, or would be, carried out.

    ``world`` is what was read of the tenant already.
    """
    wanted = wishes(catalogue, document)
    world = world or World(client, catalogue)
    plan = make_plan(world, wanted)
    if not dry:
        carry_out(world, plan)
    return world, plan


def carry_out(world: World, plan: Plan, done: Sequence[dict[str, Any]] = ()) -> None:
    """Apply. Interrupted names what was written, after what the run had ``done`` before."""
    applier = Applier(world)
    try:
        applier.apply(plan)
    except ConnectError as error:
        raise Interrupted(error, [*done, *(change.summary() for change in applier.done)]) from error


def outcome(plan: Plan) -> dict[str, Any]:
    """What every result says of a plan."""
    return {"changed": bool(plan.batches), "diff": plan.diff(), "changes": [change.summary() for change in plan.changes]}


def object_after(world: World, plan: Plan, resource: Resource, name: str) -> dict[str, Any]:
    """One object with what it owns as it is after the plan, in the options of its module; {} when it is gone."""
    planned = {change.key: change for change in plan.changes}
    found = _after(world, planned, resource, name, "")
    for owned in world.catalogue.owned_by(resource.kind) if found else ():
        members = [item.name for item in world.members(owned.kind, name)]
        members += [change.name for change in plan.changes if change.resource is owned and change.scope == name]
        after = [_after(world, planned, owned, member, name) for member in dict.fromkeys(members)]
        found[owned.owner.option] = [member for member in after if member]
    return found


def _after(world: World, planned: dict[Any, Any], resource: Resource, name: str, scope: str) -> dict[str, Any]:
    change = planned.get((resource.kind, scope, name))
    if change is not None and change.action == DELETE:
        return {}
    existing = world.find(resource.kind, name, scope)
    values = {**(existing[0].values() if existing else {}), **(change.after if change else {})}
    if not values:
        return {}
    return {**({} if resource.singleton else {"name": name}), **{row.option: values.get(row.option) for row in resource.shown}}
