# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The difference between wishes and the tenant, as data. What check mode shows is the object that apply carries out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.order import batches
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Resource
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import Key, Wish
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import Found, World

CREATE, UPDATE, DELETE = "create", "update", "delete"
HIDDEN = "(a secret, written but never shown)"


@dataclass
class Step:
    """One write. ``before`` and ``after`` are whole objects in the user's terms, without secrets.

    ``fields`` are the options to send; ``secrets`` lives in memory only and is part of no output.
    """

    action: str
    resource: Resource
    name: str
    scope: str
    before: dict[str, Any]
    after: dict[str, Any]
    fields: tuple[str, ...] = ()
    secrets: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return self.resource.describe(self.name, self.scope)

    @property
    def key(self) -> Key:
        """Kind, owner and name."""
        return (self.resource.kind, self.scope, self.name)

    def summary(self) -> dict[str, Any]:
        """The step as a result shows it."""
        found = {"action": self.action, "kind": self.resource.kind, "name": self.name}
        if self.resource.owner:
            found[self.resource.owner.field] = self.scope
        if self.action == UPDATE:
            found["options"] = list(self.fields)
        return found


@dataclass
class Plan:
    """Batches of steps: those of one batch do not depend on each other, later batches on earlier ones."""

    batches: list[list[Step]]

    @property
    def steps(self) -> list[Step]:
        """All steps in order."""
        return [step for batch in self.batches for step in batch]

    def diff(self) -> dict[str, Any]:
        """``before`` and ``after`` with just the objects that change."""
        before, after = {}, {}
        for step in self.steps:
            if step.action != CREATE:
                before[str(step)] = _shown(step, step.before)
            if step.action != DELETE:
                after[str(step)] = _shown(step, step.after)
                for option, parts in step.secrets.items():
                    after[str(step)].update({"{0}.{1}".format(option, part): HIDDEN for part in parts})
        return {"before": before, "after": after}


def make_plan(world: World, wanted: list[Wish]) -> Plan:
    """Compare, check and order. Raises InputError or ConnectError; writes nothing."""
    steps: dict[Key, Step] = {}
    declared = {wish.key for wish in wanted}
    for wish in wanted:
        for step in _steps(world, wish, declared):
            steps.setdefault(step.key, step)
    found = list(steps.values())
    _refuse_used(world, found)
    for step in found:
        if step.action != DELETE:
            _require_references(world, step, steps)
    for step in found:
        if step.action != DELETE:
            for check in step.resource.checks:
                check(step, world)
    return Plan(batches(world.catalogue, found))


def _steps(world: World, wish: Wish, declared: set[Key]) -> list[Step]:
    found = world.one(wish.resource.kind, wish.name, wish.scope)
    if wish.state == "exists":
        _assert_exists(wish, found)
        return []
    if wish.state == "absent":
        return _removal(world, found) if found else []
    steps = [_update(wish, found) if found else _creation(wish)]
    for kind in wish.complete:
        for member in world.members(kind, wish.name) if found else ():
            if (kind, wish.name, member.name) not in declared:
                steps += _removal(world, member)
    return [step for step in steps if step is not None]


def _creation(wish: Wish) -> Step:
    missing = [row.option for row in wish.resource.fields if row.required and not wish.values.get(row.option)]
    if missing:
        raise InputError("Cannot create {0}: it does not exist yet and needs {1}".format(wish, " and ".join(missing)))
    after = {}
    for row in wish.resource.fields:
        value = wish.values.get(row.option)
        after[row.option] = row.default if value is None else row.codec.merge(value, row.default)
    fields = tuple(option for option, value in after.items() if value not in (None, "", {}, []))
    return _with_secrets(Step(CREATE, wish.resource, wish.name, wish.scope, {}, after, fields), wish)


