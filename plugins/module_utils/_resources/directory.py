# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Groups with their members, and internal domains as far as other kinds refer to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import EditedSet, Shown
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Members, Resource

if TYPE_CHECKING:
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change
    from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World

_GROUP_PRODUCTS = ("emailsecurityonboarding", "userandgroupmanagement")
_GROUPS = "/directory/cloud-gateway/v1/groups"
_MAY_EDIT = {"permission": "Directories | Groups | Edit", "products": ("userandgroupmanagement",)}
_MAY_READ = {"permission": "Directories | Groups | Read", "products": _GROUP_PRODUCTS}
# No limit is published for these calls; 500 are in use in production with the older call (docs/service.md).
_BATCH = 500


def member(value: object) -> str:
    """A member of a group: an address, or a whole domain."""
    return values.address(value) if "@" in str(value) else values.domain(value)


def _part(item: str) -> dict[str, str]:
    return {"emailAddress" if "@" in item else "domain": item}


def _of(row: dict[str, object]) -> str:
    return str(row.get("emailAddress") or row.get("domain") or "").lower()


def may_change(change: Change, world: World) -> None:
    """Groups of a directory follow the directory."""
    found = world.one(change.resource.kind, change.name)
    if found is not None and found["source"] == "ldap":
        raise InputError("Cannot {0} {1}: it comes from the directory, so change it there".format(change.action, change))


GROUPS = Resource(
    kind="groups",
    label="group",
    fields=(
        Field(
            "members",
            EditedSet("groupMembers", member),
            members=Members(
                list=Operation("GET", _GROUPS + "/{id}/members", READ, list_keys=("groupMembers",), **_MAY_READ),
                add=Operation("POST", _GROUPS + "/{id}/members", WRITE, permission="Directories | Groups | Edit", products=_GROUP_PRODUCTS),
                remove=Operation("POST", _GROUPS + "/{id}/remove-members", WRITE, permission="Services | Directory Sync | Edit", products=_GROUP_PRODUCTS),
                key="groupMembers",
                part=_part,
                of=_of,
                batch=_BATCH,
            ),
        ),
        Field("source", Shown("source"), read_only=True),
    ),
    list=Operation("GET", _GROUPS, READ, list_keys=("groups",), **_MAY_READ),
    create=Operation("POST", _GROUPS, WRITE, **_MAY_EDIT),
    delete=Operation("POST", "/api/directory/delete-group", WRITE, LEGACY, **_MAY_EDIT),
    checks=(may_change,),
)

INTERNAL_DOMAINS = Resource(
    kind="internal_domains",
    label="internal domain",
    fields=(),
    name_api="domain",
    list=Operation(
        "GET", "/domain/cloud-gateway/v1/internal-domains", READ, list_keys=("domains",),
        permission="Directories | Internal | Read", products=("domainmanagement", "emailsecurityonboarding"),
    ),
)
