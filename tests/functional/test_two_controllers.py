# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two controllers at work on one tenant at the same time, brought to the worst moments by barriers in the sandbox."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import DEFINITIONS, POLICIES
from mimecast_sandbox.control import Sandbox
from watched import AFTER, DOCUMENT, Watched, message_of

from ansible_collections.mimecast.connect.plugins.module_utils._engine import apply as apply_module

LOOKS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)  # seconds: longer than the slower of two runs lags behind
ROUTE = {"name": "HQ", "hostname": "mx.example.com"}
POLICY = {"name": "Inbound", "to": {"type": "domain", "domain": "example.com"}}


@pytest.fixture
def tenant(sandbox: Sandbox, quick: None, monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setattr(apply_module, "LOOKS", LOOKS)
    found = Watched(sandbox)
    found.alone = False
    return found


def barrier(operation: str, count: int = 2, **more: Any) -> dict[str, Any]:
    """``count`` calls wait for each other, but not for ever: one run may have no such call to make."""
    return {"kind": "hold", "name": "barrier " + operation, "operation": operation, "count": count, "delay_ms": 700, **more}


def together(tenant: Watched, *documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results of one run for each document, all at once."""
    with ThreadPoolExecutor(len(documents)) as pool:
        return list(pool.map(tenant.document, documents))


def settled(tenant: Watched, *documents: list[dict[str, Any]]) -> None:
    """One of each name is left, and a run of each document has nothing to do, at the latest the second time."""
    assert tenant.twins() == []
    tenant.sandbox.clear_faults()
    tenant.requests()
    for document in documents:
        assert message_of(tenant.document(document)) == ""
    assert [tenant.document(document)["changed"] for document in documents] == [False] * len(documents)


MEETINGS = ["listDeliveryRouteDefinitions", "listDeliveryRoutePolicies", "createDeliveryRouteDefinition", "createDeliveryRoutePolicy"]


@pytest.mark.parametrize("runs", [2, 3])
@pytest.mark.parametrize("operation", MEETINGS)
def test_the_same_document_for_the_first_time(tenant: Watched, operation: str, runs: int) -> None:
    document = [{**ROUTE, "policies": [POLICY, {**POLICY, "name": "Second"}]}, {**ROUTE, "name": "Other", "alternate_route": "HQ"}]
    tenant.faults(*(barrier(one, runs) for one in dict.fromkeys([MEETINGS[0], operation])))
    results = together(tenant, *[document] * runs)
    assert [message_of(result) for result in results] == [""] * runs
    assert (tenant.names(), tenant.names(POLICIES)) == (["HQ", "Other"], ["Inbound", "Second"])
    assert tenant.document(document)["changed"] is False
    settled(tenant, document)


@pytest.mark.parametrize("operation", [*MEETINGS, "updateDeliveryRouteDefinition", "deleteDeliveryRoutePolicy"])
def test_the_same_document_over_what_is_there(tenant: Watched, operation: str) -> None:
    tenant.fill()
    tenant.faults(barrier(operation))
    assert [message_of(result) for result in together(tenant, DOCUMENT, DOCUMENT)] == ["", ""]
    assert (tenant.state(), tenant.twins()) == (AFTER, [])
    settled(tenant, DOCUMENT)


@pytest.mark.parametrize("fault", [
    {"kind": "status", "status": 503}, {"kind": "status", "status": 503, "before_commit": False},
    {"kind": "drop_before"}, {"kind": "drop_after"}, {"kind": "status", "status": 429, "reset_ms": 1},
], ids=str)
def test_giving_way_through_a_fault(tenant: Watched, fault: dict[str, Any]) -> None:
    tenant.faults(barrier("createDeliveryRouteDefinition"), {**fault, "operation": "deleteDeliveryRouteDefinition"})
    assert [message_of(result) for result in together(tenant, [ROUTE], [ROUTE])] == ["", ""]
    assert tenant.names() == ["HQ"]
    settled(tenant, [ROUTE])


@pytest.mark.parametrize("operation", ["createDeliveryRouteDefinition", "createDeliveryRoutePolicy"])
def test_giving_way_when_the_own_copy_shows_late(tenant: Watched, operation: str) -> None:
    tenant.faults(barrier("listDeliveryRoutePolicies"), {"kind": "lag", "delay_ms": 200, "operation": operation, "after": 1})
    document = [{**ROUTE, "policies": [POLICY]}]
    assert [message_of(result) for result in together(tenant, document, document)] == ["", ""]
    settled(tenant, document)


@pytest.mark.parametrize("fault", [{"kind": "drop_after"}, {"kind": "status", "status": 503, "before_commit": False}, {"kind": "cut_body"}], ids=str)
def test_a_creation_of_unknown_outcome_beside_another(tenant: Watched, fault: dict[str, Any]) -> None:
    """One of the two never learns its id, so the other gives way, even as the first of the list."""
    tenant.faults(barrier("listDeliveryRoutePolicies"), {**fault, "operation": "createDeliveryRouteDefinition"})
    document = [{**ROUTE, "policies": [POLICY]}]
    results = together(tenant, document, document)
    assert any(not result.get("failed") for result in results)
    settled(tenant, document)


@pytest.mark.parametrize("last_moment", [False, True])
def test_the_first_of_the_list_waits_for_the_other_to_give_way(tenant: Watched, monkeypatch: pytest.MonkeyPatch, last_moment: bool) -> None:
    """The other run is played by the sandbox: its copy is there from the first look on and goes during a pause."""
    looks: list[float] = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if seconds == (LOOKS[-1] if last_moment else LOOKS[1]):
            tenant.sandbox.delete(tenant.code, DEFINITIONS, tenant.objects()[1]["ref"])

    def twin(applier: Any, batch: list[Any]) -> None:
        tenant.sandbox.insert(tenant.code, DEFINITIONS, {"description": "HQ", "hostname": "mx.example.com"})
        prove(applier, batch)

    prove = apply_module.Applier._prove
    monkeypatch.setattr(apply_module.Applier, "_prove", twin)
    monkeypatch.setattr(apply_module, "time", SimpleNamespace(sleep=sleep))
    assert message_of(tenant.document([ROUTE])) == ""
    assert tenant.names() == ["HQ"] and looks
    monkeypatch.undo()
    settled(tenant, [ROUTE])


def test_when_nobody_gives_way_the_first_does(tenant: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_module, "LOOKS", (0.0, 0.01))
    tenant.faults({"kind": "hold", "name": "gate", "operation": "listDeliveryRouteDefinitions", "after": 1})
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(tenant.document, [ROUTE])
        while not tenant.sandbox.health()["waiting"]:
            pass
        tenant.sandbox.insert(tenant.code, DEFINITIONS, {"description": "HQ", "hostname": "mx.example.com"})
        tenant.sandbox.release("gate")
        assert message_of(run.result()) == ""
    assert tenant.names() == ["HQ"]
    settled(tenant, [ROUTE])


@pytest.mark.parametrize("operation", ["updateDeliveryRouteDefinition", "listDeliveryRouteDefinitions"])
@pytest.mark.parametrize(("one", "other"), [
    ({"hostname": "two.example.com"}, {"port": 2525}),
    ({"hostname": "two.example.com"}, {"smtp_authentication": {"mechanisms": ["PLAIN"], "username": "u", "password": "pw-of-u"}}),
    ({"alternate_route": "Second"}, {"hostname": "two.example.com"}),
], ids=["hostname and port", "hostname and login", "alternate and hostname"])
def test_different_options_of_one_route(tenant: Watched, operation: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    tenant.document([ROUTE, {"name": "Second", "hostname": "second.example.com"}])
    tenant.faults(barrier(operation))
    documents = [[{"name": "HQ", **one}], [{"name": "HQ", **other}]]
    assert [message_of(result) for result in together(tenant, *documents)] == ["", ""]
    assert tenant.route(name="HQ", state="exists", **one, **other)["changed"] is False
    settled(tenant, *documents)


def test_different_options_of_one_policy(tenant: Watched) -> None:
    tenant.document([{**ROUTE, "policies": [POLICY]}])
    documents = [[{**ROUTE, "policies": [{**POLICY, **change}]}] for change in ({"enabled": False}, {"override": True})]
    tenant.faults(barrier("updateDeliveryRoutePolicy"))
    assert [message_of(result) for result in together(tenant, *documents)] == ["", ""]
    (row,) = tenant.objects(POLICIES)
    assert (row["enabled"], row["override"]) == (False, True)
    settled(tenant, *documents)


@pytest.mark.parametrize("operation", ["updateDeliveryRouteDefinition", "listDeliveryRouteDefinitions"])
def test_the_same_option_with_two_values_is_told_or_won(tenant: Watched, operation: str) -> None:
    """There is no lock: the later write wins. Who loses before reading back says so, and nobody makes a second object."""
    tenant.document([ROUTE])
    tenant.faults(barrier(operation))
    results = together(tenant, [{**ROUTE, "hostname": "a.example.com"}], [{**ROUTE, "hostname": "b.example.com"}])
    (row,) = tenant.objects()
    won = [result for result in results if not result.get("failed")]
    assert won and row["hostname"] in ("a.example.com", "b.example.com")
    for result in results:
        assert not result.get("failed") or "somebody else changed the object at the same time; run again" in result["msg"]


@pytest.mark.parametrize("operation", ["deleteDeliveryRoutePolicy", "deleteDeliveryRouteDefinition"])
def test_both_remove_the_same_route(tenant: Watched, operation: str) -> None:
    tenant.fill()
    document = [{"name": "HQ", "state": "absent"}, {"name": "Gone", "state": "absent"}]
    tenant.faults(barrier(operation))
    assert [message_of(result) for result in together(tenant, document, document)] == ["", ""]
    assert tenant.names() == ["Not ours"]
    settled(tenant, document)


def test_one_removes_what_the_other_changes(tenant: Watched) -> None:
    tenant.fill()
    removal, change = [{"name": "HQ", "state": "absent"}], [{"name": "HQ", "hostname": "new.example.com"}]
    tenant.faults(barrier("listDeliveryRouteDefinitions"))
    removed, _changed = together(tenant, removal, change)
    assert message_of(removed) == ""
    settled(tenant, removal)


def test_documents_that_do_not_meet_do_not_disturb_each_other(tenant: Watched) -> None:
    documents = [[{**ROUTE, "name": name, "policies": [POLICY]}] for name in ("North", "South", "West")]
    tenant.faults(barrier("listDeliveryRouteDefinitions", 3), barrier("createDeliveryRouteDefinition", 3))
    assert [message_of(result) for result in together(tenant, *documents)] == ["", "", ""]
    assert tenant.names() == ["North", "South", "West"]
    settled(tenant, *documents)
