# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The usual Connect document as a whole: what it costs at the service, and what its objects may say of each other."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import DEFINITIONS, POLICIES, Tenant
from mimecast_sandbox.control import Sandbox
from usual import DOCUMENT, INTERNAL_DOMAINS, PASSWORD

BUDGET = 16
# One for each page of what the document names ...
COLLECTIONS = Counter([
    "getEmergencyContact", "getOutboundIpAddresses", "listDirectoryIntegrations", "listGroups", "listDeliveryRouteDefinitions",
    "listDeliveryRoutePolicies", "listDnsAuthOutboundDefinitions", "listDnsAuthOutboundPolicies", "listAntiSpoofingBypassPolicies",
    "listJournalingServices",
])
# ... and one for each object whose fields its list does not give.
SINGLY = Counter({"getActiveDirectoryIntegration": 1, "listGroupMembers": 2})
LOG_ON = {"mechanisms": ["LOGIN"], "username": "relay", "password": PASSWORD}


@pytest.fixture
def tenant(sandbox: Sandbox) -> Tenant:
    return Tenant(sandbox, internal_domains=INTERNAL_DOMAINS, groups=[])


def run(tenant: Tenant, check: bool = False, folder: Path | None = None, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_tenant", check, str(folder) if folder else None, **options)


def operations(tenant: Tenant, writes: bool | None = None) -> Counter[str]:
    return Counter(one["operation"] for one in tenant.requests(writes))


def refused(tenant: Tenant, words: str, **options: Any) -> None:
    """Refused in the same words by check mode and by a real run, and nothing written."""
    tenant.requests()
    for check in (True, False):
        result = run(tenant, check, **options)
        assert result.get("failed") and words in result["msg"], result
    assert tenant.requests(writes=True) == []


def changed(document: dict[str, Any], kind: str, place: int = 0, **options: Any) -> dict[str, Any]:
    """The document with some options of one object changed."""
    found = copy.deepcopy(document)
    found[kind][place].update(options)
    return found


def test_from_nothing_to_everything(tenant: Tenant) -> None:
    predicted = run(tenant, True, **DOCUMENT)
    assert tenant.requests(writes=True) == []
    made = run(tenant, **DOCUMENT)
    assert made.get("changed") and [made[part] for part in ("diff", "changes")] == [predicted[part] for part in ("diff", "changes")]
    assert len(made["changes"]) == 13 and PASSWORD not in str(made)
    assert {kind: run(tenant, **{kind: items})["changed"] for kind, items in DOCUMENT.items()} == dict.fromkeys(DOCUMENT, False)
    groups = {row["ref"]: row["description"] for row in tenant.objects("groups")}
    routes = {row["ref"]: row for row in tenant.objects()}
    (bypass,) = tenant.objects("anti_spoofing_bypass_policies")
    assert groups[bypass["from"]["groupId"]] == "Relaxed"
    partners = next(row for row in tenant.objects(POLICIES) if row["description"] == "Strict partners")
    assert (routes[partners["definitionId"]]["description"], groups[partners["to"]["groupId"]]) == ("Second site", "Strict")
    first = next(row for row in routes.values() if row["description"] == "Headquarters")
    assert routes[first["alternateRouteId"]]["description"] == "Second site"


def test_nothing_to_change_stays_in_the_budget(tenant: Tenant, tmp_path: Path) -> None:
    run(tenant, folder=tmp_path, **DOCUMENT)
    for check in (True, False):
        tenant.sandbox.clear_requests()
        result = run(tenant, check, tmp_path, **DOCUMENT)
        found = Counter(one["operation"] for one in tenant.sandbox.requests())  # a token would be among them
        assert result["changed"] is False and result["api"]["writes"] == 0
        assert found == COLLECTIONS + SINGLY and result["api"]["requests"] == found.total() <= BUDGET


@pytest.mark.parametrize("kind, options, more", [
    ("delivery_routes", {"smtp_authentication": LOG_ON}, {}),
    ("groups", {"members": None}, {"listGroupMembers": -1}),
    ("groups", {"members": {"add": ["d{0}.example".format(number) for number in range(101)]}}, {"listGroupMembers": 1}),
    ("active_directory_connectors", {"domains": None, "max_unlink": "1000"}, {}),
])
def test_what_is_read_singly(tenant: Tenant, kind: str, options: dict[str, Any], more: dict[str, int]) -> None:
    """Members by pages of 100, and only if they are declared; a log-on only where the list leaves it out."""
    document = changed(DOCUMENT, kind, **options)
    assert run(tenant, **document).get("changed")
    tenant.requests()
    assert run(tenant, **document)["changed"] is False
    wanted = COLLECTIONS + SINGLY
    wanted.update(more)
    assert operations(tenant) == wanted and wanted.total() <= BUDGET


def test_a_list_that_names_no_connector_costs_no_more(tenant: Tenant) -> None:
    run(tenant, **DOCUMENT)
    tenant.sandbox.settings(integrations_shape="opaque")
    tenant.requests()
    assert run(tenant, **DOCUMENT)["changed"] is False and operations(tenant) == COLLECTIONS + SINGLY


def test_a_part_of_the_document_reads_its_part(tenant: Tenant) -> None:
    run(tenant, **DOCUMENT)
    for kinds, wanted in (
        (["outbound_addresses"], ["getOutboundIpAddresses"]),
        (["dkim", "emergency_contact"], ["getEmergencyContact", "listDnsAuthOutboundDefinitions", "listDnsAuthOutboundPolicies"]),
        (["anti_spoofing_bypass_policies"], ["listAntiSpoofingBypassPolicies", "listGroups"]),
    ):
        tenant.requests()
        assert run(tenant, **{kind: DOCUMENT[kind] for kind in kinds})["changed"] is False
        assert operations(tenant) == Counter(wanted), kinds


def test_forty_missing_objects(tenant: Tenant) -> None:
    """The reads of a run without changes, one write for each object, and each list once more as proof."""
    routes = [{"name": "R{0}".format(number), "hostname": "mx.example.com", "policies": [
        {"name": "P", "to": {"type": "domain", "domain": "example.com"}}]} for number in range(10)]
    more = {"delivery_routes": routes, "anti_spoofing_bypass_policies": [
        {"name": "B{0}".format(number), "action": "enable_bypass", "from": {"type": "group", "group": "Relaxed"}} for number in range(7)]}
    document = {kind: [*items, *more.get(kind, [])] if isinstance(items, list) else items for kind, items in DOCUMENT.items()}
    tenant.requests()
    result = run(tenant, **document)
    found = tenant.requests()
    assert len(result["changes"]) == 40, result
    writes = Counter(one["operation"] for one in found if one["wrote"])
    reads = Counter(one["operation"] for one in found if not one["wrote"])
    assert writes == {
        "createEmergencyContact": 1, "createActiveDirectoryIntegration": 1, "createGroup": 2, "replaceOutboundIpAddresses": 1,
        "createDeliveryRouteDefinition": 12, "createDeliveryRoutePolicy": 12, "createDnsAuthOutboundDefinition": 1,
        "createDnsAuthOutboundPolicy": 1, "createAntiSpoofingBypassPolicy": 8, "createJournalingService": 1,
        "addGroupMembers": 2,  # a batch for each group, beyond the 40
    }
    planned = COLLECTIONS + Counter({"listInternalDomains": 1})  # the domains of new policies are checked
    proofs = COLLECTIONS + SINGLY + Counter({"listDeliveryRouteDefinitions": 1})  # alternates first: two batches of routes
    assert reads == planned + proofs
    assert run(tenant, **document)["changed"] is False


def test_a_circle_of_creations(tenant: Tenant) -> None:
    names = ["A", "B", "C"]
    ring = [{"name": name, "hostname": "mx.example.com", "alternate_route": names[place - 1]} for place, name in enumerate(names)]
    refused(tenant, "Cannot create delivery routes: they refer to each other in a circle (", **{**DOCUMENT, "delivery_routes": ring})
    refused(tenant, "it cannot refer to itself", **changed(DOCUMENT, "delivery_routes", alternate_route="Headquarters"))
    opened = [{**ring[0], "alternate_route": ""}, *ring[1:]]
    assert run(tenant, delivery_routes=opened)["changed"] and run(tenant, delivery_routes=ring)["changed"], "a circle of what exists is none of creations"
    assert run(tenant, delivery_routes=ring)["changed"] is False


NOWHERE = {"type": "group", "group": "Nobody"}


@pytest.mark.parametrize("kind, options, words", [
    ("delivery_routes", {"alternate_route": "Third"}, "alternate_route is 'Third', but the tenant has no such delivery route"),
    ("delivery_routes", {"policies": [{"name": "P", "to": NOWHERE}]},
     "delivery route policy 'P' of 'Headquarters': to is 'Nobody', but the tenant has no such group (it has "),
    ("dkim", {"policies": [{"name": "P", "from": NOWHERE}]}, "DKIM policy 'P' of 'Signature': from is 'Nobody'"),
    ("anti_spoofing_bypass_policies", {"from": NOWHERE}, "anti-spoofing bypass policy 'Newsletter': from is 'Nobody'"),
    ("groups", {"state": "absent", "members": None}, "to is 'Strict', which the same document removes"),
    ("delivery_routes", {"policies": [{"name": "P", "to": {"type": "domain", "domain": "example.org"}}]}, "which is not an internal domain"),
])
@pytest.mark.parametrize("exists", [False, True], ids=["new", "existing"])
def test_references_that_lead_nowhere(tenant: Tenant, kind: str, options: dict[str, Any], words: str, exists: bool) -> None:
    if exists:
        run(tenant, **DOCUMENT)
    elif kind == "groups":
        run(tenant, groups=DOCUMENT["groups"][:1])
    if exists and kind == "groups":
        words = "Cannot delete group 'Strict': delivery route policy 'Strict partners' of 'Second site' uses it as to"
    refused(tenant, words, **changed(DOCUMENT, kind, **options))


def test_a_connector_of_microsoft_365_needs_its_connection(tenant: Tenant) -> None:
    wish = {**DOCUMENT, "microsoft_365_connectors": [{"name": "365", "tenant_domain": "example.onmicrosoft.com", "connector": "Consent"}]}
    refused(tenant, "connector is 'Consent', but the tenant has no such server connection (it has none at all)", **wish)


# kind of the document -> kind of the sandbox
STORED = {
    "active_directory_connectors": "active_directory_integrations", "groups": "groups", "delivery_routes": DEFINITIONS,
    "dkim": "dns_auth_outbound_definitions", "anti_spoofing_bypass_policies": "anti_spoofing_bypass_policies",
    "journaling_services": "journaling_services",
}


@pytest.mark.parametrize("kind", STORED)
def test_twins_are_an_error_that_tells_them_apart(tenant: Tenant, kind: str) -> None:
    run(tenant, **DOCUMENT)
    name = DOCUMENT[kind][0]["name"]
    row = next(row for row in tenant.objects(STORED[kind]) if row["description"] == name)
    tenant.sandbox.insert(tenant.code, STORED[kind], {key: value for key, value in row.items() if key != "ref"})
    refused(tenant, "{0!r} is meant: the tenant has 2 of that name (".format(name), **DOCUMENT)
    others = {other: items for other, items in DOCUMENT.items() if other not in (kind, "anti_spoofing_bypass_policies", "delivery_routes")}
    assert run(tenant, **others)["changed"] is False, "what does not name it is not disturbed"


@pytest.mark.parametrize("kind", STORED)
def test_declared_twice(tenant: Tenant, kind: str) -> None:
    tenant.requests()
    result = run(tenant, **{**DOCUMENT, kind: [*DOCUMENT[kind], DOCUMENT[kind][0]]})
    assert "it is declared twice" in result["msg"] and tenant.requests() == []


def test_a_route_that_was_renamed_by_hand(tenant: Tenant) -> None:
    """The name is all there is to know an object by: another name is another object, which stays as it is."""
    run(tenant, **DOCUMENT)
    row = next(row for row in tenant.objects() if row["description"] == "Headquarters")
    tenant.sandbox.patch(tenant.code, DEFINITIONS, row["ref"], description="Renamed")
    result = run(tenant, **DOCUMENT)
    assert [(change["action"], change["name"]) for change in result["changes"]] == [("create", "Headquarters"), ("create", "Inbound")]
    assert tenant.names() == ["Headquarters", "Renamed", "Second site"] and tenant.names(POLICIES) == ["Inbound", "Inbound", "Strict partners"]
    assert run(tenant, **DOCUMENT)["changed"] is False


def test_a_reference_that_somebody_broke_is_mended(tenant: Tenant) -> None:
    run(tenant, **DOCUMENT)
    (row,) = tenant.objects("anti_spoofing_bypass_policies")
    tenant.sandbox.patch(tenant.code, "anti_spoofing_bypass_policies", row["ref"], **{"from": {"type": "profile_group", "groupId": 999999}})
    result = run(tenant, **DOCUMENT)
    assert [change.get("options") for change in result["changes"]] == [["from"]], result
    assert run(tenant, **DOCUMENT)["changed"] is False
