# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Internal domains and groups: lists only in this version."""
from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .call import Call
from .resources import Body, Handler, Reference, Resource, list_objects, register


def _group_filter(call: Call) -> Callable[[Body], bool] | None:
    """`query` matches any part of the description (API notes, section 2), `source` exactly."""
    query, source = call.query.get("query", "").casefold(), call.query.get("source")
    if not query and not source:
        return None
    return lambda group: query in group["description"].casefold() and source in (None, group["source"])


INTERNAL_DOMAINS = register(Resource(
    kind="internal_domains", number=3, list_key="domains",
    fields=frozenset({"domain", "local", "sendOnly", "inboundType"}),
    defaults={"local": True, "sendOnly": False, "inboundType": "known"},
))

GROUPS = register(Resource(
    kind="groups", number=4, list_key="groups",
    fields=frozenset({"description", "source", "parentId", "userCount", "groupCount"}),
    defaults={"source": "cloud", "userCount": 0, "groupCount": 0},
    references=(Reference(("parentId",), "groups"),),
    keep=_group_filter,
))

HANDLERS: dict[str, Handler] = {
    "listInternalDomains": partial(list_objects, resource=INTERNAL_DOMAINS),
    "listGroups": partial(list_objects, resource=GROUPS),
}
