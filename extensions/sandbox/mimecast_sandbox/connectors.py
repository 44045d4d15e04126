# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connectors: made by a person's consent, so here they come in through the control interface."""
from __future__ import annotations

from .call import Call
from .errors import Answer, ApiError
from .resources import Body, Handler, Resource, crud, delete_object, read_object, register


def _item(call: Call, body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "usedBy"}


def _read(call: Call, body: Body) -> Body:
    number = CONNECTORS.number
    return {"id": call.id_of(number, call.path_ref(number)), **_item(call, body)}


def _consent(call: Call) -> Answer:
    raise ApiError(403, "err_consent_required",
                   "a person has to agree to the permissions of the connector in a browser; use the console")


def _change(call: Call) -> Answer:
    read_object(call, CONNECTORS)
    return _consent(call)


def _delete(call: Call) -> Answer:
    ref = call.path_ref(CONNECTORS.number)
    body = call.state.store.get(call.tenant, CONNECTORS.kind, ref)
    if body and call.settings["delete_in_use"] == "refuse":
        users = [*body.get("usedBy", []), *_integrations(call, ref)]
        if users:
            raise ApiError(409, "err_in_use", f"the connector is in use by: {', '.join(users)}")
    return delete_object(call, CONNECTORS)


def _integrations(call: Call, ref: int) -> list[str]:
    return [body["description"] for _ref, body in call.state.store.rows(call.tenant, "m365_integrations")
            if body.get("connectorId") == ref]


CONNECTORS = register(Resource(
    kind="connectors", number=41, list_key="connectors",
    fields=frozenset({"name", "product", "provider", "status", "description", "createdDateTime", "updatedDateTime",
                      "usedBy"}),
    defaults={"name": "Directory Sync", "product": {"id": "1", "name": "Directory Sync", "code": "directory_sync"},
              "provider": "azure_standard", "status": "connected"},
    item=_item, read=_read,
))

HANDLERS: dict[str, Handler] = {
    **crud("Connector", CONNECTORS),
    "createConnector": _consent,
    "updateConnector": _change,
    "deleteConnector": _delete,
}
