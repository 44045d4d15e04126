# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a resource is: one row of data, and the generic handlers that serve it."""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .call import Call
from .errors import Answer, ApiError, invalid
from .ids import PAGE
from .store import Section

Body = dict[str, Any]
Handler = Callable[[Call], Answer | Awaitable[Answer]]
DEFAULT_PAGE = 25  # assumption: the service does not say how long a page is when pageSize is left out


@dataclass(frozen=True)
class Reference:
    """A field that holds the id of another object: where it is, and the kind it points at."""

    path: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Resource:
    """One kind of object.

    `number` is its mark inside ids and must never change. `fields` are the names a stored object may have.
    Hooks: `complete(body)` adds what the service makes for a new object, `normalise(body, change)` after a merge,
    `item(call, row)` shapes a list row, `read(call, row)` a single read, `keep(call)` gives the filter of a list.
    """

    kind: str
    number: int
    list_key: str | Callable[[Call], str]
    fields: frozenset[str]
    defaults: Body = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    id_key: Callable[[Call], str] = lambda call: "id"
    complete: Callable[[Body], Body] = lambda body: body
    normalise: Callable[[Body, Body], Body] = lambda body, change: body
    item: Callable[[Call, Body], Body] = lambda call, body: body
    read: Callable[[Call, Body], Body] = lambda call, body: body
    keep: Callable[[Call], Callable[[Body], bool] | None] = lambda call: None


REGISTRY: dict[str, Resource] = {}


def register(resource: Resource) -> Resource:
    REGISTRY[resource.kind] = resource
    return resource


def crud(name: str, resource: Resource, plural: str | None = None) -> dict[str, Handler]:
    """The five operations of a resource, such as listThings, createThing, getThing, updateThing and deleteThing."""
    return {
        f"list{plural or name + 's'}": partial(list_objects, resource=resource),
        f"create{name}": partial(create_object, resource=resource),
        f"get{name}": partial(read_object, resource=resource),
        f"update{name}": partial(patch_object, resource=resource),
        f"delete{name}": partial(delete_object, resource=resource),
    }


def list_objects(call: Call, resource: Resource) -> Answer:
    rows, meta = page(call, resource)
    key = resource.list_key if isinstance(resource.list_key, str) else resource.list_key(call)
    items = [{"id": call.id_of(resource.number, ref), **resource.item(call, with_ids(call, resource, body))}
             for ref, body in rows]
    return Answer(200, {key: items, "meta": meta})


def page(call: Call, resource: Resource, section: Section = None) -> tuple[list[tuple[int, Body]], dict[str, str]]:
    """The stored rows of the asked page, and the `meta` that belongs to them."""
    size = min(call.query.get("pageSize", DEFAULT_PAGE), call.settings["max_page"] or 100)
    rows, more = call.state.store.visible_page(call.tenant, resource.kind, call.page_start(), size,
                                               resource.keep(call), section)
    if call.settings["repeat_page_token"]:
        return rows, {"nextPage": call.id_of(PAGE, 0)}
    return rows, {"nextPage": call.id_of(PAGE, rows[-1][0])} if more else {}


def create_object(call: Call, resource: Resource) -> Answer:
    body = with_refs(call, resource, call.body)
    ref = call.insert(resource.kind, resource.normalise(resource.complete({**resource.defaults, **body}), body))
    return Answer(201, {resource.id_key(call): call.id_of(resource.number, ref)})


def read_object(call: Call, resource: Resource) -> Answer:
    ref = call.path_ref(resource.number)
    body = found(call.state.store.visible(call.tenant, resource.kind, ref))
    return Answer(200, resource.read(call, with_ids(call, resource, body)))


def patch_object(call: Call, resource: Resource) -> Answer:
    """Merges top-level keys (assumption). The setting patch_ignores drops some without a word."""
    ref = call.path_ref(resource.number)
    current = found(call.state.store.get(call.tenant, resource.kind, ref))
    change = with_refs(call, resource, call.body)
    change = {name: value for name, value in change.items() if name not in call.settings["patch_ignores"]}
    call.update(resource.kind, ref, resource.normalise({**current, **change}, change))
    return Answer(204)


def delete_object(call: Call, resource: Resource) -> Answer:
    ref = call.path_ref(resource.number)
    found(call.state.store.get(call.tenant, resource.kind, ref))
    if call.settings["delete_in_use"] == "refuse" and in_use(call, resource, ref):
        raise ApiError(409, "err_in_use", "another object refers to this one")
    call.delete(resource.kind, ref)
    return Answer(204)


def found(body: Body | None) -> Body:
    """The stored body; raises ApiError when there is none."""
    if body is None:
        raise ApiError(404, "err_not_found", "there is no such object")
    return body


def in_use(call: Call, resource: Resource, ref: int) -> bool:
    return any(call.state.store.refers(call.tenant, other.kind, reference.path, ref)
               for other in REGISTRY.values() for reference in other.references if reference.kind == resource.kind)


def with_refs(call: Call, resource: Resource, body: Body) -> Body:
    """A request body with ids replaced by rows; raises ApiError for an id that leads nowhere."""
    for reference in resource.references:
        body = _replace(body, reference.path, partial(_ref_of, call, reference))
    return body


def with_ids(call: Call, resource: Resource, body: Body) -> Body:
    """A stored body with rows replaced by ids."""
    for reference in resource.references:
        number = REGISTRY[reference.kind].number
        body = _replace(body, reference.path, partial(call.id_of, number))
    return body


def _ref_of(call: Call, reference: Reference, text: str) -> int:
    target = REGISTRY[reference.kind]
    kind, ref = call.state.ids.decode(text) or (None, 0)
    if kind != target.number or call.state.store.get(call.tenant, target.kind, ref) is None:
        raise invalid(".".join(reference.path), "the id does not lead to an object")
    return ref


def _replace(body: Body, path: tuple[str, ...], change: Callable[[Any], Any]) -> Body:
    """A copy with the value at the path changed; a missing or empty value stays as it is."""
    value = body.get(path[0])
    if not value:
        return body
    return {**body, path[0]: change(value) if len(path) == 1 else _replace(value, path[1:], change)}
