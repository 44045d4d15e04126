# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Groups and internal domains, as far as other kinds refer to them."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import READ, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Resource

GROUPS = Resource(
    kind="groups",
    label="group",
    fields=(),
    list=Operation(
        "GET", "/directory/cloud-gateway/v1/groups", READ, list_keys=("groups",),
        permission="Directories | Groups | Read", products=("emailsecurityonboarding", "userandgroupmanagement"),
    ),
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
