# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Calls that tell what has happened: to messages, and by whom in the console (docs/service.md, evidence)."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, READ, Operation

_MAY_TRACK = {"permission": "Gateway | Tracking | Read", "products": ("cloudgateway",)}

SEARCH_MESSAGES = Operation("POST", "/api/message-finder/search", READ, LEGACY, **_MAY_TRACK)
MESSAGE_INFO = Operation("POST", "/api/message-finder/get-message-info", READ, LEGACY, **_MAY_TRACK)
AUDIT_EVENTS = Operation(
    "POST", "/api/audit/get-audit-events", READ, LEGACY, permission="Account | Logs | Read", products=("auditevents",),
)

ROUTES = ("all", "internal", "outbound", "inbound", "external")
STATUSES = (
    "processing", "delivery", "system", "held", "accepted", "bulk_processing", "bulk_delivery", "bounced", "deferred", "rejected", "archived",
)
AUDIT_DAYS = 60  # how far back the service looks
MOST_MESSAGES = 999  # at this length an unpaged list of the older interface was seen to be cut
