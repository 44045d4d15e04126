# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The three jobs that tables give rise to: one object, a document, and facts."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._engine.manage import manage, object_after, outcome
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Resource, item_spec
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE, DOCUMENT_KINDS, FACTS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job


def single(resource: Resource) -> Job:
    """The module of one object. Its result holds the object under the resource's name."""
    result_key = resource.label.replace(" ", "_")
    spec = item_spec(CATALOGUE, resource)

    def work(context: Context) -> dict[str, Any]:
        item = {option: context.params[option] for option in spec}
        world, plan = manage(context.client, CATALOGUE, {resource.kind: [item]}, context.dry)
        return {**outcome(plan), result_key: object_after(world, plan, resource, item["name"].strip())}

    return Job({**API_SPEC, **spec}, work)


def document() -> Job:
    """The module of the tenant document. Its result names the changes, not the objects."""
    spec = {
        kind: {"type": "list", "elements": "dict", "options": item_spec(CATALOGUE, CATALOGUE[kind])}
        for kind in DOCUMENT_KINDS
    }

    def work(context: Context) -> dict[str, Any]:
        wanted = {kind: context.params[kind] for kind in spec}
        return outcome(manage(context.client, CATALOGUE, wanted, context.dry)[1])

    return Job({**API_SPEC, **spec}, work)


def facts() -> Job:
    """The module that reads. Each subset stands under its own name."""
    subsets = [*FACTS, *DOCUMENT_KINDS]
    spec = {"gather_subset": {"type": "list", "elements": "str", "choices": ["all", *subsets], "default": ["all"]}}

    def work(context: Context) -> dict[str, Any]:
        chosen = context.params["gather_subset"]
        world = World(context.client, CATALOGUE)
        result: dict[str, Any] = {"changed": False}
        for subset in subsets if "all" in chosen else chosen:
            if subset in FACTS:
                result[subset] = FACTS[subset].read(context.client)
            else:
                result[subset] = _all(world, CATALOGUE[subset])
        return result

    return Job({**API_SPEC, **spec}, work)


def _all(world: World, resource: Resource) -> list[dict[str, Any]]:
    members: dict[str, dict[str, list[dict[str, Any]]]] = {}
    owned = world.catalogue.owned_by(resource.kind)
    for kind in owned:
        for item in world.objects(kind.kind):
            values = {row.option: item.values()[row.option] for row in kind.options}
            members.setdefault(item.scope, {}).setdefault(kind.owner.option, []).append({"name": item.name, **values})
    return [
        {"name": item.name, **item.values(), **{kind.owner.option: [] for kind in owned}, **members.get(item.name, {})}
        for item in world.objects(resource.kind)
    ]
