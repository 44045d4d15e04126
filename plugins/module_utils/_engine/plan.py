# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The difference between wishes and the tenant, as data. What check mode shows is the object that apply carries out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import Outgoing
from ansible_collections.mimecast.connect.plugins.module_utils._engine.order import batches
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Resource
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import Key, Wish
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import Found, World, unknown

CREATE, UPDATE, DELETE = "create", "update", "delete"
HIDDEN = "(a secret, written but never shown)"


@dataclass
class Change:
    """One write. ``before`` and ``after`` are whole objects in the user's terms, without secrets.

    ``fields`` are the options to send; ``secrets`` lives in memory only and is part of no output. An owner that goes can
    have several members of one name: ``copies`` go together.
    """

    action: str
    resource: Resource
    name: str
    scope: str
    before: dict[str, Any]
    after: dict[str, Any]
    fields: tuple[str, ...] = ()
    copies: int = 1
    overrides: tuple[str, ...] = ()
    secrets: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return self.resource.describe(self.name, self.scope)

    @property
    def key(self) -> Key:
        """Kind, owner and name."""
        return (self.resource.kind, self.scope, self.name)

    def summary(self) -> dict[str, Any]:
        """The change as a result shows it."""
        found = {"action": self.action, "kind": self.resource.kind, "name": self.name}
        if self.resource.owner:
            found[self.resource.owner.field] = self.scope
        if self.action == UPDATE:
            found["options"] = list(self.fields)
        if self.copies > 1:
            found["copies"] = self.copies
        return found


@dataclass
class Plan:
    """Batches of changes: those of one batch do not depend on each other, later batches on earlier ones."""

    batches: list[list[Change]]

    @property
    def changes(self) -> list[Change]:
        """All changes in order."""
        return [change for batch in self.batches for change in batch]

    def diff(self) -> dict[str, Any]:
        """``before`` and ``after`` with just the objects that change."""
        before, after = {}, {}
        for change in self.changes:
            if change.action != CREATE:
                before[str(change)] = _shown(change, change.before, change.after)
            if change.action != DELETE:
                after[str(change)] = _shown(change, change.after, change.before)
                for option, parts in change.secrets.items():
                    after[str(change)].update({option if part == option else "{0}.{1}".format(option, part): HIDDEN for part in parts})
        return {"before": before, "after": after}


def make_plan(world: World, wanted: list[Wish], purge: tuple[str, ...] = ()) -> Plan:
    """Compare, check and order. Raises InputError or ConnectError; writes nothing.

    Of the kinds in ``purge`` everything goes that is not declared.
    """
    changes: dict[Key, Change] = {}
    declared = {wish.key for wish in wanted}
    for wish in wanted:
        for change in _changes(world, wish, declared):
            known = changes.setdefault(change.key, change)
            known.copies += known is not change
    for kind in purge:
        for item in world.objects(kind):
            for change in _removal(world, item) if (kind, item.scope, item.name) not in declared else ():
                changes.setdefault(change.key, change)
    found = list(changes.values())
    _refuse_used(world, found)
    for change in found:
        if change.action != DELETE:
            _require_references(world, change, changes)
    for change in found:
        if change.action != DELETE:
            for check in change.resource.checks:
                check(change, world)
    return Plan(batches(world.catalogue, found))


def _changes(world: World, wish: Wish, declared: set[Key]) -> list[Change]:
    found = world.one(wish.resource.kind, wish.name, wish.scope)
    if wish.state == "exists":
        _assert_exists(wish, found)
        return []
    if wish.state == "absent":
        return _removal(world, found) if found else []
    if found is None and wish.scope and world.find(wish.resource.kind, wish.name, unknown(world.catalogue[wish.resource.owner.kind])):
        raise ConnectError("Cannot tell whether {0} exists: the tenant has one of that name whose {1} cannot be identified. "
                           "Run again; if it stays, remove it in the console".format(wish, wish.resource.owner.field))
    changes = [_update(wish, found) if found else _creation(wish)]
    for kind in wish.complete:
        for member in world.members(kind, wish.name) if found else ():
            if (kind, wish.name, member.name) not in declared:
                changes += _removal(world, member)
    return [change for change in changes if change is not None]


def _creation(wish: Wish) -> Change:
    given = {**wish.values, **wish.secrets}
    missing = [row.option for row in wish.resource.fields if row.required and not given.get(row.option)]
    if missing:
        raise InputError("Cannot create {0}: it does not exist yet and needs {1}".format(wish, " and ".join(missing)))
    after = {}
    for row in _written(wish.resource):
        value = wish.values.get(row.option)
        if row.members and value is None:
            continue
        after[row.option] = row.default if value is None else row.codec.merge(value, row.default)
    fields = tuple(option for option, value in after.items() if value not in (None, "", {}, [])) + _hidden(wish)
    return _completed(Change(CREATE, wish.resource, wish.name, wish.scope, {}, after, fields), wish)


