# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Users, and their import from a file."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, READ, WRITE, Operation

_IMPORT_PRODUCTS = ("userandgroupmanagement",)

LIST_USERS = Operation(
    "GET", "/user/cloud-gateway/v1/users", READ, list_keys=("users",),
    permission="Directories | Internal | Read", products=("emailsecurityonboarding", "userandgroupmanagement"),
)
IMPORT_USERS = Operation("POST", "/api/user/import-users", WRITE, LEGACY, permission="Directories | Import | Edit", products=_IMPORT_PRODUCTS)
IMPORT_STATUS = Operation("POST", "/api/user/get-import-status", READ, LEGACY, permission="Directories | Import | Read", products=_IMPORT_PRODUCTS)
