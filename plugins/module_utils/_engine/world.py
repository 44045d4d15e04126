# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What the tenant holds now, read when first asked for and each collection once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, ConnectError
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import MISSING
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Catalogue, Field, Resource


class Found:
    """One object of the tenant. Values are decoded when asked for: decoding can need other collections."""

    def __init__(self, world: World, resource: Resource, row: dict[str, Any]) -> None:
        self._world = world
        self._values: dict[str, Any] = {}
        self._single = False
        self.resource = resource
        self.row = row
        self.id = str(row.get("id") or "")
        self.name = _name(resource, str(row.get(resource.name_api) or ""))

    @property
    def scope(self) -> str:
        """Name of the owner, or ''."""
        return self[self.resource.owner.field] if self.resource.owner else ""

    def __getitem__(self, option: str) -> Any:
        row = self.resource.row(option)
        if option not in self._values and row.members:
            self._values[option] = self.members(row)
        if option not in self._values:
            value = row.codec.read(self.row, self._world.name_of)
            if value is MISSING and not row.listed and not self._single and self.resource.get:
                self.refresh()
                value = row.codec.read(self.row, self._world.name_of)
            self._values[option] = row.default if value is MISSING else value
        return self._values[option]

    def members(self, row: Field) -> list[str]:
        """A set that is kept outside of the object, as it is now."""
        what = "read the {0} of {1}".format(row.option, self.resource.describe(self.name))
        return sorted({row.members.of(found) for found in self._world.client.rows(row.members.list, what, self.id)})

    def refresh(self) -> None:
        """Read the object singly; single answers have no id and can tell more than lists."""
        what = "read " + self.resource.describe(self.name)
        single = self._world.client.read(self.resource.get, what, self.id)
        self.row = {"id": self.id, self.resource.name_api: self.name, **single}
        self._values, self._single = {}, True

    def values(self) -> dict[str, Any]:
        """The options in the user's terms, as far as they are known without asking for this object alone."""
        rows = [row for row in self.resource.fields if not row.members and not row.codec.hidden]
        known = {row.option: row.codec.read(self.row, self._world.name_of) for row in rows}
        return {row.option: row.default if known[row.option] is MISSING else known[row.option] for row in rows}


class World:
    """The tenant as far as it was read."""

    def __init__(self, client: Client, catalogue: Catalogue) -> None:
        self.client = client
        self.catalogue = catalogue
        self._objects: dict[str, list[Found]] = {}
        self._lists: dict[Operation, list[dict[str, Any]]] = {}
        self._by_key: dict[str, dict[tuple[str, str], list[Found]]] = {}
        self._by_scope: dict[str, dict[str, list[Found]]] = {}
        self._names: dict[str, dict[str, str]] = {}

    def objects(self, kind: str) -> list[Found]:
        """Every object of a kind, in the order of the service."""
        if kind not in self._objects:
            resource = self.catalogue[kind]
            rows = self._rows(resource)
            self._objects[kind] = found = [Found(self, resource, row) for row in rows]
            self._names[kind] = {item.id: item.name for item in found}
            self._by_key[kind], self._by_scope[kind] = {}, {}
            for item in found:
                self._by_key[kind].setdefault((item.scope, item.name), []).append(item)
                self._by_scope[kind].setdefault(item.scope, []).append(item)
        return self._objects[kind]

    def _rows(self, resource: Resource) -> list[dict[str, Any]]:
        what = "read " + resource.plural
        if not resource.singleton:
            if resource.list not in self._lists:  # some kinds share a list
                self._lists[resource.list] = self.client.rows(resource.list, what)
            return list(self._of_kind(resource, self._lists[resource.list]))
        try:
            return [{**self.client.read(resource.list, what), resource.name_api: ""}]
        except ApiError as error:
            if error.status == 404:
                return []
            raise

    def _of_kind(self, resource: Resource, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The rows of a kind in a list of several; where a row does not tell its kind or name, reading it singly does."""
        key, word = resource.listed_as or ("", "")
        for row in rows:
            if not key or row.get(key) == word and row.get(resource.name_api):
                yield row
            elif row.get(key) in (None, word):
                try:
                    yield {**row, **self.client.read(resource.get, "read a " + resource.label, str(row.get("id")))}
                except ApiError as error:
                    if error.status not in (400, 404):
                        raise

    def forget(self, kind: str) -> None:
        """Read the kind again when it is next asked for."""
        self._objects.pop(kind, None)
        self._lists.pop(self.catalogue[kind].list, None)

    def loaded(self, kind: str) -> int:
        """How many objects of a kind were read; 0 when none were."""
        return len(self._objects.get(kind, ()))

    def find(self, kind: str, name: str, scope: str = "") -> list[Found]:
        """All objects of that name (and owner)."""
        self.objects(kind)
        return self._by_key[kind].get((scope, name), [])

    def members(self, kind: str, owner: str) -> list[Found]:
        """All objects that belong to the owner of that name."""
        self.objects(kind)
        return self._by_scope[kind].get(owner, [])

    def one(self, kind: str, name: str, scope: str = "") -> Found | None:
        """The object of that name, None, or an error that lists the several there are."""
        found = self.find(kind, name, scope)
        if len(found) > 1:
            raise ConnectError(
                "Cannot tell which {0} is meant: the tenant has {1} of that name ({2}). "
                "Rename or remove all but one in the console.".format(
                    self.catalogue[kind].describe(name, scope), len(found), "; ".join(map(_hint, found))
                )
            )
        return found[0] if found else None

    def name_of(self, kind: str, object_id: str) -> str:
        """The name behind an id in an answer."""
        self.objects(kind)
        return self._names[kind].get(object_id) or unknown(self.catalogue[kind])


def _name(resource: Resource, found: str) -> str:
    try:
        return resource.named(found)
    except ValueError:  # the service's own names are taken as they are
        return found.strip()


def unknown(resource: Resource) -> str:
    """What stands for the name of an object that no list shows."""
    return "(unknown {0})".format(resource.label)


def _hint(item: Found) -> str:
    """What tells two objects of one name apart, for a person: their plain values."""
    shown = ("{0} {1}".format(key, value) for key, value in item.row.items() if isinstance(value, (str, int)))
    return ", ".join(part for part in shown if len(part) < 80 and not part.lower().startswith(("id ", item.resource.name_api)))
