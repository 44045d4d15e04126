# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Server connections: seen, handed over with exact steps, waited for, and deleted where nothing uses them."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from conftest import Tenant

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import server_connection as _server_connection
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Acknowledgement, Handover

SECRET = "pw-of-the-master-mailbox"
OFFICE = {
    "name": "Sync", "type": "office_365", "application_id": "0000-4000", "tenant_domain": "Example.onmicrosoft.com",
    "mailbox_check": "check@example.com",
}
EWS = {
    "name": "Exchange", "type": "exchange_web_services", "url": "https://mail.example.com/EWS/Exchange.asmx",
    "master_mailbox": "svc@example.com", "master_mailbox_password": SECRET, "mailbox_check": "check@example.com",
}
WHO = {"by": "J. Doe", "on": "2026-01-31"}


def run(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_server_connection", check, **options)


def store(tenant: Tenant, name: str, **more: Any) -> int:
    return tenant.sandbox.insert(tenant.code, "connectors", {"name": name, **more})[0]


def pending(tenant: Tenant, **options: Any) -> dict[str, Any]:
    """The handover, the same in check mode, with nothing changed, nothing written and no secret."""
    tenant.requests()
    result = run(tenant, **options)
    assert not result.get("failed") and result["pending"] is True and result["changed"] is False, result
    assert result["changes"] == [] and result["diff"] == {"before": {}, "after": {}}
    predicted = run(tenant, True, **options)
    assert {**predicted, "api": 0} == {**result, "api": 0} and tenant.requests(writes=True) == []
    assert SECRET not in json.dumps(result)
    return result["handover"]


def refused(tenant: Tenant, words: str, **options: Any) -> str:
    tenant.requests()
    for check in (True, False):
        result = run(tenant, check, **options)
        assert result.get("failed") and words in result["msg"], result
    assert tenant.requests(writes=True) == [] and SECRET not in json.dumps(result)
    return result["msg"]


@pytest.mark.parametrize("wish, provider", [
    (OFFICE, "office_365"), (OFFICE, "office_365_gcc"), (OFFICE, "azure_standard"), (OFFICE, "azure_gcc"), (EWS, "exchange_web_services"),
])
def test_connected_is_unchanged_and_costs_one_read(tenant: Tenant, wish: dict[str, Any], provider: str) -> None:
    store(tenant, wish["name"], provider=provider)
    for options in (wish, {"name": wish["name"], "type": wish["type"]}, {"name": wish["name"], "state": "exists"}):
        tenant.requests()
        result = run(tenant, **options)
        assert (result["changed"], result["pending"]) == (False, False) and "handover" not in result, result
        assert result["server_connection"] == {"name": wish["name"], "provider": provider, "product": "Directory Sync", "status": "connected"}
        assert [one["operation"] for one in tenant.requests()] == ["listConnectors"]


def test_missing_office_365(tenant: Tenant) -> None:
    handover = pending(tenant, **OFFICE)
    assert handover["title"] == "Create the server connection 'Sync' (Office 365)" and handover["state"] == "open"
    assert "no public api" in handover["why"].lower() and "lists none of that name" in handover["why"]
    assert handover["steps"][-8:] == [
        "Click New Server Connection.", "Enter the Name: Sync", "Select the Connection Type: Office 365", "Enter the Client Id: 0000-4000",
        "Enter the Tenant Domain: example.onmicrosoft.com", "Enter the Mailbox Check: check@example.com",
        "Click Test Connection; it must succeed.", "Click Create Connection.",
    ]


def test_missing_exchange(tenant: Tenant) -> None:
    handover = pending(tenant, **EWS, account_code=tenant.code)
    steps = " ".join(handover["steps"])
    for words in ("Basic Authentication", "Let mail.example.com show a certificate", "impersonation for svc@example.com", "from the vault",
                  "of account " + tenant.code, "Select the Security Mode: Strict"):
        assert words in steps, words
    assert "administrator of Exchange" in handover["for_whom"]
    assert "Select the Security Mode: Relaxed" in pending(tenant, **{**EWS, "security_mode": "relaxed"})["steps"]


@pytest.mark.parametrize("stored, words", [
    ({"provider": "ms_teams"}, "its provider is 'ms_teams' instead of office_365 or"),
    ({"status": "error"}, "its status is 'error' instead of 'connected'"),
    ({"status": "configured"}, "its status is 'configured' instead of 'connected'"),
])
def test_something_else_is_edited(tenant: Tenant, stored: dict[str, Any], words: str) -> None:
    store(tenant, "Sync", **stored)
    handover = pending(tenant, **OFFICE)
    assert handover["title"].startswith("Edit") and words in handover["why"]
    assert "Click Edit Connection to the right of 'Sync'." in handover["steps"] and handover["steps"][-1] == "Click Save Changes."
    assert not [step for step in handover["steps"] if step.startswith("Enter the Name")]
    assert words in refused(tenant, "Cannot confirm server connection 'Sync'", **OFFICE, state="exists")


def test_an_edit_needs_no_more_than_was_given(tenant: Tenant) -> None:
    store(tenant, "Exchange", provider="exchange_web_services", status="error")
    handover = pending(tenant, name="Exchange", type="exchange_web_services")
    assert not [step for step in handover["steps"] if step.startswith("Enter")]


@pytest.mark.parametrize("until, state", [("2999-12-31", "acknowledged"), ("2026-02-01", "expired")])
def test_an_acknowledgement_marks_the_handover(tenant: Tenant, until: str, state: str) -> None:
    handover = pending(tenant, **EWS, acknowledged={**WHO, "until": until})
    assert handover["state"] == state and handover["acknowledged"] == {**WHO, "until": until}


def test_a_day_by_a_name_that_yaml_leaves_alone(tenant: Tenant) -> None:
    given = {"by": "J. Doe", "since": "2026-01-31", "until": "2026-02-01"}
    assert pending(tenant, **EWS, acknowledged=given)["acknowledged"] == {**WHO, "until": "2026-02-01"}


def test_the_last_day_counts() -> None:
    handover = Handover("T", "me", ("Do",), "why", "done", Acknowledgement("J", "2026-01-01", "2026-01-31"))
    assert [handover.state(day) for day in ("2026-01-31", "2026-02-01")] == ["acknowledged", "expired"]
    assert handover.as_dict("2026-02-01")["state"] == "expired" and handover.as_text() == "T (for: me). 1. Do"


def test_waiting(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_server_connection, "PAUSE", 0.05)
    message = refused_after(tenant, wait_timeout=1, **EWS)
    assert "Cannot see server connection 'Exchange' connected after 1 s: the tenant lists none of that name" in message
    assert "1. On every Exchange server" in message and "Click New Server Connection." in message and SECRET not in message
    assert run(tenant, wait_timeout=60, acknowledged={**WHO, "until": "2999-12-31"}, **EWS)["pending"], "somebody knows: no waiting"
    assert run(tenant, True, wait_timeout=60, **EWS)["pending"], "check mode does not wait"
    timer = threading.Timer(0.3, store, (tenant, "Exchange"), {"provider": "exchange_web_services"})
    timer.start()
    result = run(tenant, wait_timeout=30, **EWS)
    timer.join()
    assert (result.get("pending"), result["changed"]) == (False, False) and result["server_connection"]["status"] == "connected", result


def refused_after(tenant: Tenant, **options: Any) -> str:
    result = run(tenant, **options)
    assert result.get("failed") and result["changed"] is False, result
    return result["msg"]


@pytest.mark.parametrize("change, words", [
    ({"url": "http://mail.example.com/EWS"}, "url: it must begin with https://"),
    ({"url": "mail.example.com"}, "url: it must begin with https://"),
    ({"url": "https://mail.example.com:8443/EWS"}, "connects to port 443 only"),
    ({"url": "https://mail.example.com:99999/EWS"}, "it is not a URL"),
    ({"url": "https://[2001:db8::1]/EWS"}, "no use of IPv6"),
    ({"url": "https://svc:" + SECRET + "@mail.example.com/EWS", "master_mailbox_password": None}, "must not hold a user name or password"),
    ({"master_mailbox": "svc"}, "master_mailbox is 'svc': it is not a mail address"),
    ({"mailbox_check": "check"}, "mailbox_check is 'check': it is not a mail address"),
    ({"tenant_domain": "example.com"}, "tenant_domain does not go with type exchange_web_services"),
    ({"acknowledged": {"by": "J", "on": "31.1.2026", "until": "2026-02-01"}}, "acknowledged: on: it is not a day"),
    ({"acknowledged": {"by": "J", "on": "2026-03-01", "until": "2026-02-01"}}, "until must not be before on"),
    ({"acknowledged": {"by": " ", "on": "2026-03-01", "until": "2026-04-01"}}, "by must say who"),
    ({"wait_timeout": -1}, "wait_timeout is -1"),
    ({"name": " "}, "name: it must not be empty"),
])
def test_wrong_input_is_refused_before_anything_is_asked(tenant: Tenant, change: dict[str, Any], words: str) -> None:
    message = refused(tenant, words, **{**EWS, **change})
    assert message.startswith("Nothing was changed, the input is wrong. Server connection") and tenant.requests() == []


def test_everything_wrong_is_said_at_once(tenant: Tenant) -> None:
    message = refused(tenant, "url", **{**OFFICE, "url": EWS["url"], "security_mode": "relaxed", "tenant_domain": "no domain"})
    for words in ("url does not go", "security_mode does not go", "tenant_domain is 'no domain'"):
        assert words in message


@pytest.mark.parametrize("wish, missing", [(EWS, "master_mailbox_password"), (EWS, "url"), (EWS, "mailbox_check"), (OFFICE, "application_id")])
def test_a_new_one_needs_everything(tenant: Tenant, wish: dict[str, Any], missing: str) -> None:
    for empty in ({missing: None}, {missing: ""} if missing.endswith("password") else {missing: None}):
        refused(tenant, "it does not exist yet and needs " + missing, **{**wish, **empty})


def test_a_local_name_is_warned_about(tenant: Tenant) -> None:
    (warning,) = run(tenant, **{**EWS, "master_mailbox": "svc@corp.local"})["warnings"]
    assert "svc@corp.local has a local user principal name" in warning and "warnings" not in run(tenant, **EWS)


def test_type_is_needed_to_declare_one(tenant: Tenant) -> None:
    assert "state is present but all of the following are missing: type" in run(tenant, name="Sync")["msg"]


def test_deletion(tenant: Tenant) -> None:
    store(tenant, "Sync")
    tenant.requests()
    predicted = run(tenant, True, name="Sync", state="absent")
    assert predicted["changed"] and tenant.requests(writes=True) == []
    result = run(tenant, name="Sync", type="office_365", state="absent")
    assert result["changes"] == [{"action": "delete", "kind": "server_connections", "name": "Sync"}] == predicted["changes"]
    assert result["diff"] == predicted["diff"] and result["server_connection"] == {} and tenant.objects("connectors") == []
    assert run(tenant, name="Sync", state="absent")["changed"] is False


def test_a_connection_in_use_is_not_deleted(tenant: Tenant) -> None:
    ref = store(tenant, "Sync", usedBy=["Remediation"])
    made = tenant.call("mimecast_directory_connector", type="microsoft_365", name="365", tenant_domain="example.onmicrosoft.com", connector="Sync")
    assert made.get("changed"), made
    refused(tenant, "Cannot delete server connection 'Sync': Microsoft 365 connector '365' uses it as connector", name="Sync", state="absent")
    assert tenant.call("mimecast_directory_connector", type="microsoft_365", name="365", state="absent")["changed"]
    result = run(tenant, name="Sync", state="absent")
    assert result["failed"] and result["changed"] is False, result
    for words in ("Cannot delete server connection 'Sync'", "in use by: Remediation", "for the product 'Directory Sync'", "Take it out of them first"):
        assert words in result["msg"], result
    tenant.sandbox.patch(tenant.code, "connectors", ref, usedBy=[])
    assert run(tenant, name="Sync", state="absent")["changed"]


def test_what_the_api_does_not_delete_is_handed_over(tenant: Tenant) -> None:
    store(tenant, "Exchange", provider="exchange_web_services")
    handover = pending(tenant, name="Exchange", state="absent")
    assert handover["steps"][-2:] == ["Click the Delete icon to the right of 'Exchange'.", "Click Delete Connection."]
    assert "azure_standard and azure_gcc only" in handover["why"] and len(tenant.objects("connectors")) == 1


def test_what_is_not_clear_is_not_guessed(tenant: Tenant) -> None:
    store(tenant, "Teams", provider="ms_teams")
    refused(tenant, "its provider is 'ms_teams', which is not of type office_365", name="Teams", type="office_365", state="absent")
    store(tenant, "Sync")
    store(tenant, "Sync", provider="azure_gcc")
    for state in ("present", "absent", "exists"):
        refused(tenant, "Cannot tell which server connection 'Sync' is meant", **{**OFFICE, "state": state})
    refused(tenant, "Cannot confirm server connection 'Other': the tenant lists none", name="Other", state="exists")


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "cut_body"])
def test_a_lost_answer_to_a_deletion(tenant: Tenant, quick: None, fault: str) -> None:
    store(tenant, "Sync")
    tenant.sandbox.faults([{"operation": "deleteConnector", "kind": fault, "times": 1}])
    assert run(tenant, name="Sync", state="absent")["changed"] and tenant.objects("connectors") == []


def test_info_lists_them(tenant: Tenant) -> None:
    store(tenant, "Exchange", provider="exchange_web_services", status="configured")
    assert tenant.call("mimecast_info", gather_subset=["server_connections"])["server_connections"] == [
        {"name": "Exchange", "provider": "exchange_web_services", "product": "Directory Sync", "status": "configured"}]
