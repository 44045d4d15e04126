# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault at every call: the law of watched.py holds, and the same call finishes the work once the fault is over."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import DEFINITIONS, POLICIES, Tenant
from mimecast_sandbox.control import Sandbox
from watched import ADVICE, AFTER, BEFORE, DOCUMENT, Watched, message_of
from wires import Reply, WebServer, relay

from ansible_collections.mimecast.connect.plugins.module_utils._api import client as client_module
from ansible_collections.mimecast.connect.plugins.module_utils._engine import apply as apply_module

LOOKS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05)  # seconds

READS = {
    "getToken": "log on to the service",
    "listDeliveryRouteDefinitions": "read delivery routes",
    "listDeliveryRoutePolicies": "read delivery route policies",
    "listInternalDomains": "read internal domains",
}
CREATIONS = {
    "createDeliveryRouteDefinition": "create delivery route 'Fresh'",
    "createDeliveryRoutePolicy": "create delivery route policy 'Added' of 'HQ'",
}
REPEATABLE = {
    "updateDeliveryRouteDefinition": "update delivery route 'HQ'",
    "updateDeliveryRoutePolicy": "update delivery route policy 'Inbound' of 'HQ'",
    "deleteDeliveryRouteDefinition": "delete delivery route 'Gone'",
    "deleteDeliveryRoutePolicy": "delete delivery route policy 'Out of date' of 'HQ'",
}
CALLS = {**READS, **CREATIONS, **REPEATABLE}

# The rule, and what must come of it when it strikes a read, a creation, and a write that may be repeated.
FAULTS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "429 with reset": ({"kind": "status", "status": 429, "reset_ms": 1500}, "done", "done", "done"),
    "429 without reset": ({"kind": "status", "status": 429, "times": 2}, "done", "done", "done"),
    "429 for an hour": ({"kind": "status", "status": 429, "reset_ms": 3_600_000}, "failed", "failed", "failed"),
    "429 for ever": ({"kind": "status", "status": 429, "times": 99}, "failed", "failed", "failed"),
    "503 before commit": ({"kind": "status", "status": 503}, "done", "failed", "done"),
    "503 after commit": ({"kind": "status", "status": 503, "before_commit": False}, "done", "done", "done"),
    "503 for ever": ({"kind": "status", "status": 503, "times": 99}, "failed", "failed", "failed"),
    "dropped before commit": ({"kind": "drop_before"}, "done", "failed", "done"),
    "dropped after commit": ({"kind": "drop_after"}, "done", "done", "done"),
    "cut JSON": ({"kind": "cut_body"}, "done", "done", "done"),
    "wrong content type": ({"kind": "wrong_type"}, "done", "done", "done"),
    "token expired": ({"kind": "expire_token"}, "done", "done", "done"),
}


