# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws of the plan for documents over many kinds, with references between them and the tenant edited by hand in between."""

from __future__ import annotations

from typing import Any

from conftest import POLICIES, Tenant
from hypothesis import HealthCheck, Phase, event, given, settings
from whole_documents import PARTS, documents, new_tenant

from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import DOCUMENT_KINDS

CASES = settings(max_examples=80, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
STORED = [
    "delivery_route_definitions", POLICIES, "groups", "group_members", "anti_spoofing_policies", "anti_spoofing_bypass_policies",
    "greylisting_policies", "blocked_senders_policies", "dns_auth_outbound_definitions", "dns_auth_outbound_policies", "journaling_services",
    "outbound_ip_addresses", "emergency_contacts", "internal_domains", "active_directory_integrations", "google_integrations", "m365_integrations",
]


def state(tenant: Tenant) -> dict[str, Any]:
    return {kind: tenant.objects(kind) for kind in STORED}


def apply(tenant: Tenant, document: dict[str, Any]) -> bool:
    """Predict, apply, and hold both to the laws. False when the document is refused."""
    before = state(tenant)
    tenant.requests()
    predicted = tenant.call("mimecast_tenant", True, **document)
    assert tenant.requests(writes=True) == [] and state(tenant) == before
    applied = tenant.call("mimecast_tenant", **document)
    for part in ("changed", "changes", "diff", "failed", "msg"):
        assert applied.get(part) == predicted.get(part), part
    if applied.get("failed"):
        assert state(tenant) == before and applied["msg"].count("Unexpected") == 0, applied
        return False
    touched = {change["kind"] for change in applied["changes"]}
    assert touched <= set(document) | {"delivery_route_policies", "dkim_policies"}
    after = state(tenant)
    second = tenant.call("mimecast_tenant", **document)
    assert second.get("changed") is False and state(tenant) == after, second
    return True


def test_every_kind_is_generated() -> None:
    assert set(PARTS) == set(DOCUMENT_KINDS)


@CASES
@given(first=documents, second=documents)
def test_laws_of_whole_documents(running_sandbox: Any, first: dict[str, Any], second: dict[str, Any]) -> None:
    """Two documents one after the other: what the first has made is changed, referred to and removed by the second."""
    tenant = new_tenant(running_sandbox)
    try:
        for document in (first, second):
            event("applied" if apply(tenant, document) else "refused")
    finally:
        running_sandbox.drop_tenant(tenant.code)


def test_a_rename_by_hand_is_a_new_object(tenant: Tenant) -> None:
    document = {"groups": [{"name": "TLS", "members": {"set": ["a.example"]}}],
                "greylisting_policies": [{"name": "P", "action": "apply", "from": {"type": "group", "group": "TLS"}}]}
    assert apply(tenant, document)
    row = next(row for row in tenant.objects("groups") if row["description"] == "TLS")
    tenant.sandbox.patch(tenant.code, "groups", row["ref"], description="Renamed")
    result = tenant.call("mimecast_tenant", **document)
    assert [(change["action"], change["kind"]) for change in result["changes"]] == [("create", "groups"), ("update", "greylisting_policies")]
    assert "Renamed" in tenant.names("groups")
