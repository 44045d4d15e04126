# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mimecast_tls_policy and the console: exact steps, what makes them go away, and the end of the whole policy."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from conftest import Tenant
from test_tls_policy import ACK, EXPIRED, RELAXED, STRICT, domains, done, refused, run

from ansible_collections.mimecast.connect.plugins.module_utils._engine import times

ANN, BOB, EVE = "ann@example.com", "bob@partner.example", "eve@elsewhere.example"
DELIVERY, RECEIPT = "Secure Delivery", "Secure Receipt"
TLS, PLAIN = "Encrypted (TLS)", "Not Encrypted"
GIVEN = {"strict": {"add": ["Partner.example"]}}


def open_titles(result: dict[str, Any]) -> list[str]:
    return [handover["title"] for handover in result["handovers"] if handover["state"] != "acknowledged"]


# --- handovers


def test_the_policies_are_handed_over(tenant: Tenant) -> None:
    result = done(tenant, account_code=tenant.code, **GIVEN, relaxed={"add": ["b.example"], "policy": "TLS at a pinch"})
    assert result["pending"] is True
    assert open_titles(result) == [
        "Create the Secure Delivery policy 'Enforced TLS strict' (strict)", "Create the Secure Receipt policy 'Enforced TLS strict' (strict)",
        "Create the Secure Delivery policy 'TLS at a pinch' (relaxed)", "Create the Secure Receipt policy 'TLS at a pinch' (relaxed)"]
    delivery, receipt, relaxed, _receipt = result["handovers"]
    assert delivery["steps"] == [
        "Log in to the Administration Console of account {0}.".format(tenant.code),
        "Navigate to Policies | Gateway Policies | Secure Delivery and click Definitions, then Add Secure Delivery Definition.",
        "Enter the Description: Enforced TLS strict",
        "Select the Option: Strict - Trusted Enforced (TLS enforced, with a certificate of a public root)",
        "Save the definition.",
        "Navigate to Policies | Gateway Policies | Secure Delivery and click New Policy.",
        "Enter the Policy Narrative: Enforced TLS strict",
        "Select the Definition: Enforced TLS strict",
        "Under Emails From, select Applies From: Internal Addresses.",
        "Under Emails To, select Applies To: the profile group 'Enforced TLS strict'",
        "Under Validity, enable the policy, set it to Always On, and tick Bi Directional, so that it applies to mail from these domains too.",
        "Save the policy. It can take up to five minutes to apply.",
    ]
    assert "are not published" in " ".join(receipt["steps"]) and "Definition" not in " ".join(receipt["steps"])
    assert "Select the Option: Relaxed (TLS enforced, self-signed certificates taken)" in relaxed["steps"]
    assert "the profile group 'Enforced TLS relaxed'" in " ".join(relaxed["steps"]) and tenant.code in delivery["for_whom"]
    assert "No public API" in delivery["why"] and "a message to a domain of group 'Enforced TLS strict'" in delivery["gone_when"]


def test_an_acknowledgement_of_a_mode_satisfies_its_handovers(tenant: Tenant) -> None:
    known = {"strict": {**GIVEN["strict"], "acknowledged": ACK}}
    result = done(tenant, **known)
    assert result["pending"] is False and {one["state"] for one in result["handovers"]} == {"acknowledged"} and "msg" not in result
    assert result["handovers"][0]["acknowledged"] == ACK
    both = run(tenant, **known, relaxed={})
    assert both["pending"] is True and all("(relaxed)" in title for title in open_titles(both)) and len(open_titles(both)) == 2
    over = run(tenant, strict={**GIVEN["strict"], "acknowledged": EXPIRED})
    assert over["pending"] is True and {one["state"] for one in over["handovers"]} == {"expired"} and "(expired)" in over["msg"]


# --- evidence


def ago(hours: float) -> str:
    return times.shown(datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours))


def sent(hours: float, policies: Any = (STRICT,), how: str | None = TLS, to: str = BOB, kind: str = DELIVERY) -> dict[str, Any]:
    """A message to a partner, with the policies of that name on it."""
    leg = {} if how is None else {"txInfo": {"deliveryType": how}}
    info = {"deliveredMessage": {to: {"policyInfo": [{"policyType": kind, "policyName": name} for name in policies], **leg}}}
    return {"fromEnv": {"emailAddress": ANN}, "to": [{"emailAddress": to}], "route": "outbound", "received": ago(hours), "info": info}


