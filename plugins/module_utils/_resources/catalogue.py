# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""All kinds, in the order in which they are created: what others refer to comes first."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Catalogue
from ansible_collections.mimecast.connect.plugins.module_utils._resources.account import ACCOUNT, GATEWAY, WHOAMI
from ansible_collections.mimecast.connect.plugins.module_utils._resources.delivery_routes import DELIVERY_ROUTES, ROUTE_POLICIES
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory import GROUPS, INTERNAL_DOMAINS

CATALOGUE = Catalogue((INTERNAL_DOMAINS, GROUPS, DELIVERY_ROUTES, ROUTE_POLICIES))

# The keys of the tenant document; kinds with an owner are nested in it, the others are only referred to.
DOCUMENT_KINDS = tuple(resource.kind for resource in CATALOGUE.resources if resource.create and not resource.owner)

FACTS = {"account": ACCOUNT, "whoami": WHOAMI, "gateway": GATEWAY}
