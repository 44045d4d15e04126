# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""All kinds, in the order in which they are created: what others refer to comes first."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Catalogue
from ansible_collections.mimecast.connect.plugins.module_utils._resources.account import ACCOUNT, GATEWAY, WHOAMI
from ansible_collections.mimecast.connect.plugins.module_utils._resources.delivery_routes import DELIVERY_ROUTES, ROUTE_POLICIES
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory import GROUPS, INTERNAL_DOMAINS
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import CONNECTOR_TYPES, SERVER_CONNECTIONS
from ansible_collections.mimecast.connect.plugins.module_utils._resources.dkim import DKIM, DKIM_POLICIES
from ansible_collections.mimecast.connect.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.mimecast.connect.plugins.module_utils._resources.gateway_policies import POLICY_TYPES
from ansible_collections.mimecast.connect.plugins.module_utils._resources.journaling import JOURNALING_SERVICES
from ansible_collections.mimecast.connect.plugins.module_utils._resources.settings import EMERGENCY_CONTACT, OUTBOUND_ADDRESSES
from ansible_collections.mimecast.connect.plugins.module_utils._resources.users import known_users

CATALOGUE = Catalogue((
    EMERGENCY_CONTACT,
    INTERNAL_DOMAINS,
    DOMAINS,
    SERVER_CONNECTIONS,
    *CONNECTOR_TYPES.values(),
    GROUPS,
    OUTBOUND_ADDRESSES,
    DELIVERY_ROUTES,
    ROUTE_POLICIES,
    DKIM,
    DKIM_POLICIES,
    *POLICY_TYPES.values(),
    JOURNALING_SERVICES,
))

# The keys of the tenant document; kinds with an owner are nested in it, those that cannot be written are only referred to.
DOCUMENT_KINDS = tuple(resource.kind for resource in CATALOGUE.resources if (resource.create or resource.update) and not resource.owner)

# Besides those, a person makes the server connections: they can be declared, read, exported and in part removed.
READ_KINDS = tuple(resource.kind for resource in CATALOGUE.resources if resource.kind in (*DOCUMENT_KINDS, SERVER_CONNECTIONS.kind))

# What else mimecast_info reads.
FACTS = {"account": ACCOUNT.read, "whoami": WHOAMI.read, "gateway": GATEWAY.read, "users": known_users}