def got(hours: float, policies: Any = (STRICT,), how: str | None = TLS, sender: str = BOB) -> dict[str, Any]:
    """A message from a partner."""
    leg = {} if how is None else {"recipientInfo": {"txInfo": {"deliveryType": how}}}
    info = {**leg, "deliveredMessage": {ANN: {
        "policyInfo": [{"policyType": RECEIPT, "policyName": name} for name in policies], "txInfo": {"deliveryType": PLAIN}}}}
    return {"fromEnv": {"emailAddress": sender}, "to": [{"emailAddress": ANN}], "route": "inbound", "received": ago(hours), "info": info}


def seen(tenant: Tenant, *messages: dict[str, Any], **evidence: Any) -> dict[str, Any]:
    tenant.sandbox.insert(tenant.code, "tracked_messages", *messages)
    result = run(tenant, **GIVEN, evidence=evidence)
    assert not result.get("failed"), result
    return result


def test_messages_that_show_both_policies(tenant: Tenant) -> None:
    result = seen(tenant, sent(1), got(2))
    assert result["handovers"] == [] and result["pending"] is False and "warnings" not in result
    assert [(one["policy_type"], one["shown"], one["message"]["from"], one["message"]["encrypted"]) for one in result["evidence"]] == [
        (DELIVERY, True, ANN, True), (RECEIPT, True, BOB, True)]
    assert "had Secure Delivery policy 'Enforced TLS strict', and its connection was encrypted" in result["evidence"][0]["said"]
    predicted = run(tenant, True, **GIVEN, evidence={})
    assert predicted["evidence"] == result["evidence"] and predicted["handovers"] == []


@pytest.mark.parametrize("message, said", [
    (sent(1, ()), "of 1 messages none names Secure Delivery policy 'Enforced TLS strict'; 1 connections were encrypted, 0 were not, of 0 it is unknown"),
    (sent(1, (), PLAIN), "0 connections were encrypted, 1 were not, of 0 it is unknown"),
    (sent(1, (), None), "0 connections were encrypted, 0 were not, of 1 it is unknown"),
    (sent(1, ["Opportunistic TLS"]), "of 1 messages none names"),
    (sent(1, kind="Delivery Routing"), "of 1 messages none names"),
    (sent(1, how=""), "and its connection is of unknown encryption ('')"),
    (sent(1, how="Something new"), "and its connection is of unknown encryption ('Something new')"),
    (sent(1, how=None), "and its connection is of unknown encryption (None)"),
    (sent(1, to=EVE), "no message to an enforced domain was looked at"),
    (sent(30), "no message to an enforced domain was looked at"),
    (got(1), "no message to an enforced domain was looked at"),
])
def test_messages_that_do_not_show_it(tenant: Tenant, message: dict[str, Any], said: str) -> None:
    result = seen(tenant, message)
    sight = result["evidence"][0]
    assert sight["shown"] is False and said in sight["said"], sight
    assert result["pending"] is True and said[1:] in result["handovers"][0]["why"] and "warnings" not in result
    assert "Create the Secure Delivery policy 'Enforced TLS strict' (strict)" in open_titles(result)


def test_a_named_policy_without_encryption_is_an_alarm(tenant: Tenant) -> None:
    result = seen(tenant, sent(1, how=PLAIN), sent(2, how=""), got(3, how=PLAIN))
    assert [one["shown"] for one in result["evidence"]] == [False, False] and len(result["handovers"]) == 2
    assert [warning.startswith("TLS is not enforced as it should be: the message of") for warning in result["warnings"]] == [True, True]


def test_a_better_message_counts_and_no_more_is_read_than_needed(tenant: Tenant) -> None:
    run(tenant, **GIVEN)
    tenant.requests()
    result = seen(tenant, sent(1, how=""), sent(2), sent(3, ()), got(4, (), sender=EVE), got(5, how=None), got(6, sender=BOB.upper()), got(7))
    assert [one["shown"] for one in result["evidence"]] == [True, True] and [one["looked_at"] for one in result["evidence"]] == [2, 2]
    assert [one["operation"] for one in tenant.requests()].count("legacyGetMessageInfo") == 4
    few = run(tenant, **GIVEN, evidence={"max_messages": 1})
    assert [one["looked_at"] for one in few["evidence"]] == [1, 0] and few["pending"] is True


