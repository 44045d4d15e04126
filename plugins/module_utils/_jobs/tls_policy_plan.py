# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a TLS policy lacks of what is declared: two groups, one for each mode, and the domains that come and go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import make_plan as make_engine_plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Catalogue
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import wishes
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import Found, World
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory import GROUPS
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_domains import GROUPS as NAMES
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_domains import MODES, REMOVE, SET, Line, Mode, some

BATCH = 50  # what the TLS step of Connect takes at a time (docs/service.md)

_MEMBERS = GROUPS.row("members")
TLS_GROUPS = replace(
    GROUPS,
    fields=tuple(replace(row, members=replace(row.members, batch=BATCH)) if row is _MEMBERS else row for row in GROUPS.fields),
    if_kept="A policy in the console may still use the group; remove the Secure Delivery and Secure Receipt policies first",
)
TLS_CATALOGUE = Catalogue(tuple(TLS_GROUPS if resource is GROUPS else resource for resource in CATALOGUE.resources))


@dataclass
class Side:
    """One mode: the domains before, and those that come and go. ``blocked`` are wanted but did not pass a check."""

    mode: Mode
    found: Found | None
    before: frozenset[str]
    added: list[str]
    removed: list[str]
    blocked: list[str] = field(default_factory=list)

    @property
    def after(self) -> set[str]:
        """The enforced domains after the run."""
        return self.before.difference(self.removed).union(self.added)

    def block(self, here: set[str], anywhere: set[str]) -> None:
        """Leave these out of what is added. What was to go to the other mode and is blocked there stays."""
        self.blocked = sorted(here)
        self.added = [domain for domain in self.added if domain not in here]
        self.removed = [domain for domain in self.removed if domain not in anywhere]

    def item(self) -> dict[str, Any]:
        """The group in the options of mimecast_group; members only where some come or go, so that others are not read."""
        found: dict[str, Any] = {"name": self.mode.group}
        if self.added or self.removed:
            found["members"] = {"add": self.added, "remove": self.removed}
        return found

    def counts(self, repeated: int) -> dict[str, int]:
        """The summary of the mode."""
        return {
            "added": len(self.added), "removed": len(self.removed), "present": len(self.before.intersection(self.mode.wanted)),
            "repeated": repeated, "blocked": len(self.blocked),
        }


def side_of(world: World, mode: Mode, read: bool) -> Side:
    """Compare one mode with its group. Members are read where ``read`` says so, or domains are declared."""
    found = world.one(TLS_GROUPS.kind, mode.group)
    before = frozenset(found["members"]) if found and (read or mode.words) else frozenset()
    added = sorted(set(mode.wanted) - before)
    removed = sorted(before.difference(mode.wanted) if SET in mode.words else before.intersection(mode.words.get(REMOVE, ())))
    return Side(mode, found, before, added, removed)


def objections(world: World, sides: list[Side]) -> list[Line]:
    """What speaks against domains that would be added: they are the tenant's own, or enforced in the other mode."""
    if not any(side.added for side in sides):
        return []
    own = {domain.name.lower() for domain in world.objects("internal_domains")}
    found = []
    for side in sides:
        other, enforced = _other(world, sides, side.mode.name)
        for domain in side.added:
            if domain in own:
                found.append(side.mode.wanted[domain].saying("it is an internal domain of the tenant; TLS is enforced with external ones"))
            elif domain in enforced:
                found.append(side.mode.wanted[domain].saying("{0} enforces it already; name it in {0}.remove as well to move it".format(other)))
    return found


def _other(world: World, sides: list[Side], mode: str) -> tuple[str, set[str]]:
    """The other mode and its domains, also when the task does not declare it."""
    other = next(name for name in MODES if name != mode)
    declared = next((side for side in sides if side.mode.name == other), None) or side_of(world, Mode(other, NAMES[other], ""), read=False)
    if declared.found and not declared.mode.words:
        return other, set(declared.found["members"])
    return other, declared.after


def guard(sides: list[Side], most: int) -> None:
    """InputError when more domains lose their enforcement than ``most`` without being named one by one."""
    kept = {domain for side in sides for domain in side.after}
    lost = sorted({domain for side in sides for domain in side.removed if domain not in side.mode.words.get(REMOVE, ())} - kept)
    if len(lost) > most:
        raise InputError("Nothing was changed: {0} domains would lose their enforced TLS, more than max_removals, which is {1} ({2}). "
                         "Raise it if that is meant".format(len(lost), most, some(lost)))


def make_plan(world: World, sides: list[Side]) -> Plan:
    """The writes. Groups that only gain come first, so that a domain that moves is enforced all the time."""
    items = [side.item() for side in sorted(sides, key=lambda side: bool(side.removed))]
    return make_engine_plan(world, wishes(TLS_CATALOGUE, {TLS_GROUPS.kind: items}))


def removal_plan(world: World, sides: list[Side]) -> Plan:
    """Empty each group, and remove it once somebody says that the policies which point at it are gone."""
    items = []
    for side in sides:
        if side.found and _policies_gone(side.mode):
            items.append({"name": side.mode.group, "state": "absent"})
        elif side.found:
            items.append({"name": side.mode.group, "members": {"set": []}})
    return make_engine_plan(world, wishes(TLS_CATALOGUE, {TLS_GROUPS.kind: items}))


def kept_groups(sides: list[Side]) -> list[Mode]:
    """The modes whose groups stay until somebody has removed their policies."""
    return [side.mode for side in sides if side.found and not _policies_gone(side.mode)]


def _policies_gone(mode: Mode) -> bool:
    return mode.acknowledged is not None and mode.acknowledged.holds()


def require_declared(sides: list[Side]) -> None:
    """ConnectError unless each group is there with just the domains that are declared."""
    wrong = []
    for side in sides:
        if side.found is None:
            wrong.append("the tenant has no group {0!r}".format(side.mode.group))
        if side.added:
            wrong.append("{0} lacks {1}".format(side.mode.name, some(side.added)))
        if side.removed:
            wrong.append("{0} has {1}".format(side.mode.name, some(side.removed)))
    if wrong:
        raise ConnectError("Cannot confirm the TLS policy: {0}; state=exists changes nothing".format(", and ".join(wrong)))
