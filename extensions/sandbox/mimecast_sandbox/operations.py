# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of operations: id in the contract -> what serves it. Everything else about them is in openapi.yaml."""
from __future__ import annotations

from collections.abc import Awaitable, Callable

from . import account, verify
from .call import Call
from .delivery_route import DEFINITIONS, POLICIES
from .directory import GROUPS, INTERNAL_DOMAINS
from .errors import Answer
from .resources import Resource, create_object, delete_object, list_objects, patch_object, read_object

Handler = Callable[[Call], Answer | Awaitable[Answer]]


def _on(handler: Callable[[Call, Resource], Answer], resource: Resource) -> Handler:
    return lambda call: handler(call, resource)


HANDLERS: dict[str, Handler] = {
    "whoAmI": account.whoami,
    "legacyGetAccount": account.get_account,
    "legacyGetSupportInfo": account.get_support_info,
    "getGatewayDetails": account.gateway_details,
    "listInternalDomains": _on(list_objects, INTERNAL_DOMAINS),
    "listGroups": _on(list_objects, GROUPS),
    "listDeliveryRouteDefinitions": _on(list_objects, DEFINITIONS),
    "createDeliveryRouteDefinition": _on(create_object, DEFINITIONS),
    "getDeliveryRouteDefinition": _on(read_object, DEFINITIONS),
    "updateDeliveryRouteDefinition": _on(patch_object, DEFINITIONS),
    "deleteDeliveryRouteDefinition": _on(delete_object, DEFINITIONS),
    "listDeliveryRoutePolicies": _on(list_objects, POLICIES),
    "createDeliveryRoutePolicy": _on(create_object, POLICIES),
    "getDeliveryRoutePolicy": _on(read_object, POLICIES),
    "updateDeliveryRoutePolicy": _on(patch_object, POLICIES),
    "deleteDeliveryRoutePolicy": _on(delete_object, POLICIES),
    "verifyDeliveryRoute": verify.verify_route,
}
