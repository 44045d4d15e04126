# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Internal domains: lists only in this version."""
from __future__ import annotations

from functools import partial

from .resources import Handler, Resource, list_objects, register

INTERNAL_DOMAINS = register(Resource(
    kind="internal_domains", number=3, list_key="domains",
    fields=frozenset({"domain", "local", "sendOnly", "inboundType"}),
    defaults={"local": True, "sendOnly": False, "inboundType": "known"},
))

HANDLERS: dict[str, Handler] = {
    "listInternalDomains": partial(list_objects, resource=INTERNAL_DOMAINS),
}
