# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold for every tenant and every wish: generated tenants, generated documents, the service as the judge.

The tenant is made behind the collection's back and may hold duplicates, strangers and dangling alternates. Wishes may be
impossible; then the law is that check mode and apply say the same sentence and nothing is written.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from conftest import DEFINITIONS, DOMAINS, GROUPS, POLICIES, Tenant
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

CASES = settings(
    max_examples=200, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
NAMES = ["A", "B", "C", "D", "E"]
HOSTS = ["mx1.example.com", "MX2.Example.com", "198.51.100.7", "b\u00fccher.example", "xn--bcher-kva.example"]
RANGES = ["198.51.100.0/24", "203.0.113.0/25", "192.0.2.1"]
DAYS = ["always", "2030-01-31", "2031-12-01"]

maybe = st.fixed_dictionaries
domain_targets = st.sampled_from([*DOMAINS, "EXAMPLE.com"]).map(lambda name: {"type": "domain", "domain": name})
targets = st.one_of(
    domain_targets,
    st.sampled_from(GROUPS).map(lambda name: {"type": "group", "group": name}),
    st.sampled_from([{"type": "everyone"}, {"type": "internal"}, {"type": "address", "address": "Boss@Example.com"}]),
    st.just({"type": "attribute", "attribute_id": "a1", "attribute_value": "v"}),
)
range_lists = st.lists(st.sampled_from(RANGES), unique=True)
range_wishes = st.one_of(
    range_lists.map(lambda found: {"set": found}),
    st.permutations(RANGES).map(lambda found: {"add": found[:1], "remove": found[1:2]}),
)
policy_wishes = maybe(
    {"name": st.sampled_from(["P", "Q", "R"]), "to": targets},
    optional={
        "from": targets, "from_part": st.sampled_from(["envelope", "header", "both"]),
        "valid_from": st.sampled_from(DAYS), "valid_to": st.sampled_from(DAYS), "source_ranges": range_wishes,
        "enabled": st.booleans(), "override": st.booleans(), "bidirectional": st.booleans(),
    },
)
log_ons = maybe({
    "mechanisms": st.sampled_from([["LOGIN"], ["login", "plain"], []]), "username": st.sampled_from(["u", "v"]),
    "password": st.just("pw-of-the-route"),
})
route_wishes = maybe(
    {"name": st.sampled_from(NAMES), "hostname": st.sampled_from(HOSTS)},
    optional={
        "port": st.sampled_from([25, 2525]), "alternate_route": st.sampled_from(["", *NAMES]), "smtp_authentication": log_ons,
        "policies": st.lists(policy_wishes, max_size=3, unique_by=lambda item: item["name"]),
        "state": st.sampled_from(["present", "present", "present", "absent"]),
    },
)
documents = st.lists(route_wishes, min_size=1, max_size=4, unique_by=lambda item: item["name"])
stored_policies = maybe({
    "description": st.sampled_from(["P", "Q", "S"]), "enabled": st.booleans(),
    "to": st.sampled_from([{"type": "everyone"}, {"type": "email_domain", "domain": "example.com"}]),
    "sourceIPs": range_lists.map(lambda found: [item if "/" in item else item + "/32" for item in found]),
})
stored_routes = maybe({
    "description": st.sampled_from([*NAMES[:3], "X", "Y"]), "hostname": st.sampled_from(["mx1.example.com", "old.example.net"]),
    "alternate": st.none() | st.integers(0, 5), "policies": st.lists(stored_policies, max_size=3),
})
tenants = st.lists(stored_routes, max_size=5)


def populate(tenant: Tenant, routes: list[dict[str, Any]]) -> None:
    """Store routes and policies behind the collection's back."""
    sandbox, refs = tenant.sandbox, []
    for route in routes:
        row = {"description": route["description"], "hostname": route["hostname"], "port": 25}
        if route["alternate"] is not None and route["alternate"] < len(refs):
            row["alternateRouteId"] = refs[route["alternate"]]
        refs += sandbox.insert(tenant.code, DEFINITIONS, row)
        for policy in route["policies"]:
            sandbox.insert(tenant.code, POLICIES, {**policy, "definitionId": refs[-1], "from": {"type": "everyone"}})


def state(tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    return {kind: tenant.objects(kind) for kind in (DEFINITIONS, POLICIES)}


def strangers(found: dict[str, list[dict[str, Any]]], document: list[dict[str, Any]]) -> list[Any]:
    """Everything that the document says nothing about: other routes, and policies of routes without a list of policies."""
    mine = {row["ref"]: row["description"] for row in found[DEFINITIONS]}
    declared = {item["name"] for item in document}
    owning = {item["name"] for item in document if "policies" in item or item.get("state") == "absent"}
    return [
        [row for row in found[DEFINITIONS] if row["description"] not in declared],
        [row for row in found[POLICIES] if mine[row["definitionId"]] not in owning],
    ]


def shuffled(document: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same wish, its sets in another order and its domains in other letters; one-time edits spelled out the same."""
    other = copy.deepcopy(document)[::-1]
    for route in other:
        route["hostname"] = route["hostname"].upper()
        for policy in route.get("policies", [])[::-1]:
            for part in (policy.get("source_ranges") or {}).values():
                part.reverse()
            for side in (policy["to"], policy.get("from", {})):
                if side.get("domain"):
                    side["domain"] = side["domain"].swapcase() + "."
        route.get("policies", []).reverse()
    return other


@CASES
@given(routes=tenants, document=documents)
def test_laws(running_sandbox: Any, routes: list[dict[str, Any]], document: list[dict[str, Any]]) -> None:
    tenant = Tenant(running_sandbox)
    try:
        populate(tenant, routes)
        before = state(tenant)
        tenant.requests()

        predicted = tenant.document(document, check=True)
        assert tenant.requests(writes=True) == [], "a write in check mode"
        assert state(tenant) == before

        applied = tenant.document(document)
        after = state(tenant)
        for part in ("changed", "changes", "diff", "failed", "msg"):
            assert applied.get(part) == predicted.get(part), part
        assert strangers(after, document) == strangers(before, document)
        if applied.get("failed"):
            event("refused: " + applied["msg"].split(" ")[1])
            assert after == before and tenant.requests(writes=True) == []
            return
        event("changed" if applied["changed"] else "unchanged")
        assert applied["api"]["writes"] == sum(change.get("copies", 1) for change in applied["changes"]) == len(tenant.requests(writes=True))

        for again in (document, shuffled(document)):
            second = tenant.document(again)
            assert not second.get("failed") and not second["changed"] and second["diff"] == {"before": {}, "after": {}}, second
        assert tenant.requests(writes=True) == [] and state(tenant) == after
        read = {item["name"]: item for item in tenant.call("mimecast_info", gather_subset=["delivery_routes"])["delivery_routes"]}
        for item in document:
            assert (item["name"] in read) is (item.get("state") != "absent")
        assert_as_planned(applied["diff"]["after"], read)
    finally:
        running_sandbox.drop_tenant(tenant.code)


def assert_as_planned(planned: dict[str, dict[str, Any]], read: dict[str, dict[str, Any]]) -> None:
    """Every object of the diff's ``after`` is what a reader finds."""
    for route in read.values():
        found = {"delivery route {0!r}".format(route["name"]): route}
        found.update({"delivery route policy {0!r} of {1!r}".format(item["name"], route["name"]): item for item in route["policies"]})
        for label in found.keys() & planned.keys():
            for option, value in planned[label].items():
                if "." not in option and option != "smtp_authentication":
                    assert found[label][option] == value, (label, option)


@pytest.mark.parametrize("state_wanted", ["present", "exists"])
def test_a_reader_and_a_declarer_agree(tenant: Tenant, state_wanted: str) -> None:
    populate(tenant, [
        {"description": "A", "hostname": "mx1.example.com", "alternate": None, "policies": [
            {"description": "P", "enabled": False, "to": {"type": "everyone"}, "sourceIPs": ["192.0.2.1/32"]}]},
        {"description": "B", "hostname": "old.example.net", "alternate": 0, "policies": []},
    ])
    read = tenant.call("mimecast_info", gather_subset=["delivery_routes"])["delivery_routes"]
    for route in read:
        route["state"] = state_wanted
        for policy in route["policies"]:
            policy["source_ranges"] = {"set": policy["source_ranges"]}
    result = tenant.document(read)
    assert not result.get("failed") and not result["changed"], result
