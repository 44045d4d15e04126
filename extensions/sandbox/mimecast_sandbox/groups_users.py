# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Internal users. An address is the same in any case of letters."""
from __future__ import annotations

from functools import partial

from . import legacy
from .call import Call
from .errors import Answer, ApiError, invalid
from .groups_model import FORBIDDEN_ADDRESS, USERS, domain_of, internal_domains, now
from .resources import Body, Handler, page


def list_users(call: Call) -> Answer:
    rows, meta = page(call, USERS)
    internal = internal_domains(call)
    return Answer(200, {"users": [{"id": call.id_of(USERS.number, ref), **_shown(body, internal)}
                                  for ref, body in rows], "meta": meta})


def create_user(call: Call) -> Answer:
    return Answer(201, {"id": call.id_of(USERS.number, _create(call, call.body))})


def legacy_create(call: Call, item: Body) -> Body:
    if item.get("accountCode", call.tenant) != call.tenant:
        raise invalid("accountCode", "the call acts on another account", "err_validation_value_not_allowed")
    ref = _create(call, {name: value for name, value in item.items() if name != "accountCode"})
    return {"id": call.id_of(USERS.number, ref), "emailAddress": item["emailAddress"]}


def legacy_update(call: Call, item: Body) -> Body:
    store, address = call.state.store, item["emailAddress"]
    ref = store.find(call.tenant, USERS.kind, address)
    if ref is None:
        raise ApiError(400, FORBIDDEN_ADDRESS, "there is no such user", "emailAddress")
    change = {name: value for name, value in item.items() if name != "emailAddress"}
    if not change:
        raise invalid(None, "nothing to change", "err_validation_at_least_one_not_null")
    current = store.get(call.tenant, USERS.kind, ref) or {}
    call.update(USERS.kind, ref, {**current, **change, "updatedDateTime": now()})
    return {"id": call.id_of(USERS.number, ref), "emailAddress": current["emailAddress"]}


def legacy_list(call: Call) -> Answer:
    asked = legacy.query(call)
    rows, meta = legacy.page(call, USERS, asked["domain"].lower() if "domain" in asked else None)
    users = [{"emailAddress": body["emailAddress"], "addressType": body["addressType"], "alias": body["alias"],
              "name": body.get("name", "")} for _ref, body in rows]
    return legacy.answer([{**asked, "users": users}], meta)


def _create(call: Call, wish: Body) -> int:
    address = wish["emailAddress"]
    if domain_of(address) not in internal_domains(call):
        raise ApiError(400, FORBIDDEN_ADDRESS, "the domain is not internal", "emailAddress")
    if call.state.store.find(call.tenant, USERS.kind, address) is not None:
        raise ApiError(409, "err_user_already_exists", "there is such a user", "emailAddress")
    return call.insert(USERS.kind, USERS.complete({**USERS.defaults, **wish}))


def _shown(body: Body, internal: set[str]) -> Body:
    domain = domain_of(body["emailAddress"])
    shown = {"emailAddress": body["emailAddress"], "domain": domain, "type": body["type"],
             "addressType": body["addressType"], "isAlias": body["alias"], "internal": domain in internal,
             "disabled": body["accountDisabled"], "createdDateTime": body["createdDateTime"],
             "updatedDateTime": body["updatedDateTime"]}
    return {**shown, "name": body["name"]} if body.get("name") else shown


HANDLERS: dict[str, Handler] = {
    "listUsers": list_users,
    "createUser": create_user,
    "legacyCreateUser": partial(legacy.each, work=legacy_create),
    "legacyUpdateUser": partial(legacy.each, work=legacy_update),
    "legacyGetInternalUsers": legacy_list,
}
