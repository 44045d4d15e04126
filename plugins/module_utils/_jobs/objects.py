# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The jobs that tables give rise to: one object, one of several kinds, a part of the document, and facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._engine.manage import manage, object_after, outcome
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Resource, item_spec, kind_spec
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE, FACTS, READ_KINDS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

More = Callable[[Context, World, dict[str, Any]], dict[str, Any]]


def single(resource: Resource, more_spec: dict[str, Any] | None = None, more: More | None = None) -> Job:
    """The module of one object. Its result holds the object under the resource's name, and what ``more`` adds."""
    result_key = resource.result
    spec = item_spec(CATALOGUE, resource)

    def work(context: Context) -> dict[str, Any]:
        item = {option: context.params[option] for option in spec}
        world, plan = manage(context.client, CATALOGUE, {resource.kind: item if resource.singleton else [item]}, context.dry)
        found = object_after(world, plan, resource, (item.get("name") or "").strip())
        return {**outcome(plan), result_key: found, **(more(context, world, found) if more else {})}

    return Job({**API_SPEC, **spec, **(more_spec or {})}, work)


def variants(
    option: str, kinds: dict[str, Resource], result_key: str, more_spec: dict[str, Any] | None = None, more: More | None = None,
) -> Job:
    """A module for several kinds that share most options; ``option`` says which kind is meant."""
    specs = {word: item_spec(CATALOGUE, resource) for word, resource in kinds.items()}
    spec: dict[str, Any] = {option: {"type": "str", "required": True, "choices": list(kinds)}}
    for one in specs.values():
        for name, part in one.items():
            choices = dict.fromkeys([*spec.get(name, {}).get("choices", ()), *part.get("choices", ())])
            spec[name] = {**part, **({"choices": list(choices)} if choices else {})}

    def work(context: Context) -> dict[str, Any]:
        word = context.params[option]
        resource = kinds[word]
        given = {name: context.params[name] for name, part in spec.items() if name != option and context.params[name] != part.get("default")}
        for name, value in given.items():
            allowed = specs[word].get(name)
            if allowed is None:
                raise InputError("{0} {1!r}: {2} does not go with {3} {4}".format(
                    _title(resource), given["name"], name, option, word))
            if value not in allowed.get("choices", [value]):
                raise InputError("{0} {1!r}: {2} is {3!r}; with {4} {5} it can be {6}".format(
                    _title(resource), given["name"], name, value, option, word, " or ".join(allowed["choices"])))
        world, plan = manage(context.client, CATALOGUE, {resource.kind: [given]}, context.dry)
        found = object_after(world, plan, resource, given["name"].strip())
        return {**outcome(plan), result_key: found, **(more(context, world, found) if more else {})}

    return Job({**API_SPEC, **spec, **(more_spec or {})}, work)


def _title(resource: Resource) -> str:
    return resource.label[:1].upper() + resource.label[1:]


def document(kinds: tuple[str, ...]) -> Job:
    """The module of a part of the tenant document. Its result names the changes, not the objects."""
    spec = {kind: kind_spec(CATALOGUE, CATALOGUE[kind]) for kind in kinds}

    def work(context: Context) -> dict[str, Any]:
        wanted = {kind: context.params[kind] for kind in spec}
        return outcome(manage(context.client, CATALOGUE, wanted, context.dry)[1])

    return Job({**API_SPEC, **spec}, work)


def facts() -> Job:
    """The module that reads. Each subset stands under its own name; users, which can be many, only if they are named."""
    subsets = [*FACTS, *READ_KINDS]
    spec = {"gather_subset": {"type": "list", "elements": "str", "choices": ["all", *subsets], "default": ["all"]}}

    def work(context: Context) -> dict[str, Any]:
        chosen = context.params["gather_subset"]
        world = World(context.client, CATALOGUE)
        result: dict[str, Any] = {"changed": False}
        wanted = [subset for subset in subsets if subset in chosen or "all" in chosen and subset != "users"]
        for subset in wanted:
            if subset in FACTS:
                result[subset] = FACTS[subset](context.client)
            else:
                result[subset] = _all(world, CATALOGUE[subset])
        return result

    return Job({**API_SPEC, **spec}, work)


def _all(world: World, resource: Resource) -> list[dict[str, Any]] | dict[str, Any]:
    members: dict[str, dict[str, list[dict[str, Any]]]] = {}
    owned = world.catalogue.owned_by(resource.kind)
    for kind in owned:
        for item in world.objects(kind.kind):
            values = {row.option: item.values()[row.option] for row in kind.shown}
            members.setdefault(item.scope, {}).setdefault(kind.owner.option, []).append({"name": item.name, **values})
    if resource.singleton:
        return next((item.values() for item in world.objects(resource.kind)), {})
    return [
        {"name": item.name, **item.values(), **{kind.owner.option: [] for kind in owned}, **members.get(item.name, {})}
        for item in world.objects(resource.kind)
    ]
