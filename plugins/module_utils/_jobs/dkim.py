# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mimecast_dkim: the definition and its policies, the record to publish, and the service's look at the DNS."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.objects import single
from ansible_collections.mimecast.connect.plugins.module_utils._resources.dkim import DKIM, VERIFY_DKIM
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context


def record_of(found: dict[str, Any]) -> dict[str, str]:
    """The TXT record of a definition (RFC 6376); {} without a key."""
    key = found.get("public_key")
    if not key:
        return {}
    name = found.get("dns_address") or "{0}._domainkey.{1}".format(found["selector"], found["domain"])
    return {"name": name.rstrip("."), "type": "TXT", "value": key if key.startswith("v=") else "v=DKIM1; k=rsa; p=" + key}


def _more(context: Context, world: World, found: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"record": record_of(found)}
    existing = world.find(DKIM.kind, found["name"]) if found and context.params["verify"] else []
    if existing:
        what = "verify " + DKIM.describe(found["name"])
        result["verification"] = context.client.read(VERIFY_DKIM, what, existing[0].id)
    return result


JOB = single(DKIM, {"verify": {"type": "bool", "default": False}}, _more)
