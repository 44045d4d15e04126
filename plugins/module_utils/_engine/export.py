# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A live tenant as a tenant document: names instead of ids, defaults left out, secrets as named placeholders, stable order."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Resource
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import Found, World


class Export:
    """What was read of a tenant. ``document`` is what the tenant module takes, ``secrets`` the variables it then needs,
    ``notes`` what the document cannot say and why.
    """

    def __init__(self, world: World, kinds: tuple[str, ...], members: bool) -> None:
        self._world = world
        self._members = members
        self.notes: list[str] = []
        self.secrets: list[str] = []
        self.document: dict[str, Any] = {}
        for kind in kinds:
            resource = world.catalogue[kind]
            items = self._items(resource, world.objects(kind))
            if items:
                self.document[kind] = items[0] if resource.singleton else items

    def _items(self, resource: Resource, found: list[Found]) -> list[dict[str, Any]]:
        by_name: dict[str, list[Found]] = {}
        for item in found:
            by_name.setdefault(item.name, []).append(item)
        items = []
        for name in sorted(by_name):
            what = resource.describe(name, by_name[name][0].scope)
            if len(by_name[name]) > 1:
                self.notes.append("{0}: there are {1} of that name; rename all but one".format(what, len(by_name[name])))
            elif not name and not resource.singleton:
                self.notes.append("{0}: it has no name".format(what))
            else:
                items.append(self._item(resource, by_name[name][0]))
        return [item for item in items if item]  # a singleton of which nothing is set says nothing

    def _item(self, resource: Resource, found: Found) -> dict[str, Any]:
        item: dict[str, Any] = {} if resource.singleton else {"name": found.name}
        for row in resource.options:
            if row.members and not (self._members and self._may_change(found)):
                continue
            if row.codec.hidden:
                item[row.option] = self._placeholder(resource, found, row.option, "")
                continue
            value = found[row.option]
            if value is None or row.codec.normal(value) == row.codec.normal(row.default):
                continue
            if any("(unknown " in name for _kind, name in row.codec.references(value)):
                self.notes.append("{0}: {1} leads to an object that no list shows".format(resource.describe(found.name, found.scope), row.option))
                continue
            item[row.option] = row.codec.declared(value, lambda part, option=row.option: self._placeholder(resource, found, option, part))
        for owned in self._world.catalogue.owned_by(resource.kind):
            members = self._items(owned, self._world.members(owned.kind, found.name))
            if members:
                item[owned.owner.option] = members
        return item

    def _may_change(self, found: Found) -> bool:
        ours = found.row.get("source") != "ldap"
        if not ours:
            self.notes.append("{0}: its members follow the directory".format(found.resource.describe(found.name)))
        return ours

    def _placeholder(self, resource: Resource, found: Found, option: str, part: str) -> str:
        words = "_".join(["vault", resource.label, found.name, option, part])  # part is '' where the option is the secret
        name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
        self.secrets.append(name)
        return "{{ " + name + " }}"
