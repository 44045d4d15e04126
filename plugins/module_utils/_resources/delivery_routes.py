# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Delivery routes: where inbound mail goes, and the policies that send it there (docs/service.md, delivery routes)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import (
    Compound, OrderedList, Plain, Reference, Secret,
)
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Owner, Resource
from ansible_collections.mimecast.connect.plugins.module_utils._resources.policies import BASE, MAY_READ, ends_after_start, policy_operations, policy_rows

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World

VERIFY = Operation("POST", BASE + "/delivery-route/verify", READ, **MAY_READ)

DELIVERY_ROUTES = Resource(
    kind="delivery_routes",
    label="delivery route",
    fields=(
        Field("hostname", Plain("hostname", values.host), required=True),
        Field("port", Plain("port", values.port, "int"), default=25),
        Field("alternate_route", Reference("alternateRouteId", "delivery_routes", values.name), default=""),
        Field(
            "smtp_authentication",
            Compound(
                "smtpAuthentication",
                rows=(
                    Field("mechanisms", OrderedList("authMechanisms", str.upper)),
                    Field("username", Plain("username", values.text)),
                    Field("password", Secret("password")),
                    Field("domain", Plain("domain", values.text)),
                ),
                needs=("mechanisms", "username", "password"),
            ),
            default={},
            listed=False,
        ),
    ),
    **policy_operations("delivery-route", "definitions", what="definitions"),
)


def domain_is_ours(change: Change, world: World) -> None:
    """A policy for mail from outside needs one of the tenant's own domains, or it can never apply.

    Mail from inside may be routed by any recipient domain: such a policy overrides the recipient's MX.
    """
    to, sender = change.after["to"], change.after["from"]
    if to["type"] != "domain" or sender["type"] not in ("everyone", "external"):
        return
    own = sorted(item.name.lower() for item in world.objects("internal_domains"))
    if to["domain"] not in own:
        raise InputError("Cannot {0} {1}: to.domain is {2!r}, which is not an internal domain of the tenant (it has {3}). "
                         "Register the domain first".format(change.action, change, to["domain"], ", ".join(own[:10]) or "none"))


ROUTE_POLICIES = Resource(
    kind="delivery_route_policies",
    label="delivery route policy",
    fields=(Field("route", Reference("definitionId", "delivery_routes"), required=True), *policy_rows(to_required=True)),
    **policy_operations("delivery-route", "policies", "definitions"),
    owner=Owner("delivery_routes", "policies", "route"),
    checks=(domain_is_ours, ends_after_start),
)
