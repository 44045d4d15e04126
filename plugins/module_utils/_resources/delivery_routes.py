# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Delivery routes: where inbound mail goes, and the policies that send it there (docs/service.md, delivery routes)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import (
    Compound, EditedSet, OrderedList, Plain, Reference, Secret,
)
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Owner, Resource
from ansible_collections.mimecast.connect.plugins.module_utils._resources.policies import ALWAYS, FROM_PARTS, Limit, Target

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World

_BASE = "/policy-management/cloud-gateway/v1/delivery-route"
_PRODUCTS = ("emailsecurityonboarding", "policymanagement")
_MAY_READ = {"permission": "Gateway | Policies | Read", "products": _PRODUCTS}
_MAY_EDIT = {"permission": "Gateway | Policies | Edit", "products": _PRODUCTS}

VERIFY = Operation("POST", _BASE + "/verify", READ, **_MAY_READ)

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
    list=Operation("GET", _BASE + "/definitions", READ, list_keys=("definitions",), **_MAY_READ),
    get=Operation("GET", _BASE + "/definitions/{id}", READ, **_MAY_READ),
    create=Operation("POST", _BASE + "/definitions", WRITE, **_MAY_EDIT),
    update=Operation("PATCH", _BASE + "/definitions/{id}", WRITE, **_MAY_EDIT),
    delete=Operation("DELETE", _BASE + "/definitions/{id}", WRITE, **_MAY_EDIT),
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


def ends_after_start(change: Change, world: World) -> None:
    """A policy that ends before it starts never applies."""
    start, end = change.after["valid_from"], change.after["valid_to"]
    if ALWAYS not in (start, end) and end < start:
        raise InputError("Cannot {0} {1}: valid_to is {2}, before valid_from, which is {3}".format(change.action, change, end, start))


ROUTE_POLICIES = Resource(
    kind="delivery_route_policies",
    label="delivery route policy",
    fields=(
        Field("route", Reference("definitionId", "delivery_routes"), required=True),
        Field("from", Target("from"), default={"type": "everyone"}),
        Field("to", Target("to"), required=True),
        Field("from_part", Plain("fromPart", choices=FROM_PARTS), default="envelope"),
        Field("valid_from", Limit("fromDateTime", "fromEternal"), default=ALWAYS),
        Field("valid_to", Limit("toDateTime", "toEternal"), default=ALWAYS),
        Field("enabled", Plain("enabled", bool, "bool"), default=True),
        Field("override", Plain("override", bool, "bool"), default=False),
        Field("bidirectional", Plain("bidirectional", bool, "bool"), default=False),
        Field("source_ranges", EditedSet("sourceIPs", values.cidr), default=[]),
    ),
    list=Operation("GET", _BASE + "/policies", READ, list_keys=("policies", "definitions"), **_MAY_READ),
    get=Operation("GET", _BASE + "/policies/{id}", READ, **_MAY_READ),
    create=Operation("POST", _BASE + "/policies", WRITE, **_MAY_EDIT),
    update=Operation("PATCH", _BASE + "/policies/{id}", WRITE, **_MAY_EDIT),
    delete=Operation("DELETE", _BASE + "/policies/{id}", WRITE, **_MAY_EDIT),
    owner=Owner("delivery_routes", "policies", "route"),
    checks=(domain_is_ours, ends_after_start),
)
