# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivery routes: definitions, policies (API notes, section 4)."""
from __future__ import annotations

from . import verify
from .call import Call
from .policy_parts import policy
from .resources import Body, Handler, Reference, Resource, crud, register


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


DEFINITIONS = register(Resource(
    kind="delivery_route_definitions", number=1, list_key="definitions",
    fields=frozenset({"description", "hostname", "port", "smtpAuthentication", "alternateRouteId"}),
    defaults={"port": 25},
    references=(Reference(("alternateRouteId",), "delivery_route_definitions"),),
    normalise=_normalise_definition,
    item=lambda call, body: _definition(call, body, nested=call.settings["list_shape"] == "nested"),
    read=_definition,
))

POLICIES = register(policy("delivery_route_policies", 2, own=["definitionId"],
                           references=(Reference(("definitionId",), DEFINITIONS.kind),)))

HANDLERS: dict[str, Handler] = {
    **crud("DeliveryRouteDefinition", DEFINITIONS),
    **crud("DeliveryRoutePolicy", POLICIES, "DeliveryRoutePolicies"),
    "verifyDeliveryRoute": verify.verify_route,
}
