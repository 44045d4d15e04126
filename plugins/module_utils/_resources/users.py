# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Users, the known recipients of a tenant, and their import from a file."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import Plain
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Resource

_IMPORT_PRODUCTS = ("userandgroupmanagement",)

LIST_USERS = Operation(
    "GET", "/user/cloud-gateway/v1/users", READ, list_keys=("users",),
    permission="Directories | Internal | Read", products=("emailsecurityonboarding", "userandgroupmanagement"),
)
USERS_OF_DOMAIN = Operation(
    "POST", "/api/user/get-internal-users", READ, LEGACY, permission="Directories | Internal | Read", products=_IMPORT_PRODUCTS)
IMPORT_USERS = Operation("POST", "/api/user/import-users", WRITE, LEGACY, permission="Directories | Import | Edit", products=_IMPORT_PRODUCTS)
IMPORT_STATUS = Operation("POST", "/api/user/get-import-status", READ, LEGACY, permission="Directories | Import | Read", products=_IMPORT_PRODUCTS)

# A kind of its own in plans; it is imported in files, so it is in no catalogue of kinds that are written one by one.
USERS = Resource(
    kind="users", label="user", fields=(Field("name", Plain("name", values.text)),), list=LIST_USERS, name_api="emailAddress", named=values.address,
)


def known_users(client: Client) -> list[dict[str, str]]:
    """Every user that the tenant knows, by address and name, in the order of the service."""
    return [{"email": _address(row.get("emailAddress")), "name": str(row.get("name") or "").strip()} for row in client.rows(LIST_USERS, "read users")]


def _address(found: object) -> str:
    try:
        return values.address(found)
    except ValueError:  # the service's own addresses are taken as they are
        return str(found).lower()