def test_each_mode_needs_its_own_evidence(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, "tracked_messages", sent(1), got(1), sent(2, [RELAXED], to="x@workshop.example"))
    result = run(tenant, **GIVEN, relaxed={"add": ["workshop.example"]}, evidence={})
    assert open_titles(result) == ["Create the Secure Receipt policy 'Enforced TLS relaxed' (relaxed)"]


def test_evidence_that_cannot_be_had_stops_before_a_write(tenant: Tenant) -> None:
    tenant.sandbox.faults([{"operation": "legacySearchMessages", "kind": "status", "status": 403}])
    result = run(tenant, **GIVEN, evidence={})
    assert result["failed"] and "'Gateway | Tracking | Read'" in result["msg"] and domains(tenant) is None
    assert "start is 'never'" in run(tenant, **GIVEN, evidence={"start": "never"})["msg"]


# --- the end


def test_the_end_of_the_policy(tenant: Tenant) -> None:
    run(tenant, **GIVEN, relaxed={"add": ["b.example", "c.example"]})
    ended = done(tenant, state="absent")
    assert (domains(tenant), domains(tenant, RELAXED)) == ([], []), "the groups stay while a policy may point at them"
    assert ended["summary"]["relaxed"]["removed"] == 2 and ended["pending"] is True
    assert [handover["title"].split(" of group")[0] for handover in ended["handovers"]] == ["Remove the Secure Delivery and Secure Receipt policies"] * 2
    assert "Right-click on the policy that applies to group 'Enforced TLS strict' and click Remove Policy." in ended["handovers"][0]["steps"]
    half = done(tenant, state="absent", strict={"acknowledged": ACK}, relaxed={"acknowledged": EXPIRED})
    assert half["changes"] == [{"action": "delete", "kind": "groups", "name": STRICT}]
    assert (domains(tenant), domains(tenant, RELAXED)) == (None, []) and half["handovers"][0]["state"] == "expired"
    last = done(tenant, state="absent", relaxed={"acknowledged": ACK})
    assert domains(tenant, RELAXED) is None and last["pending"] is False and last["handovers"] == []
    nothing = run(tenant, state="absent")
    assert nothing["changed"] is False and nothing["pending"] is False


def test_all_at_once_when_the_policies_are_gone(tenant: Tenant) -> None:
    run(tenant, strict={"group": "Partners", "add": ["a.example"]})
    result = done(tenant, state="absent", strict={"group": "Partners", "acknowledged": ACK})
    assert result["diff"]["before"] == {"group 'Partners'": {"members": ["a.example"], "source": "cloud"}} and domains(tenant, "Partners") is None


def test_a_group_that_something_uses_stays(tenant: Tenant) -> None:
    run(tenant, **GIVEN)
    tenant.call("mimecast_policy", type="greylisting", name="G", action="no_action", **{"from": {"type": "group", "group": STRICT}})
    result = run(tenant, state="absent", strict={"acknowledged": ACK})
    assert result["failed"] and "greylisting policy 'G' uses it as from" in result["msg"] and domains(tenant) == ["partner.example"]


def test_a_group_that_the_service_keeps_is_explained(tenant: Tenant) -> None:
    run(tenant, **GIVEN)
    tenant.sandbox.faults([{"operation": "legacyDeleteGroup", "kind": "status", "status": 409}])
    result = run(tenant, state="absent", strict={"acknowledged": ACK})
    assert result["failed"] and "Cannot delete group 'Enforced TLS strict'" in result["msg"], result
    assert "remove the Secure Delivery and Secure Receipt policies first" in result["msg"]


def test_a_group_of_the_directory(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, "groups", {"description": STRICT, "source": "ldap"})
    result = run(tenant, **GIVEN)
    assert result["failed"] and "it comes from the directory" in result["msg"]


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "cut_body"])
def test_a_batch_that_is_lost_is_sent_again(tenant: Tenant, quick: None, fault: str) -> None:
    many = ["d{0}.example".format(number) for number in range(120)]
    tenant.sandbox.faults([{"operation": "addGroupMembers", "kind": fault, "after": 1, "times": 1}])
    assert run(tenant, strict={"set": many})["changed"] and len(domains(tenant) or ()) == 120
    assert run(tenant, strict={"set": many})["changed"] is False


def test_a_domain_that_the_service_refuses(tenant: Tenant) -> None:
    tenant.sandbox.settings(member_refuse=["partner.example"])
    result = run(tenant, **GIVEN)
    assert result["failed"] and "the service refuses partner.example" in result["msg"]
    refused(tenant, "it is an internal domain", strict={"add": ["example.com"]})
