# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivery routes: definitions, policies (API notes, section 4)."""
from __future__ import annotations

from typing import Any

from . import verify
from .call import Call
from .errors import invalid
from .resources import Body, Handler, Reference, Resource, crud, register

_TARGET_FIELD = {"email_domain": "domain", "profile_group": "groupId", "address_attribute_value": "attribute",
                 "individual_email_address": "emailAddress"}


def _normalise_definition(body: Body, change: Body) -> Body:
    body = dict(body)
    if not body.get("alternateRouteId"):
        body.pop("alternateRouteId", None)  # assumption: empty or null clears it
    if not (body.get("smtpAuthentication") or {}).get("authMechanisms"):
        body.pop("smtpAuthentication", None)  # assumption: no mechanism means no authentication
    return body


def _definition(call: Call, body: Body, nested: bool = False) -> Body:
    """The shape of reads: flat as documented, or nested as one client decodes lists. Never with the password."""
    shown = {name: value for name, value in body.items() if name != "smtpAuthentication"}
    login = body.get("smtpAuthentication")
    if login:
        login = {name: login[name] for name in ("authMechanisms", "username", "domain") if name in login}
        if call.settings["blank_auth_mechanism"]:
            login["authMechanisms"] = [*login["authMechanisms"], ""]
        shown.update({"smtpAuthentication": login} if nested else login)
    return shown


def _normalise_policy(body: Body, change: Body) -> Body:
    """A date turns its eternal flag off; the flag set true, without a date beside it, drops the date."""
    body = dict(body)
    for side in ("from", "to"):
        date, eternal = f"{side}DateTime", f"{side}Eternal"
        if date in change:
            body[eternal] = False
        elif change.get(eternal):
            body.pop(date, None)
        if side in change:
            _check_target(side, change[side])
    return body


def _check_target(side: str, target: Body) -> None:
    wanted = _TARGET_FIELD.get(target["type"])
    if wanted and not target.get(wanted):
        raise invalid(f"{side}.{wanted}", f"{target['type']} needs {wanted}", "err_validation_null")
    for name in target:
        if name not in ("type", wanted):
            raise invalid(f"{side}.{name}", f"{name} does not belong to {target['type']}",
                          "err_validation_value_not_allowed")


def _policy(call: Call, body: Body) -> Body:
    """Reads nest the group, writes take groupId."""
    return {**body, "from": _target(call, body["from"]), "to": _target(call, body["to"])}


def _target(call: Call, target: Body) -> Body:
    if "groupId" not in target:
        return target
    group: dict[str, Any] = {"id": target["groupId"]}
    _kind, ref = call.state.ids.decode(target["groupId"]) or (0, 0)
    stored = call.state.store.get(call.tenant, "groups", ref)
    if stored:
        group["description"] = stored["description"]
    return {**{name: value for name, value in target.items() if name != "groupId"}, "group": group}


DEFINITIONS = register(Resource(
    kind="delivery_route_definitions", number=1, list_key="definitions",
    fields=frozenset({"description", "hostname", "port", "smtpAuthentication", "alternateRouteId"}),
    defaults={"port": 25},
    references=(Reference(("alternateRouteId",), "delivery_route_definitions"),),
    normalise=_normalise_definition,
    item=lambda call, body: _definition(call, body, nested=call.settings["list_shape"] == "nested"),
    read=_definition,
))

POLICIES = register(Resource(
    kind="delivery_route_policies", number=2, list_key=lambda call: call.settings["policies_list_key"],
    fields=frozenset({"description", "definitionId", "from", "to", "fromPart", "enabled", "enforced", "override",
                      "bidirectional", "fromEternal", "toEternal", "fromDateTime", "toDateTime", "sourceIPs"}),
    defaults={"from": {"type": "everyone"}, "to": {"type": "everyone"}, "fromPart": "envelope_from", "enabled": True,
              "enforced": False, "override": False, "bidirectional": False, "fromEternal": True, "toEternal": True,
              "sourceIPs": []},
    references=(Reference(("definitionId",), "delivery_route_definitions"),
                Reference(("from", "groupId"), "groups"), Reference(("to", "groupId"), "groups")),
    id_key=lambda call: call.settings["policy_id_key"],
    normalise=_normalise_policy, item=_policy, read=_policy,
))

HANDLERS: dict[str, Handler] = {
    **crud("DeliveryRouteDefinition", DEFINITIONS),
    **crud("DeliveryRoutePolicy", POLICIES, "DeliveryRoutePolicies"),
    "verifyDeliveryRoute": verify.verify_route,
}
