# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Server connections in the tenant document: seen in one read, handed over beside the plan, and removed as a part of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Tenant
from test_server_connection import EWS, OFFICE, SECRET, WHO, store

ROUTE = {"name": "HQ", "hostname": "mx1.example.com"}
CONNECTOR = {"name": "365", "tenant_domain": "example.onmicrosoft.com", "connector": "Sync"}


def run(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_tenant", check, **options)


def same_both_ways(tenant: Tenant, **options: Any) -> dict[str, Any]:
    """The result of a real run, which check mode has told without a write; no secret in either."""
    tenant.requests()
    predicted = run(tenant, True, **options)
    assert not predicted.get("failed") and tenant.requests(writes=True) == [], predicted
    result = run(tenant, **options)
    assert not result.get("failed") and {**predicted, "api": 0} == {**result, "api": 0}, (predicted, result)
    assert SECRET not in json.dumps(result)
    return result


def refused(tenant: Tenant, words: str, **options: Any) -> str:
    tenant.requests()
    for check in (True, False):
        result = run(tenant, check, **options)
        assert result.get("failed") and words in result["msg"], result
    assert tenant.requests(writes=True) == [] and SECRET not in json.dumps(result)
    return result["msg"]


def operations(tenant: Tenant) -> list[str]:
    return [one["operation"] for one in tenant.requests()]


def test_connected_ones_are_no_change_and_one_read(tenant: Tenant) -> None:
    store(tenant, "Sync")
    store(tenant, "Exchange", provider="exchange_web_services")
    tenant.requests()
    result = run(tenant, server_connections=[OFFICE, EWS])
    assert (result["changed"], result["pending"], result["handovers"]) == (False, False, []) and "msg" not in result, result
    assert operations(tenant) == ["listConnectors"]
    assert run(tenant, server_connections=[{"name": "Sync", "state": "exists"}])["pending"] is False


def test_a_document_without_them_does_not_look(tenant: Tenant) -> None:
    tenant.requests()
    result = run(tenant, True, delivery_routes=[ROUTE])
    assert (result["pending"], result["handovers"]) == (False, [])
    assert operations(tenant) == ["listDeliveryRouteDefinitions"]


def test_handovers_stand_beside_the_plan(tenant: Tenant) -> None:
    store(tenant, "Sync", status="error")
    document = {"server_connections": [OFFICE, EWS], "delivery_routes": [ROUTE]}
    result = same_both_ways(tenant, **document)
    assert [change["kind"] for change in result["changes"]] == ["delivery_routes"] and result["changed"] is True
    assert result["pending"] is True and [(one["title"], one["state"]) for one in result["handovers"]] == [
        ("Edit the server connection 'Sync' (Office 365)", "open"),
        ("Create the server connection 'Exchange' (Exchange Web Services URL)", "open"),
    ]
    assert result["msg"].startswith("To be done by hand: Edit the server connection 'Sync' (Office 365) (open); Create")
    alone = tenant.call("mimecast_server_connection", **EWS)
    assert result["handovers"][1] == alone["handover"], "the module and the document say the same"
    again = run(tenant, **document)
    assert (again["changed"], again["pending"], again["changes"]) == (False, True, []), "never a fake change"
    for row in tenant.objects("connectors"):
        tenant.sandbox.patch(tenant.code, "connectors", row["ref"], status="connected")
    store(tenant, "Exchange", provider="exchange_web_services")
    done = run(tenant, **document)
    assert (done["changed"], done["pending"], done["handovers"]) == (False, False, [])


def test_an_acknowledgement_stays_pending(tenant: Tenant) -> None:
    result = same_both_ways(tenant, server_connections=[{**EWS, "acknowledged": {**WHO, "until": "2999-12-31"}}])
    assert result["pending"] is True and result["handovers"][0]["state"] == "acknowledged" and result["changed"] is False


def test_the_account_is_in_the_steps(tenant: Tenant) -> None:
    (handover,) = run(tenant, server_connections=[OFFICE], account_code=tenant.code)["handovers"]
    assert "of account " + tenant.code in " ".join(handover["steps"])


def test_a_removal_is_a_change_of_the_plan(tenant: Tenant) -> None:
    store(tenant, "Sync")
    assert run(tenant, microsoft_365_connectors=[CONNECTOR])["changed"]
    gone = {"name": "Sync", "state": "absent"}
    refused(tenant, "Cannot delete server connection 'Sync': Microsoft 365 connector '365' uses it as connector", server_connections=[gone])
    tenant.requests()
    result = same_both_ways(tenant, server_connections=[gone], microsoft_365_connectors=[{"name": "365", "state": "absent"}], delivery_routes=[ROUTE])
    assert [(change["action"], change["kind"]) for change in result["changes"]] == [
        ("create", "delivery_routes"), ("delete", "microsoft_365_connectors"), ("delete", "server_connections")]
    assert result["diff"]["before"]["server connection 'Sync'"]["product"] == "Directory Sync" and result["handovers"] == []
    assert tenant.objects("connectors") == [] and run(tenant, server_connections=[gone])["changed"] is False


def test_what_the_api_does_not_delete_is_handed_over(tenant: Tenant) -> None:
    store(tenant, "Exchange", provider="exchange_web_services")
    store(tenant, "Sync")
    result = same_both_ways(tenant, server_connections=[{"name": name, "state": "absent"} for name in ("Exchange", "Sync", "Never")])
    assert [change["name"] for change in result["changes"]] == ["Sync"]
    assert [one["title"] for one in result["handovers"]] == ["Delete the server connection 'Exchange' (exchange_web_services)"]
    assert [row["name"] for row in tenant.objects("connectors")] == ["Exchange"]


def test_a_connection_that_a_service_uses_stops_the_run(tenant: Tenant) -> None:
    store(tenant, "Sync", usedBy=["Remediation"])
    result = run(tenant, server_connections=[{"name": "Sync", "state": "absent"}], delivery_routes=[ROUTE])
    assert result["failed"] and [change["kind"] for change in result["changes"]] == ["delivery_routes"], result
    for words in ("in use by: Remediation", "server connection 'Sync' is listed for the product 'Directory Sync'", "Take it out of them first"):
        assert words in result["msg"]


@pytest.mark.parametrize("guard, words", [
    ({"protect": ["Sync"]}, "the plan removes server connection 'Sync', which protect names"),
    ({"max_removals": 0}, "more than max_removals, which is 0"),
])
def test_guards(tenant: Tenant, guard: dict[str, Any], words: str) -> None:
    store(tenant, "Sync")
    refused(tenant, words, server_connections=[{"name": "Sync", "state": "absent"}], **guard)
    refused(tenant, words, server_connections=[], purge=["server_connections"], **guard)


def test_purge(tenant: Tenant) -> None:
    for name, provider in (("Sync", "azure_standard"), ("Old", "azure_gcc"), ("Teams", "ms_teams")):
        store(tenant, name, provider=provider)
    refused(tenant, "purge names server_connections, which the document does not declare", purge=["server_connections"])
    result = same_both_ways(tenant, server_connections=[OFFICE], purge=["server_connections"])
    assert [change["name"] for change in result["changes"]] == ["Old"]
    assert [one["title"] for one in result["handovers"]] == ["Delete the server connection 'Teams' (ms_teams)"]
    assert [row["name"] for row in tenant.objects("connectors")] == ["Sync", "Teams"]


def test_plan_files(tenant: Tenant, tmp_path: Path) -> None:
    """The removal is in the file, neither a handover nor a secret is; the file is carried out or refused like any other."""
    store(tenant, "Old")
    path = str(tmp_path / "plan.json")
    document = {"server_connections": [EWS, {"name": "Old", "state": "absent"}]}
    assert run(tenant, True, plan_file=path, **document)["changed"]
    text = Path(path).read_text(encoding="utf-8")
    assert [(change["action"], change["name"]) for change in json.loads(text)["changes"]] == [("delete", "Old")] and SECRET not in text
    store(tenant, "Other")
    more = [*document["server_connections"], {"name": "Other", "state": "absent"}]
    refused(tenant, "delete server connection 'Other' is not in the plan", server_connections=more, apply_plan=path)
    result = run(tenant, apply_plan=path, **document)
    assert result["changed"] and result["pending"] and [row["name"] for row in tenant.objects("connectors")] == ["Other"]
    again = run(tenant, apply_plan=path, **document)
    assert (again["changed"], again["pending"]) == (False, True)


def test_a_connector_needs_its_connection_made(tenant: Tenant) -> None:
    """What depends on a person is refused with the person's steps, and nothing is half done."""
    document = {"server_connections": [OFFICE], "microsoft_365_connectors": [CONNECTOR], "delivery_routes": [ROUTE]}
    message = refused(tenant, "Microsoft 365 connector '365' needs server connection 'Sync', which is declared but not there", **document)
    assert "Click New Server Connection." in message and tenant.objects() == []
    store(tenant, "Sync", status="configured")
    result = run(tenant, **document)
    assert result["changed"] and result["pending"] and len(result["changes"]) == 2, "it is there, whatever its status"


@pytest.mark.parametrize("items, words", [
    ([{**EWS, "url": "http://mail.example.com/EWS"}, {**OFFICE, "mailbox_check": "check"}],
     ["Server connection 'Exchange': url: it must begin with https://", "Server connection 'Sync': mailbox_check is 'check'", "Delivery route 'HQ': port"]),
    ([{**OFFICE, "name": " "}], ["Server connection number 1: name: it must not be empty"]),
    ([OFFICE, {**OFFICE, "name": "Sync "}], ["Server connection 'Sync': it is declared twice"]),
    ([{"name": "Sync"}], ["state is present but all of the following are missing: type found in server_connections"]),
])
def test_wrong_input_is_said_at_once(tenant: Tenant, items: list[dict[str, Any]], words: list[str]) -> None:
    message = refused(tenant, words[0], server_connections=items, delivery_routes=[{**ROUTE, "port": 0}])
    assert tenant.requests() == [] and not [text for text in words if text not in message]


def test_what_is_not_clear_is_not_guessed(tenant: Tenant) -> None:
    store(tenant, "Teams", provider="ms_teams")
    for item, words in (
        ({"name": "Teams", "type": "office_365", "state": "absent"}, "its provider is 'ms_teams', which is not of type office_365"),
        ({"name": "Sync", "state": "exists"}, "Cannot confirm server connection 'Sync': the tenant lists none"),
        ({"name": "Sync", "type": "office_365"}, "it does not exist yet and needs application_id and tenant_domain and mailbox_check"),
    ):
        refused(tenant, words, server_connections=[item], delivery_routes=[ROUTE])
    store(tenant, "Sync")
    store(tenant, "Sync", provider="azure_gcc")
    refused(tenant, "Cannot tell which server connection 'Sync' is meant", server_connections=[OFFICE])


def test_a_local_name_is_warned_about(tenant: Tenant) -> None:
    (warning,) = run(tenant, server_connections=[{**EWS, "master_mailbox": "svc@corp.local"}])["warnings"]
    assert "svc@corp.local has a local user principal name" in warning


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "cut_body"])
def test_a_lost_answer_to_a_deletion(tenant: Tenant, quick: None, fault: str) -> None:
    store(tenant, "Sync")
    tenant.sandbox.faults([{"operation": "deleteConnector", "kind": fault, "times": 1}])
    result = run(tenant, server_connections=[{"name": "Sync", "state": "absent"}])
    assert result.get("changed") and tenant.objects("connectors") == [], result


def test_export_and_apply(tenant: Tenant, tmp_path: Path) -> None:
    """Connected ones come back without a change or a handover; those of no type are a comment."""
    store(tenant, "Sync")
    store(tenant, "Exchange", provider="exchange_web_services")
    store(tenant, "Teams", provider="ms_teams")
    assert run(tenant, microsoft_365_connectors=[CONNECTOR])["changed"]
    path = tmp_path / "customer.yml"
    exported = tenant.call("mimecast_export", dest=str(path))
    assert exported["document"]["server_connections"] == [{"name": "Exchange", "type": "exchange_web_services"}, {"name": "Sync", "type": "office_365"}]
    assert "#   server connection 'Teams': its provider is 'ms_teams', which is of no type" in path.read_text(encoding="utf-8")
    again = run(tenant, **exported["document"])
    assert (again.get("changed"), again["pending"], again["api"]["writes"]) == (False, False, 0), again
    assert tenant.call("mimecast_export", kinds=["server_connections"])["document"] == {"server_connections": exported["document"]["server_connections"]}
    assert tenant.call("mimecast_export", kinds=["groups"])["notes"] == []
