# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of profile groups: addresses and domains, the same in any case of letters."""
from __future__ import annotations

from functools import partial

from . import legacy
from .call import Call
from .errors import Answer, ApiError, invalid
from .groups_model import FORBIDDEN_ADDRESS, GROUPS, MEMBERS, domain_of, internal_domains, writable
from .resources import Body, Handler, found, page


def list_members(call: Call) -> Answer:
    group = call.path_ref(GROUPS.number)
    found(call.state.store.visible(call.tenant, GROUPS.kind, group))
    rows, meta = page(call, MEMBERS, group)
    internal = internal_domains(call)
    with_domain = call.settings["domain_member_address"] == "domain"
    return Answer(200, {"groupMembers": [_shown(body, internal, "note", with_domain) for _ref, body in rows],
                        "meta": meta})


def add_members(call: Call) -> Answer:
    """One result for each member, in order; a refused one does not stop the others."""
    group, items = _batch(call)
    refused = _refused(call)
    fresh: dict[str, Body] = {}
    results = []
    for item in items:
        name = _name(item).lower()
        good = name not in refused and name not in fresh and _find(call, group, name) is None
        if good:
            fresh[name] = _member(group, item)
        results.append({"success": good})
    call.insert_all(MEMBERS.kind, list(fresh.values()))
    return Answer(200, {"results": results})


def remove_members(call: Call) -> Answer:
    group, items = _batch(call)
    refused = _refused(call)
    results = []
    for item in items:
        name = _name(item).lower()
        ref = None if name in refused else _find(call, group, name)
        if ref is not None:
            call.delete(MEMBERS.kind, ref)
        results.append({"success": ref is not None})
    return Answer(200, {"results": results})


def legacy_list(call: Call) -> Answer:
    asked = legacy.query(call)
    group = legacy.ref_of(call, GROUPS, asked["id"])
    found(call.state.store.visible(call.tenant, GROUPS.kind, group))
    rows, meta = legacy.page(call, MEMBERS, group)
    internal = internal_domains(call)
    return legacy.answer([{**asked, "groupMembers": [_shown(body, internal, "notes") for _ref, body in rows]}], meta)


def legacy_write(call: Call, add: bool) -> Answer:
    _check_size(call, call.body["data"], "data")
    refused = _refused(call)
    return legacy.each(call, partial(_legacy_add if add else _legacy_remove, refused=refused))


def _legacy_add(call: Call, item: Body, refused: set[str]) -> Body:
    group, ref = _legacy_find(call, item, refused)
    if ref is not None:
        raise ApiError(400, "err_folder_group_member_already_exists", "the group has this member")
    note = {"note": item["notes"]} if item.get("notes") else {}
    call.insert(MEMBERS.kind, _member(group, {**item, **note}))
    return item


def _legacy_remove(call: Call, item: Body, refused: set[str]) -> Body:
    _group, ref = _legacy_find(call, item, refused)
    if ref is None:
        raise ApiError(400, "err_folder_email_address_not_found", "the group has no such member")
    call.delete(MEMBERS.kind, ref)
    return item


def _legacy_find(call: Call, item: Body, refused: set[str]) -> tuple[int, int | None]:
    """The group, and the member where it is there."""
    group = legacy.ref_of(call, GROUPS, item["id"])
    writable(call, group)
    name = _name(item)
    if name.lower() in refused:
        raise ApiError(400, FORBIDDEN_ADDRESS, "the setting member_refuse names this member")
    return group, _find(call, group, name)


def _batch(call: Call) -> tuple[int, list[Body]]:
    """The group in the path and the members in the body, all of them checked before anything is written."""
    group = call.path_ref(GROUPS.number)
    writable(call, group)
    items: list[Body] = call.body["groupMembers"]
    _check_size(call, items, "groupMembers")
    for number, item in enumerate(items):
        _name(item, f"groupMembers[{number}]")
    return group, items


def _check_size(call: Call, items: list[Body], name: str) -> None:
    limit = call.settings["member_batch_limit"]
    if limit is not None and len(items) > limit:
        raise invalid(name, f"more than {limit} members in one call")


def _name(item: Body, place: str | None = None) -> str:
    names = [item[key] for key in ("emailAddress", "domain") if key in item]
    if not names:
        raise invalid(place, "emailAddress or domain is needed", "err_validation_at_least_one_not_null")
    if len(names) > 1:
        raise invalid(place, "emailAddress and domain exclude each other")
    return str(names[0])


def _refused(call: Call) -> set[str]:
    return {name.lower() for name in call.settings["member_refuse"]}


def _find(call: Call, group: int, name: str) -> int | None:
    return call.state.store.find(call.tenant, MEMBERS.kind, name, group)


def _member(group: int, item: Body) -> Body:
    given = {name: item[name] for name in ("emailAddress", "domain", "note") if item.get(name)}
    return MEMBERS.complete({**MEMBERS.defaults, **given, "groupId": group})


def _shown(body: Body, internal: set[str], note: str, with_domain: bool = False) -> Body:
    """The shape of reads: an address also says its domain, and a domain has an empty address or says it twice."""
    address = body.get("emailAddress", "")
    domain = domain_of(address) if address else body["domain"]
    shown = {"emailAddress": address or (domain if with_domain else ""), "domain": domain,
             "internal": domain.lower() in internal, "type": body["type"]}
    shown.update({key: body[name] for key, name in (("name", "name"), (note, "note")) if body.get(name)})
    return shown


HANDLERS: dict[str, Handler] = {
    "listGroupMembers": list_members,
    "addGroupMembers": add_members,
    "removeGroupMembers": remove_members,
    "legacyGetGroupMembers": legacy_list,
    "legacyAddGroupMember": partial(legacy_write, add=True),
    "legacyRemoveGroupMember": partial(legacy_write, add=False),
}
