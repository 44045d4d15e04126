# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profile groups. Reading and creating is v1; changing and deleting exists as legacy calls only."""
from __future__ import annotations

from collections import Counter
from functools import partial

from . import groups_import, groups_members, groups_users, legacy
from .call import Call
from .errors import Answer, ApiError, invalid
from .groups_model import GROUPS, MEMBERS, group_filter, writable
from .resources import Body, Handler, in_use, list_objects, read_object, with_ids, with_refs


def list_groups(call: Call) -> Answer:
    answer = list_objects(call, GROUPS)
    children = _children(call)
    answer.body["groups"] = [_counted(call, group, children, "groupCount") for group in answer.body["groups"]]
    return answer


def get_group(call: Call) -> Answer:
    body = read_object(call, GROUPS).body
    group = {"id": call.id_of(GROUPS.number, call.path_ref(GROUPS.number)), **body}
    return Answer(200, _counted(call, group, _children(call), "groupCount"))


def create_group(call: Call) -> Answer:
    return Answer(201, {"id": call.id_of(GROUPS.number, _create(call, call.body))})


def find_groups(call: Call) -> Answer:
    asked = legacy.query(call)
    rows, meta = legacy.page(call, GROUPS, keep=group_filter(asked))
    children = _children(call)
    return legacy.answer([{**asked, "folders": [_folder(call, ref, body, children) for ref, body in rows]}], meta)


def legacy_create(call: Call, item: Body) -> Body:
    ref = _create(call, item)
    return _folder(call, ref, call.state.store.get(call.tenant, GROUPS.kind, ref) or {}, _children(call))


def legacy_update(call: Call, item: Body) -> Body:
    ref = legacy.ref_of(call, GROUPS, item["id"])
    current = writable(call, ref)
    change = {name: value for name, value in item.items() if name != "id"}
    if not change:
        raise invalid(None, "nothing to change", "err_validation_at_least_one_not_null")
    body = _placed(call, {**current, **with_refs(call, GROUPS, change)}, ref)
    call.update(GROUPS.kind, ref, body)
    return _folder(call, ref, body, _children(call))


def legacy_delete(call: Call, item: Body) -> Body:
    ref = legacy.ref_of(call, GROUPS, item["id"])
    writable(call, ref)
    if call.state.store.count(call.tenant, MEMBERS.kind, ref) or _children(call)[ref]:
        raise ApiError(400, "err_folder_not_empty", "the group has members or groups")
    if call.settings["delete_in_use"] == "refuse" and in_use(call, GROUPS, ref):
        raise ApiError(400, "err_in_use", "another object refers to this one")
    call.delete(GROUPS.kind, ref)
    return {"id": item["id"]}


def _create(call: Call, wish: Body) -> int:
    body = GROUPS.complete({**GROUPS.defaults, **with_refs(call, GROUPS, wish)})
    return call.insert(GROUPS.kind, _placed(call, body))


def _placed(call: Call, body: Body, ref: int | None = None) -> Body:
    """The group without an empty parent; raises ApiError for a parent that cannot hold it."""
    parent = body.get("parentId")
    if not parent:
        return {name: value for name, value in body.items() if name != "parentId"}
    writable(call, parent)
    above: int | None = parent
    while above:
        if above == ref:
            raise invalid("parentId", "the group cannot be below itself")
        above = (call.state.store.get(call.tenant, GROUPS.kind, above) or {}).get("parentId")
    return body


def _children(call: Call) -> Counter[int]:
    return Counter(body["parentId"] for _ref, body in call.state.store.rows(call.tenant, GROUPS.kind)
                   if "parentId" in body)


def _counted(call: Call, group: Body, children: Counter[int], groups_key: str) -> Body:
    _kind, ref = call.state.ids.decode(group["id"]) or (0, 0)
    return {**group, "userCount": call.state.store.count(call.tenant, MEMBERS.kind, ref), groups_key: children[ref]}


def _folder(call: Call, ref: int, body: Body, children: Counter[int]) -> Body:
    group = {"id": call.id_of(GROUPS.number, ref), **with_ids(call, GROUPS, body)}
    return _counted(call, group, children, "folderCount")


HANDLERS: dict[str, Handler] = {
    "listGroups": list_groups,
    "createGroup": create_group,
    "getGroup": get_group,
    "legacyFindGroups": find_groups,
    "legacyCreateGroup": partial(legacy.each, work=legacy_create),
    "legacyUpdateGroup": partial(legacy.each, work=legacy_update),
    "legacyDeleteGroup": partial(legacy.each, work=legacy_delete),
    **groups_members.HANDLERS,
    **groups_users.HANDLERS,
    **groups_import.HANDLERS,
}
