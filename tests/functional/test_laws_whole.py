# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws of the plan for documents over many kinds, with references between them and the tenant edited by hand in between."""

from __future__ import annotations

from typing import Any

from conftest import DOMAINS, POLICIES, Tenant
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from test_laws import route_wishes

CASES = settings(max_examples=80, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
GROUP_NAMES = ["TLS", "Partners", "Sales"]
STORED = ["delivery_route_definitions", POLICIES, "groups", "group_members", "greylisting_policies", "blocked_senders_policies",
          "dns_auth_outbound_definitions", "dns_auth_outbound_policies", "journaling_services", "outbound_ip_addresses"]

states = st.sampled_from(["present", "present", "present", "absent"])
members = st.lists(st.sampled_from(["a.example", "b.example", "c@example.org"]), unique=True)
groups = st.fixed_dictionaries(
    {"name": st.sampled_from(GROUP_NAMES)},
    optional={"members": st.one_of(members.map(lambda found: {"set": found}), members.map(lambda found: {"add": found})), "state": states})
sides = st.one_of(
    st.sampled_from(GROUP_NAMES).map(lambda name: {"type": "group", "group": name}),
    st.sampled_from(DOMAINS).map(lambda name: {"type": "domain", "domain": name}), st.just({"type": "internal"}))


def policies(*actions: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    wish = st.fixed_dictionaries(
        {"name": st.sampled_from(["P", "Q"]), "action": st.sampled_from(actions)},
        optional={"from": sides, "to": sides, "enabled": st.booleans(), "state": states})
    return unique(wish)


def unique(wish: st.SearchStrategy[dict[str, Any]], most: int = 2) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(wish, max_size=most, unique_by=lambda item: item["name"])


addresses = st.lists(st.sampled_from(["198.51.100.7", "198.51.100.8"]), unique=True, min_size=1)
keys = st.fixed_dictionaries(
    {"name": st.just("Key"), "domain": st.just("example.com"), "selector": st.just("s1"), "key_length": st.just(1024)},
    optional={"sign": st.booleans(), "policies": unique(st.fixed_dictionaries({"name": st.sampled_from(["S", "T"]), "from": sides})), "state": states})
journals = st.fixed_dictionaries(
    {"name": st.just("J"), "smtp": st.fixed_dictionaries({"email": st.just("j@example.com")}, optional={"tls": st.booleans()})},
    optional={"enabled": st.booleans(), "state": states})
documents = st.fixed_dictionaries({}, optional={
    "groups": unique(groups, 3),
    "greylisting_policies": policies("apply", "no_action"),
    "blocked_senders_policies": policies("block_sender", "no_action"),
    "delivery_routes": unique(route_wishes, 3),
    "dkim": unique(keys, 1),
    "journaling_services": unique(journals, 1),
    "outbound_addresses": addresses.map(lambda found: {"addresses": {"set": found}}),
})


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


@CASES
@given(first=documents, second=documents)
def test_laws_of_whole_documents(running_sandbox: Any, first: dict[str, Any], second: dict[str, Any]) -> None:
    """Two documents one after the other: what the first has made is changed, referred to and removed by the second."""
    tenant = Tenant(running_sandbox)
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
