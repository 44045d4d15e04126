# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directory integrations of three types, and the list of all (API notes, section 4)."""
from __future__ import annotations

from functools import partial

from .call import Call
from .directory_sync import last_sync
from .errors import Answer
from .ids import PAGE
from .resources import DEFAULT_PAGE, Body, Handler, Reference, Resource, crud, register

_SHARED = frozenset({"description", "info", "domains", "acknowledgeDisabledAccounts", "enabled", "maxUnlink",
                     "deleteUsers", "lastSyncDateTime"})
_DEFAULTS: Body = {"domains": [], "acknowledgeDisabledAccounts": False, "enabled": True, "maxUnlink": "10",
                   "deleteUsers": False}
_HIDDEN = ("password", "key", "testResults")


def _read(call: Call, body: Body, resource: Resource) -> Body:
    """The single read: no id, no secret, and the number that is written with a comma without it."""
    shown = {name: value for name, value in body.items() if name not in _HIDDEN}
    shown["maxUnlink"] = max_unlink(body)
    if "status" in resource.fields:
        shown["status"] = status(body)
    return {**shown, **last_sync(call, call.path_ref(resource.number), body)}


def max_unlink(body: Body) -> int | str:
    digits = str(body["maxUnlink"]).replace(",", "")
    return int(digits) if digits.isdecimal() else digits


def status(body: Body) -> str:
    return str(body.get("status") or ("ok" if body["enabled"] else "not_active"))


def _complete_ad(body: Body) -> Body:
    return {"port": 389 if body["encryptionMode"] == "none" else 636, **body}


def _without_empty(body: Body, change: Body, names: tuple[str, ...]) -> Body:
    return {name: value for name, value in body.items() if value or name not in names}


def list_all(call: Call) -> Answer:
    """One page over the three kinds, in the order in which the integrations were made."""
    size = min(call.query.get("pageSize", DEFAULT_PAGE), call.settings["max_page"] or 100)
    found, more = [], False
    for name, resource in TYPES.items():
        rows, rest = call.state.store.visible_page(call.tenant, resource.kind, call.page_start(), size)
        found += [(ref, name, body) for ref, body in rows]
        more = more or rest
    found.sort(key=lambda row: row[0])
    meta = {}
    if call.settings["repeat_page_token"]:
        meta["nextPage"] = call.id_of(PAGE, 0)
    elif more or len(found) > size:
        meta["nextPage"] = call.id_of(PAGE, found[size - 1][0])
    return Answer(200, {"integrations": [_item(call, *row) for row in found[:size]], "meta": meta})


def _item(call: Call, ref: int, name: str, body: Body) -> Body:
    item = {"id": call.id_of(TYPES[name].number, ref), "type": name, "enabled": body["enabled"]}
    if call.settings["integrations_shape"] == "full":
        item["description"] = body["description"]
    if "status" in TYPES[name].fields:
        item["status"] = status(body)
    return item


ACTIVE_DIRECTORY: Resource = register(Resource(
    kind="active_directory_integrations", number=45, list_key="integrations",
    fields=_SHARED | {"hostname", "alternateHostname", "port", "userDn", "password", "rootDn", "encryptionMode",
                      "syncContacts", "status"},
    defaults={**_DEFAULTS, "encryptionMode": "strict", "syncContacts": False},
    complete=_complete_ad, normalise=partial(_without_empty, names=("alternateHostname",)),
    read=lambda call, body: _read(call, body, ACTIVE_DIRECTORY),
))

GOOGLE: Resource = register(Resource(
    kind="google_integrations", number=46, list_key="integrations",
    fields=_SHARED | {"user", "key", "status", "testResults"}, defaults=_DEFAULTS,
    read=lambda call, body: _read(call, body, GOOGLE),
))

M365: Resource = register(Resource(
    kind="m365_integrations", number=47, list_key="integrations",
    fields=_SHARED | {"connectorId", "tenantDomain", "serverSubtype", "syncGuestUsers", "syncContacts", "clientId",
                      "testResults"},
    defaults={**_DEFAULTS, "serverSubtype": "standard", "syncGuestUsers": False, "syncContacts": False},
    references=(Reference(("connectorId",), "connectors"),),
    normalise=partial(_without_empty, names=("connectorId",)),
    read=lambda call, body: _read(call, body, M365),
))

TYPES: dict[str, Resource] = {"active_directory": ACTIVE_DIRECTORY, "google": GOOGLE, "m365": M365}

_CRUD = {**crud("ActiveDirectoryIntegration", ACTIVE_DIRECTORY), **crud("GoogleIntegration", GOOGLE),
         **crud("M365Integration", M365)}

HANDLERS: dict[str, Handler] = {
    "listDirectoryIntegrations": list_all,
    **{name: handler for name, handler in _CRUD.items() if not name.startswith("list")},
}