def _update(wish: Wish, found: Found) -> Change | None:
    before, after, fields = {}, {}, []
    for row in _written(wish.resource):
        if row.option not in wish.values and (row.members or not row.listed):
            continue  # not worth a request
        before[row.option] = after[row.option] = found[row.option]
        if row.option in wish.values:
            value = row.codec.merge(wish.values[row.option], before[row.option])
            if row.codec.normal(value) != row.codec.normal(before[row.option]):
                if row.immutable:
                    raise InputError("Cannot update {0}: {1} is {2!r} and cannot become {3!r}. {4}".format(
                        wish, row.option, before[row.option], value, row.immutable))
                after[row.option] = value
                fields.append(row.option)
            elif wish.always_secret and wish.secrets.get(row.option):
                fields.append(row.option)
    fields += _hidden(wish) if wish.always_secret else ()
    if not fields:
        return None
    return _completed(Change(UPDATE, wish.resource, wish.name, wish.scope, before, after, tuple(fields)), wish)


def _written(resource: Resource) -> list[Field]:
    return [row for row in resource.fields if not row.read_only and not row.codec.hidden]


def _hidden(wish: Wish) -> tuple[str, ...]:
    return tuple(row.option for row in wish.resource.fields if row.codec.hidden and wish.secrets.get(row.option))


def _completed(change: Change, wish: Wish) -> Change:
    # The service takes such a part whole, so its secret goes along whenever the part is written.
    change.overrides = wish.overrides
    change.secrets = {option: found for option, found in wish.secrets.items() if option in change.fields}
    for option in change.fields:
        out = Outgoing(_no_ids, change.secrets.get(option, {}), change.action == CREATE)
        lacking = change.resource.row(option).codec.lacks(change.after.get(option), out)
        if lacking:
            raise InputError("Cannot {0} {1}: {2} needs {3}, because the service takes it only whole".format(
                change.action, change, option, lacking))
    return change


def _no_ids(kind: str, name: str) -> str:
    return ""  # nothing is sent while planning


def _removal(world: World, found: Found) -> list[Change]:
    changes = []
    for owned in world.catalogue.owned_by(found.resource.kind):
        for member in world.members(owned.kind, found.name):
            changes += _removal(world, member)
    before = found.values()
    before.update({row.option: found[row.option] for row in found.resource.fields if row.members})  # they have to go first
    return [*changes, Change(DELETE, found.resource, found.name, found.scope, before, {})]


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


def _require_references(world: World, change: Change, changes: dict[Key, Change]) -> None:
    for option in change.fields:
        for kind, name in change.resource.row(option).codec.references(change.after.get(option)):
            planned = changes.get((kind, "", name))
            if planned is not None and planned.action == DELETE:
                raise InputError("Cannot {0} {1}: {2} is {3!r}, which the same document removes".format(change.action, change, option, name))
            if planned is None and world.one(kind, name) is None:
                known = sorted(item.name for item in world.objects(kind))
                raise InputError("Cannot {0} {1}: {2} is {3!r}, but the tenant has no such {4} (it has {5})".format(
                    change.action, change, option, name, world.catalogue[kind].label, _some(known)))


def _refuse_used(world: World, changes: list[Change]) -> None:
    """An object that another one refers to is not removed. Objects it owns go with it and do not count."""
    gone = {change.key for change in changes if change.action == DELETE}
    after = {change.key: change.after for change in changes if change.action != DELETE}
    for resource in world.catalogue.resources:
        rows = _referring(resource, {kind for kind, _scope, _name in gone})
        for item in world.objects(resource.kind) if rows else ():
            key = (resource.kind, item.scope, item.name)
            for row in rows if key not in gone else ():
                for kind, name in row.codec.references(after.get(key, item)[row.option]):
                    if (kind, "", name) in gone:
                        raise ConnectError("Cannot delete {0}: {1} uses it as {2}. Change that first, or in the same document".format(
                            world.catalogue[kind].describe(name), resource.describe(item.name, item.scope), row.option))


def _referring(resource: Resource, kinds: set[str]) -> list[Field]:
    """The rows that may refer to one of the kinds, except to the owner."""
    owner = resource.owner.field if resource.owner else None
    return [row for row in resource.fields if row.option != owner and row.codec.kinds & kinds]


def _shown(change: Change, values: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty and without the owner, which the heading names; of members only those of one side alone."""
    owner = change.resource.owner.field if change.resource.owner else None
    outside = [row.option for row in change.resource.fields if row.members]
    values = {**values, **{option: sorted(set(values[option]) - set(other.get(option) or ())) for option in outside if values.get(option)}}
    return {option: value for option, value in values.items() if value not in (None, "", {}, []) and option != owner}


def _some(names: list[str]) -> str:
    if not names:
        return "none at all"
    return ", ".join(map(repr, names[:10])) + (" and {0} more".format(len(names) - 10) if len(names) > 10 else "")