@pytest.fixture
def tenant(sandbox: Sandbox, quick: None, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A tenant in the state BEFORE."""
    monkeypatch.setattr(apply_module, "LOOKS", LOOKS)
    found = Watched(sandbox)
    found.fill()
    return found


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client would have slept; it does not."""
    found: list[float] = []
    monkeypatch.setattr(client_module, "time", SimpleNamespace(sleep=found.append))
    return found


def expected(operation: str, fault: str) -> str:
    _rule, read, creation, repeatable = FAULTS[fault]
    return read if operation in READS else creation if operation in CREATIONS else repeatable


# Changes and removals are answered without a body: there is nothing to cut.
CASES = [(operation, fault) for operation in CALLS for fault in FAULTS if not (operation in REPEATABLE and fault == "cut JSON")]


@pytest.mark.parametrize(("operation", "fault"), CASES)
def test_each_fault_at_each_call(tenant: Watched, slept: list[float], operation: str, fault: str) -> None:
    tenant.faults({**FAULTS[fault][0], "operation": operation})
    result = tenant.document(DOCUMENT)
    assert tenant.sandbox.faults()[0]["fired"], "the fault was not met"
    assert ("failed" if result.get("failed") else "done", message_of(result)) == (expected(operation, fault), message_of(result))
    if result.get("failed"):
        assert "Cannot " + CALLS[operation] in result["msg"]
    else:
        assert tenant.state() == AFTER
    tenant.settle(changed=bool(result.get("failed")))


@pytest.mark.parametrize("fault", ["503 before commit", "503 for ever", "dropped after commit", "cut JSON", "token expired"])
@pytest.mark.parametrize("operation", ["listDeliveryRouteDefinitions", "listDeliveryRoutePolicies"])
def test_each_fault_at_the_reading_back(tenant: Watched, slept: list[float], operation: str, fault: str) -> None:
    tenant.faults({**FAULTS[fault][0], "operation": operation, "after": 1})
    assert ("failed" if tenant.document(DOCUMENT).get("failed") else "done") == expected(operation, fault)
    tenant.settle()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", READS)
def test_check_mode_under_faults_never_writes(tenant: Watched, slept: list[float], operation: str, fault: str) -> None:
    tenant.faults({**FAULTS[fault][0], "operation": operation})
    tenant.requests()
    result = tenant.document(DOCUMENT, check=True)
    assert {one["method"] for one in tenant.requests()} <= {"GET"}
    assert tenant.state() == BEFORE
    assert result.get("failed") or len(result["changes"]) == 8


def test_a_429_waits_as_long_as_the_service_asks(tenant: Watched, slept: list[float]) -> None:
    tenant.faults({"kind": "status", "status": 429, "reset_ms": 1500, "operation": "updateDeliveryRouteDefinition"},
                  {"kind": "status", "status": 429, "retry_after": 3, "operation": "createDeliveryRouteDefinition"})
    api = tenant.document(DOCUMENT)["api"]
    assert slept == [pytest.approx(1.575, abs=0.08), pytest.approx(3.15, abs=0.16)]
    assert (api["retries"], api["writes"], api["waited_s"]) == (2, 10, pytest.approx(sum(slept), abs=0.01))


@pytest.mark.parametrize(("limit", "sentence"), [
    (10, "asks to wait 8 s more, which exceeds rate_limit_max_wait (10 s)"),
    (0, "asks to wait 8 s more, which exceeds rate_limit_max_wait (0 s)"),
])
def test_the_ceiling_counts_all_waiting_of_a_task(tenant: Watched, slept: list[float], limit: int, sentence: str) -> None:
    tenant.faults({"kind": "status", "status": 429, "reset_ms": 8000, "times": 2})
    result = tenant.route(name="HQ", hostname="new.example.com", rate_limit_max_wait=limit)
    assert sentence in result["msg"]
    assert len(slept) == limit // 8


def test_a_quota_that_runs_out_in_the_middle_only_takes_time(tenant: Watched) -> None:
    tenant.sandbox.settings(rate_limits={"*Policy": {"limit": 1, "window_ms": 150}})
    result = tenant.document(DOCUMENT)
    assert (message_of(result), tenant.state()) == ("", AFTER)
    assert result["api"]["retries"] >= 1


@pytest.mark.parametrize(("operation", "after"), [
    ("listDeliveryRoutePolicies", 0),  # between two reads
    ("updateDeliveryRouteDefinition", 0),  # between reading and writing
    ("createDeliveryRoutePolicy", 1),  # between two writes
])
def test_an_expired_token_is_renewed_once(tenant: Watched, operation: str, after: int) -> None:
    tenant.faults({"kind": "expire_token", "operation": operation, "after": after})
    tenant.sandbox.clear_requests()
    assert message_of(tenant.document(DOCUMENT)) == ""
    assert [one["operation"] for one in tenant.sandbox.requests()].count("getToken") == 2
    tenant.settle()


def test_a_missing_product_is_named_with_its_permission(tenant: Watched) -> None:
    other = tenant.sandbox.credential(tenant.code, products=["domainmanagement"])
    tenant.connection.update(client_id=other["client_id"], client_secret=other["client_secret"])
    message = tenant.document(DOCUMENT)["msg"]
    assert message.startswith("Cannot read delivery routes: the service answered 403")
    assert "the product emailsecurityonboarding or policymanagement" in message
    assert "'Gateway | Policies | Read'" in message


def test_a_role_that_may_only_read_changes_nothing(tenant: Watched) -> None:
    reads = ["Gateway | Policies | Read", "Directories | Internal | Read", "Directories | Groups | Read"]
    other = tenant.sandbox.credential(tenant.code, permissions=reads)
    tenant.connection.update(client_id=other["client_id"], client_secret=other["client_secret"])
    assert tenant.document(DOCUMENT, check=True)["changed"]
    message = tenant.document(DOCUMENT)["msg"]
    assert message.startswith("Cannot update delivery route 'HQ'") and "'Gateway | Policies | Edit'" in message
    assert tenant.state() == BEFORE


@pytest.mark.parametrize("wrong", [{"client_secret": "wrong-secret"}, {"client_id": "nobody"}])
def test_a_wrong_credential_is_refused_in_one_sentence(tenant: Watched, wrong: dict[str, str]) -> None:
    tenant.connection.update(wrong)
    message = tenant.document(DOCUMENT)["msg"]
    assert re.fullmatch(r"Cannot log on to the service with client id '\S+': it was refused \(.*\); check client_id and client_secret", message)
    assert "wrong-secret" not in message


CHANGES: dict[str, Callable[[Watched], dict[str, Any]]] = {
    "update": lambda tenant: tenant.route(name="Twin", hostname="new.example.com"),
    "remove": lambda tenant: tenant.route(name="Twin", state="absent"),
    "assert": lambda tenant: tenant.route(name="Twin", state="exists"),
    "document": lambda tenant: tenant.document([*DOCUMENT, {"name": "Twin", "hostname": "new.example.com"}]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_name_that_exists_twice_is_never_guessed_at(sandbox: Sandbox, quick: None, change: str) -> None:
    tenant = Tenant(sandbox)
    twins = [{"description": "Twin", "hostname": host} for host in ("one.example.com", "two.example.com")]
    sandbox.insert(tenant.code, DEFINITIONS, twins)
    message = CHANGES[change](tenant)["msg"]
    assert message.startswith("Cannot tell which delivery route 'Twin' is meant: the tenant has 2 of that name")
    assert "one.example.com" in message and "two.example.com" in message and ADVICE.search(message)
    assert tenant.requests(writes=True) == []


def test_twins_that_nobody_declared_do_not_matter(sandbox: Sandbox, quick: None) -> None:
    tenant = Tenant(sandbox)
    twins = [{"description": "Twin", "hostname": host} for host in ("one.example.com", "two.example.com")]
    refs = sandbox.insert(tenant.code, DEFINITIONS, twins)
    to = {"type": "email_domain", "domain": "example.com"}
    sandbox.insert(tenant.code, POLICIES, [{"description": "Same", "definitionId": ref, "to": to} for ref in refs])
    assert message_of(tenant.document([{**DOCUMENT[0], "policies": None}])) == ""
    assert tenant.names() == ["HQ", "Twin", "Twin"]
    assert tenant.document([{**DOCUMENT[0], "policies": None}])["changed"] is False


def held(tenant: Watched, operation: str, act: Callable[[], Any], after: int = 0) -> dict[str, Any]:
    """The result of DOCUMENT when ``act`` happens just before the service handles ``operation``."""
    tenant.alone = False
    tenant.faults({"kind": "hold", "name": "gate", "operation": operation, "after": after})
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(tenant.document, DOCUMENT)
        while not run.done() and not tenant.sandbox.health()["waiting"].get("gate"):
            time.sleep(0.005)
        act()
        assert tenant.sandbox.release("gate") == 1, run.result()
        return run.result()


GONE = "somebody removed it while this run was at work; run again"


@pytest.mark.parametrize(("operation", "after", "name", "sentence"), [
    ("updateDeliveryRouteDefinition", 0, "HQ", "Cannot update delivery route 'HQ': " + GONE),
    ("updateDeliveryRoutePolicy", 0, "Inbound", "Cannot update delivery route policy 'Inbound' of 'HQ': " + GONE),
    ("createDeliveryRoutePolicy", 0, "HQ", "Cannot create delivery route policy 'Added' of 'HQ': the service answered 400: the id"),
    ("createDeliveryRouteDefinition", 0, "HQ", "Cannot create delivery route 'Fresh': the service answered 400: the id"),
    ("listDeliveryRouteDefinitions", 1, "HQ", "Cannot update delivery route 'HQ': it was written, but the tenant does not show it"),
    ("deleteDeliveryRouteDefinition", 0, "Gone", ""),
    ("deleteDeliveryRoutePolicy", 0, "Out of date", ""),
])
def test_removed_by_somebody_between_read_and_write(tenant: Watched, operation: str, after: int, name: str, sentence: str) -> None:
    message = message_of(held(tenant, operation, lambda: tenant.drop(name), after))
    assert message.startswith(sentence) and bool(message) == bool(sentence)
    tenant.settle()


def test_removed_between_a_write_of_unknown_outcome_and_its_proof(tenant: Watched) -> None:
    tenant.faults({"kind": "drop_after", "operation": "updateDeliveryRoutePolicy"})
    message = message_of(held(tenant, "getDeliveryRoutePolicy", lambda: tenant.drop("Inbound")))
    assert message == "Cannot update delivery route policy 'Inbound' of 'HQ': " + GONE
    tenant.settle()


@pytest.mark.parametrize("operation", [*CREATIONS, *REPEATABLE])
def test_a_write_that_shows_late(tenant: Watched, operation: str) -> None:
    tenant.faults({"kind": "lag", "delay_ms": 40, "operation": operation, "times": 9})
    assert (message_of(tenant.document(DOCUMENT)), tenant.state()) == ("", AFTER)
    time.sleep(0.04)
    tenant.settle()


@pytest.mark.parametrize("operation", CREATIONS)
def test_a_creation_that_shows_too_late(tenant: Watched, operation: str) -> None:
    tenant.faults({"kind": "lag", "delay_ms": 400, "operation": operation})
    message = tenant.document(DOCUMENT)["msg"]
    assert message == "Cannot {0}: it was written, but the tenant does not show it; run again in a few minutes".format(CREATIONS[operation])
    time.sleep(0.3)
    tenant.settle()


@pytest.mark.parametrize(("option", "sentence"), [
    ("hostname", "Cannot update delivery route 'HQ': the service accepted it, but reads back hostname as 'old.example.com' "
                 "instead of 'new.example.com'"),
    ("enabled", "Cannot update delivery route policy 'Inbound' of 'HQ': the service accepted it, but reads back enabled as True "
                "instead of False"),
])
def test_an_option_that_the_service_ignores_is_noticed(tenant: Watched, option: str, sentence: str) -> None:
    tenant.sandbox.settings(patch_ignores=[option])
    assert tenant.document(DOCUMENT)["msg"].startswith(sentence)
    tenant.sandbox.settings(patch_ignores=[])
    tenant.settle()


@pytest.mark.parametrize("manner", [
    {"list_shape": "nested"}, {"blank_auth_mechanism": True}, {"list_shape": "nested", "blank_auth_mechanism": True},
    {"policy_id_key": "policyId"}, {"policies_list_key": "definitions"}, {"max_page": 1},
    {"extra_fields": {"colour": "blue", "nested": {"list": [1]}}},
], ids=str)
def test_manners_of_the_service_that_must_not_matter(tenant: Watched, manner: dict[str, Any]) -> None:
    tenant.sandbox.settings(**manner)
    assert (message_of(tenant.document(DOCUMENT)), tenant.state()) == ("", AFTER)
    tenant.settle()


def test_ids_that_change_between_runs(tenant: Watched) -> None:
    tenant.sandbox.rotate_ids()
    assert (message_of(tenant.document(DOCUMENT)), tenant.state()) == ("", AFTER)
    tenant.sandbox.rotate_ids()
    tenant.settle()


@pytest.mark.parametrize("check", [True, False])
def test_a_page_that_never_ends_is_an_error(tenant: Watched, check: bool) -> None:
    tenant.sandbox.settings(repeat_page_token=True)
    message = tenant.document(DOCUMENT, check=check)["msg"]
    assert message.startswith("Cannot read delivery routes: the service handed out the same page twice")
    assert tenant.state() == BEFORE


@pytest.mark.parametrize(("old", "new", "sentence"), [
    (b'"definitions"', b'"routes"', "it listed objects under 'routes' where 'definitions' was expected"),
    (b'"policies"', b'"rules"', "it listed objects under 'rules' where 'policies' was expected"),
    (b'{"definitions"', b'[{"definitions"', "it answered with something that is not JSON"),
    (b'"nextPage"', b'', ""),
])
def test_a_list_under_an_unknown_name_is_not_an_empty_one(tenant: Watched, old: bytes, new: bytes, sentence: str) -> None:
    direct = tenant.connection["base_url"]
    with WebServer(relay(direct, lambda _request, reply: reply._replace(body=reply.body.replace(old, new)))) as server:
        tenant.connection["base_url"] = server.url
        message = message_of(tenant.document(DOCUMENT))
    assert sentence in message and bool(message) == bool(sentence)
    assert not sentence or tenant.state() == BEFORE
    tenant.connection["base_url"] = direct
    tenant.settle()


@pytest.mark.parametrize("body", [b"", b"{}", b'{"status": "ok"}', b"null", b"[]"])
def test_an_answer_without_a_list_is_not_an_empty_one(tenant: Watched, body: bytes) -> None:
    def change(request: Any, reply: Reply) -> Reply:
        return reply if request.path.startswith("/oauth") else Reply(200, body, reply.headers)

    with WebServer(relay(tenant.connection["base_url"], change)) as server:
        tenant.connection["base_url"] = server.url
        assert tenant.document(DOCUMENT)["msg"].startswith("Cannot read delivery routes")
    assert tenant.state() == BEFORE
