# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant has once: the outbound addresses and the emergency contact (API notes, section 4)."""
from __future__ import annotations

from .call import Call
from .errors import Answer, ApiError
from .resources import Body, Handler, Resource, found, register

_ALL = 1_000_000  # rows: more than a list ever has

# One row per address, so that the control interface can add and remove single ones.
OUTBOUND = register(Resource(
    kind="outbound_ip_addresses", number=16, list_key="outboundIpAddresses", fields=frozenset({"outboundIpAddress"}),
))
# At most one row; the newest counts.
CONTACTS = register(Resource(
    kind="emergency_contacts", number=17, list_key="contacts",
    fields=frozenset({"contactName", "contactEmailAddress", "mobilePhone", "telephone", "alternateEmailAddresses"}),
))


def get_outbound(call: Call) -> Answer:
    rows = [body for _ref, body in call.state.store.visible_page(call.tenant, OUTBOUND.kind, 0, _ALL)[0]]
    if call.settings["outbound_shape"] == "strings":
        return Answer(200, {"outboundIpAddresses": [body["outboundIpAddress"] for body in rows]})
    return Answer(200, {"outboundIpAddresses": rows})


def replace_outbound(call: Call) -> Answer:
    _refuse_customers(call)
    _empty(call)
    for address in dict.fromkeys(call.body["outboundIpAddresses"]):
        call.insert(OUTBOUND.kind, {"outboundIpAddress": address})
    return Answer(204)


def delete_outbound(call: Call) -> Answer:
    _refuse_customers(call)
    _empty(call)
    return Answer(204)


def _refuse_customers(call: Call) -> None:
    """A support article says that only support may change the list."""
    if call.settings["outbound_forbidden"]:
        raise ApiError(403, "app_forbidden", "only support may change the outbound addresses")


def _empty(call: Call) -> None:
    for ref, _body in call.state.store.rows(call.tenant, OUTBOUND.kind):
        call.delete(OUTBOUND.kind, ref)


def get_contact(call: Call) -> Answer:
    rows = call.state.store.visible_page(call.tenant, CONTACTS.kind, 0, _ALL)[0]
    return Answer(200, {**found(rows[-1][1] if rows else None), "accountCode": call.tenant})


def put_contact(call: Call) -> Answer:
    stored = _stored_contact(call)
    if stored:
        call.update(CONTACTS.kind, stored[0], call.body)
    else:
        call.insert(CONTACTS.kind, call.body)
    return Answer(204)


def patch_contact(call: Call) -> Answer:
    ref, body = _stored_contact(call) or (0, None)
    change = {name: value for name, value in call.body.items() if name not in call.settings["patch_ignores"]}
    call.update(CONTACTS.kind, ref, {**found(body), **change})
    return Answer(204)


def _stored_contact(call: Call) -> tuple[int, Body] | None:
    rows = call.state.store.rows(call.tenant, CONTACTS.kind)
    return rows[-1] if rows else None


HANDLERS: dict[str, Handler] = {
    "getOutboundIpAddresses": get_outbound,
    "replaceOutboundIpAddresses": replace_outbound,
    "deleteOutboundIpAddresses": delete_outbound,
    "getEmergencyContact": get_contact,
    "createEmergencyContact": put_contact,
    "updateEmergencyContact": patch_contact,
}
