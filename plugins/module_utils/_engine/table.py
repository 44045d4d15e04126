# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The rows from which everything about a kind of object follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import Codec

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World


STATES = ("present", "absent", "exists")


@dataclass(frozen=True)
class Members:
    """Calls for a set that is kept outside of the object: it is read by pages and changed by batches of ``batch`` items.

    ``key`` holds the items in bodies, ``part(item)`` is an item there, ``of(row)`` reads one back.
    """

    list: Operation
    add: Operation
    remove: Operation
    key: str
    part: Callable[[str], dict[str, str]]
    of: Callable[[dict[str, Any]], str]
    batch: int


@dataclass(frozen=True)
class Field:
    """One option. ``default`` is what a creation sends and what silence of the service means.

    ``listed`` is False where lists may leave the field out although it is set: then the object is read singly.
    ``members`` is set for a set that is kept outside of the object. ``read_only`` fields are shown and never written.
    ``immutable`` says what to do about a field that cannot change.
    """

    option: str
    codec: Codec
    default: Any = None
    required: bool = False
    listed: bool = True
    members: Members | None = None
    read_only: bool = False
    immutable: str = ""


@dataclass(frozen=True)
class Owner:
    """The object that a kind belongs to: ``option`` there lists its members, ``field`` here names it."""

    kind: str
    option: str
    field: str


@dataclass(frozen=True)
class Resource:
    """One kind of object. ``kind`` is its key in the tenant document, ``label`` its name in sentences.

    ``name_api`` is the key of the natural key in the API, ``named`` makes its canonical form. A ``singleton`` has neither name
    nor list: the tenant has one, or none yet when reading it answers 404. ``listed_as`` is the key and word that mark the kind
    in a list of several. ``empty`` takes the place of ``update`` where nothing is left. ``overrides`` are switches of the user
    that let something pass which a check would refuse. ``checks`` look at a planned creation or change and raise InputError;
    they run only when something is to be written. ``if_kept`` explains that the service refuses a removal, options in braces.
    """

    kind: str
    label: str
    fields: tuple[Field, ...]
    list: Operation
    get: Operation | None = None
    create: Operation | None = None
    update: Operation | None = None
    delete: Operation | None = None
    empty: Operation | None = None
    name_api: str = "description"
    named: Callable[[Any], str] = values.name
    singleton: bool = False
    listed_as: tuple[str, str] | None = None
    owner: Owner | None = None
    overrides: tuple[str, ...] = ()
    if_kept: str = ""
    checks: tuple[Callable[[Change, World], None], ...] = field(default=())

    @property
    def result(self) -> str:
        """The key of one object in a result: the kind, of lists the singular."""
        return self.kind[:-1] if self.kind.endswith("s") and not self.singleton else self.kind

    @property
    def plural(self) -> str:
        """The kind in sentences, several of them."""
        return self.kind.replace("_", " ")

    def row(self, option: str) -> Field:
        """The row of an option."""
        return next(row for row in self.fields if row.option == option)

    @property
    def options(self) -> tuple[Field, ...]:
        """The rows that the user gives; the owner is given by nesting."""
        return tuple(row for row in self._without_owner if not row.read_only)

    @property
    def shown(self) -> tuple[Field, ...]:
        """The rows that results hold; sets outside of the object can be too large for that."""
        return tuple(row for row in self._without_owner if not row.members and not row.codec.hidden)

    @property
    def _without_owner(self) -> tuple[Field, ...]:
        return tuple(row for row in self.fields if not (self.owner and row.option == self.owner.field))

    def describe(self, name: str, scope: str = "") -> str:
        """How one object is called in messages."""
        text = self.label if self.singleton else "{0} {1!r}".format(self.label, name)
        return "{0} of {1!r}".format(text, scope) if scope else text


@dataclass(frozen=True)
class Catalogue:
    """All kinds, in the order in which they are created."""

    resources: tuple[Resource, ...]

    def __getitem__(self, kind: str) -> Resource:
        return next(resource for resource in self.resources if resource.kind == kind)

    def owned_by(self, kind: str) -> tuple[Resource, ...]:
        """Kinds whose objects are nested in objects of ``kind``."""
        return tuple(resource for resource in self.resources if resource.owner and resource.owner.kind == kind)


def kind_spec(catalogue: Catalogue, resource: Resource) -> dict[str, Any]:
    """The options of all objects of a kind, as the tenant document takes them."""
    options = item_spec(catalogue, resource)
    if resource.singleton:
        return _marked(resource.kind, {"type": "dict", "options": options})
    return _marked(resource.kind, {"type": "list", "elements": "dict", "options": options})


def _marked(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    # Ansible takes words like these for names of secrets and wants to be told when they are not.
    return {"no_log": False, **spec} if re.search("key|pass", name) else spec


def item_spec(catalogue: Catalogue, resource: Resource) -> dict[str, Any]:
    """The options of one object, as the single module and the tenant document both take them."""
    spec: dict[str, Any] = {} if resource.singleton else {"name": {"type": "str", "required": True}}
    spec.update({row.option: _marked(row.option, row.codec.spec()) for row in resource.options})
    for owned in catalogue.owned_by(resource.kind):
        spec[owned.owner.option] = {"type": "list", "elements": "dict", "options": item_spec(catalogue, owned)}
    if resource.owner is None:
        states = [state for state in STATES if resource.delete or state != "absent"]
        spec["state"] = {"type": "str", "choices": states, "default": "present"}
        spec.update({name: {"type": "bool", "default": False} for name in resource.overrides})
        if _has_secret(spec):
            spec["update_secret"] = {"type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False}
    return spec


def _has_secret(spec: dict[str, Any]) -> bool:
    return any(part.get("no_log") or _has_secret(part.get("options", {})) for part in spec.values())
