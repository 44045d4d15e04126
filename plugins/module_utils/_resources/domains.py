# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Internal domains with what can change on them, and the calls of pending ones (docs/service.md, domains)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import Plain
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Resource
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory import INTERNAL_DOMAINS

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World

INBOUND_TYPES = ("any", "smtp", "ldap", "known", "backup_mx", "smtp_null")

_INTERNAL = "/domain/cloud-gateway/v1/internal-domains"
_PENDING = "/domain/cloud-gateway/v1/pending-domains"
_PRODUCTS = ("domainmanagement", "emailsecurityonboarding")
_MAY_REGISTER = {"permission": "Directories | Internal | Register New Domain", "products": _PRODUCTS}


def is_internal(change: Change, world: World) -> None:
    """Between registration and an internal domain stands a person who publishes a code; a plan cannot contain that."""
    if not change.before:
        raise InputError("Cannot change {0}: the tenant has no internal domain of that name. Register it with the module "
                         "mimecast_domain, and declare it here once it is verified".format(change))


DOMAINS = Resource(
    kind="domains",
    label="domain",
    fields=(Field("inbound_type", Plain("inboundType", choices={word: word for word in INBOUND_TYPES})),),
    name_api="domain",
    named=values.domain,
    list=INTERNAL_DOMAINS.list,
    get=Operation("GET", _INTERNAL + "/{id}", READ, permission="Directories | Internal | Read", products=_PRODUCTS),
    update=Operation("PATCH", _INTERNAL + "/{id}", WRITE, permission="Directories | Internal | Edit", products=_PRODUCTS),
    checks=(is_internal,),
)

PENDING = Operation("GET", _PENDING, READ, list_keys=("domains",), **_MAY_REGISTER)
# The bodies of these two are in no public material. Domain and inboundType are those of the older calls create-domain and verify-domain.
REGISTER = Operation("POST", _PENDING, WRITE, **_MAY_REGISTER)
VERIFY = Operation("POST", _PENDING + "/verify", WRITE, **_MAY_REGISTER)
UNREGISTER = Operation("DELETE", _PENDING + "/{id}", WRITE, **_MAY_REGISTER)
RENEW = Operation(
    "POST", _PENDING + "/generate-token", WRITE,
    permission="Directories | Internal | Register New Domain", products=("domainmanagement",),
)
# Where its answer holds the rows is not sure: they may be the whole answer.
CHECK_MX = Operation(
    "POST", _INTERNAL + "/verify", READ, bare_list="results", permission="Gateway | Policies | Read", products=_PRODUCTS,
)
