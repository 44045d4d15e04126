# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a tenant has just one of: its outbound addresses and its emergency contact (docs/service.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import EditedSet, Plain
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Resource

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World

_MAY_READ = {"permission": "Account | Settings | Read"}
_MAY_EDIT = {"permission": "Account | Settings | Edit"}
_OUTBOUND = "/email/cloud-gateway/v1/outbound-ip-addresses"
_CONTACT = "/account/cloud-gateway/v1/emergency-contact"
_GATEWAY = ("cloudgateway", "emailsecurityonboarding")
_ACCOUNT = ("accountmanagement", "emailsecurityonboarding")


def not_empty(change: Change, world: World) -> None:
    """Without an address the service takes no mail from the customer's servers."""
    if not change.after["addresses"] and "allow_empty" not in change.overrides:
        raise InputError("Cannot {0} {1}: no address would be left, and all outbound mail would be refused. "
                         "Set allow_empty if that is meant".format(change.action, change))


OUTBOUND_ADDRESSES = Resource(
    kind="outbound_addresses",
    label="outbound addresses",
    singleton=True,
    fields=(Field("addresses", EditedSet("outboundIpAddresses", values.ipv4, item_key="outboundIpAddress"), default=[]),),
    list=Operation("GET", _OUTBOUND, READ, products=_GATEWAY, **_MAY_READ),
    update=Operation("PUT", _OUTBOUND, WRITE, products=_GATEWAY, **_MAY_EDIT),
    empty=Operation("DELETE", _OUTBOUND, WRITE, products=_GATEWAY, **_MAY_EDIT),
    overrides=("allow_empty",),
    checks=(not_empty,),
)

EMERGENCY_CONTACT = Resource(
    kind="emergency_contact",
    label="emergency contact",
    singleton=True,
    fields=(
        Field("name", Plain("contactName", values.short_text(60)), required=True),
        Field("email", Plain("contactEmailAddress", values.address), required=True),
        Field("mobile_phone", Plain("mobilePhone", values.phone), required=True),
        Field("telephone", Plain("telephone", values.phone)),
        Field("alternate_emails", EditedSet("alternateEmailAddresses", values.address, most=4), default=[]),
    ),
    list=Operation("GET", _CONTACT, READ, products=_ACCOUNT, **_MAY_READ),
    create=Operation("PUT", _CONTACT, WRITE, products=_ACCOUNT, **_MAY_EDIT),
    update=Operation("PATCH", _CONTACT, WRITE, products=_ACCOUNT, **_MAY_EDIT),
)