def _update(wish: Wish, found: Found) -> Step | None:
    before, after, fields = {}, {}, []
    for row in wish.resource.fields:
        if row.option not in wish.values and not row.listed:
            continue  # not worth a single read
        before[row.option] = after[row.option] = found[row.option]
        if row.option in wish.values:
            value = row.codec.merge(wish.values[row.option], before[row.option])
            if row.codec.normal(value) != row.codec.normal(before[row.option]):
                after[row.option] = value
                fields.append(row.option)
            elif wish.always_secret and wish.secrets.get(row.option):
                fields.append(row.option)
    if not fields:
        return None
    return _with_secrets(Step(UPDATE, wish.resource, wish.name, wish.scope, before, after, tuple(fields)), wish)


def _with_secrets(step: Step, wish: Wish) -> Step:
    # The service takes such a part whole, so its secret goes along whenever the part is written.
    step.secrets = {option: found for option, found in wish.secrets.items() if option in step.fields}
    for option in step.fields:
        lacking = step.resource.row(option).codec.lacks(step.after[option], step.secrets.get(option, {}))
        if lacking:
            raise InputError("Cannot {0} {1}: {2} needs {3}, because the service takes it only whole".format(
                step.action, step, option, lacking))
    return step


def _removal(world: World, found: Found) -> list[Step]:
    steps = []
    for owned in world.catalogue.owned_by(found.resource.kind):
        for member in world.members(owned.kind, found.name):
            steps += _removal(world, member)
    return [*steps, Step(DELETE, found.resource, found.name, found.scope, found.values(), {})]


def _assert_exists(wish: Wish, found: Found | None) -> None:
    if found is None:
        raise ConnectError("Cannot find {0}: the tenant has none of that name, and state=exists does not create it".format(wish))
    wrong = []
    for option, value in wish.values.items():
        codec = wish.resource.row(option).codec
        merged = codec.merge(value, found[option])
        if codec.normal(merged) != codec.normal(found[option]):
            wrong.append("{0} is {1!r} instead of {2!r}".format(option, found[option], merged))
    if wrong:
        raise ConnectError("Cannot confirm {0}: {1}; state=exists changes nothing".format(wish, "; ".join(wrong)))


def _require_references(world: World, step: Step, steps: dict[Key, Step]) -> None:
    for option in step.fields:
        for kind, name in step.resource.row(option).codec.references(step.after[option]):
            planned = steps.get((kind, "", name))
            if planned is not None and planned.action == DELETE:
                raise InputError("Cannot {0} {1}: {2} is {3!r}, which the same document removes".format(step.action, step, option, name))
            if planned is None and world.one(kind, name) is None:
                known = sorted(item.name for item in world.objects(kind))
                raise InputError("Cannot {0} {1}: {2} is {3!r}, but the tenant has no such {4} (it has {5})".format(
                    step.action, step, option, name, world.catalogue[kind].label, _some(known)))


def _refuse_used(world: World, steps: list[Step]) -> None:
    """An object that another one refers to is not removed. Objects it owns go with it and do not count."""
    gone = {step.key for step in steps if step.action == DELETE and not step.resource.owner}
    after = {step.key: step.after for step in steps if step.action != DELETE}
    for resource in world.catalogue.resources if gone else ():
        if resource.owner or resource.create is None:
            continue
        for item in world.objects(resource.kind):
            key = (resource.kind, item.scope, item.name)
            for row in resource.fields if key not in gone else ():
                value = after.get(key, {}).get(row.option, item[row.option] if row.listed else None)
                for kind, name in row.codec.references(value):
                    if (kind, "", name) in gone:
                        raise ConnectError("Cannot delete {0}: {1} uses it as {2}. Change that first, or in the same document".format(
                            world.catalogue[kind].describe(name), resource.describe(item.name), row.option))


def _shown(step: Step, values: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty and without the owner, which the heading names."""
    owner = step.resource.owner.field if step.resource.owner else None
    return {option: value for option, value in values.items() if value not in (None, "", {}, []) and option != owner}


def _some(names: list[str]) -> str:
    if not names:
        return "none at all"
    return ", ".join(map(repr, names[:10])) + (" and {0} more".format(len(names) - 10) if len(names) > 10 else "")
