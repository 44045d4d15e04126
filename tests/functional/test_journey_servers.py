# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole journey of a customer on premises, from an empty tenant to a locked-down firewall, with real servers and independent judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

for package in ("aiosmtpd", "dns", "ldap3", "netaddr", "trustme"):
    pytest.importorskip(package, reason="the real servers, the probes or the ranges need it")

import journey_world
from journey_world import ANN, BOB, CUSTOMER, EVE, INBOUND, MX, NOBODY, World, world
from netns import STRANGER
from playbooks import Run

WHY_NOT = journey_world.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
SERVICE_MX = [f"10 eu-smtp-inbound-{number}.mimecast.com." for number in (1, 2)]
ACCEPTED = {"range": STRANGER[4], "reason": "the test itself", "by": "Jane Doe", "until": "2099-12-31"}
JOURNAL = "journaling@journal.example.com"


def account(run: Run) -> dict[str, Any]:
    """The account of the journey as the role made it."""
    found = [shown["ansible_facts"]["connect_account"] for shown in run.shown if "connect_account" in shown.get("ansible_facts", {})]
    assert found, run.output
    return found[-1]


def states(run: Run) -> dict[str, str]:
    return {row["step"]: row["state"] for row in account(run)["steps"]}


def changes(run: Run) -> dict[str, Any]:
    """What each step changes, or would change."""
    return {row["step"]: row["changes"] for row in account(run)["steps"] if row.get("changes")}


def done(at: World, *options: str) -> Run:
    run = at.connect(*options)
    assert run.code == 0, run.output
    return run


def test_from_an_empty_tenant_to_a_locked_down_firewall(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with world(tmp_path) as at:
        nothing_is_there(at)
        outbound_alone(at)
        up_to_the_switch_of_mx(at)
        mail_comes_in_through_the_service(at)
        tls_is_enforced_only_where_routes_can(at)
        locked_down(at)
        nothing_is_left_to_do(at)


def nothing_is_there(at: World) -> None:
    """Mail goes in and out without the service."""
    assert at.send_by_mx(ANN).startswith("250")
    at.postfix.send(ANN, BOB, subject="before")
    at.partner.wait(1)
    at.postfix.wait_until_gone()
    assert len(at.postfix.mailbox(ANN)) == 1 and at.sandbox.mail_log() == []
    assert at.swaks(INBOUND, ANN, BOB).startswith("451 4.7.1 Open relay not allowed")


def outbound_alone(at: World) -> None:
    """As the days of the soak begin: the customer's Postfix sends through the smart hosts, and nothing else has moved."""
    run = done(at, "-e", "connect_until=outbound")
    assert states(run)["outbound"] == "changed", run.output
    assert any("include:eu._netblocks.mimecast.com" in record for record in at.dns.dig(CUSTOMER, "TXT"))
    assert set(at.records()) == {"tenant.yml", "dns.yml", "postfix.yml"}, "nothing was wanted of the gateway, so nobody asked it"
    at.postfix.send(ANN, BOB, subject="through the service")
    (_before, mail) = at.partner.wait(2)
    at.postfix.wait_until_gone()
    assert "Subject: through the service" in mail.text and "sandbox-smtp-outbound-1.mimecast.com" in mail.text and mail.tls
    (row,) = at.tracked(route="outbound")
    assert row["senderIP"] == journey_world.MAIL and row["info"]["recipientInfo"]["txInfo"]["deliveryType"] == "Encrypted (TLS)"
    assert at.swaks(journey_world.SMART_HOST, BOB, ANN).startswith("451 4.7.1 Open relay not allowed"), "nobody else may send for the customer"
    assert at.dns.dig(CUSTOMER, "MX") == [f"10 {MX}."]


def up_to_the_switch_of_mx(at: World) -> None:
    """Check mode on a customer who is half done says what the next run does; it stops before the switch."""
    stored, zone, settings = at.sandbox.objects(at.code, "users"), at.dns.records(CUSTOMER), at.postfix.settings()
    planned = done(at, "--check", "--diff")
    assert (at.sandbox.objects(at.code, "users"), at.dns.records(CUSTOMER), at.postfix.settings()) == (stored, zone, settings)
    run = done(at)
    assert changes(planned) == changes(run), "check mode says exactly what the next run changes"
    assert {"recipient_validation", "journaling", "inbound"} <= set(changes(run)), run.output
    assert "outbound" not in changes(run)
    assert at.dns.dig(CUSTOMER, "MX") == [f"10 {MX}."]
    # A copy of what the customer sends is in the archive.
    at.postfix.send(ANN, BOB, subject="to be kept")
    at.partner.wait(3)
    at.postfix.wait_until_gone()
    (copy,) = [row for row in at.tracked(status="archived") if row["to"][0]["emailAddress"] == JOURNAL]
    assert "Subject: to be kept" in copy["content"] and copy["info"]["recipientInfo"]["txInfo"]["deliveryType"] == "Encrypted (TLS)"
    (service,) = at.sandbox.objects(at.code, "journaling_services")
    assert service["statusInfo"]["status"] == "ok"


def mail_comes_in_through_the_service(at: World) -> None:
    """With the switch thrown, whoever asks the DNS finds the service, and the service finds Postfix."""
    at.customer["mx"]["cut_over"] = True
    only = ("-e", "connect_only=inbound")
    planned, run = done(at, *only, "--check", "--diff"), done(at, *only)
    assert changes(planned) == changes(run) and "inbound" in changes(run), run.output
    assert at.dns.dig(CUSTOMER, "MX") == SERVICE_MX
    assert set(at.records()) == {"tenant.yml", "dns.yml", "postfix.yml", "firewall.yml"} and f"10 {MX}." in at.records()["dns.yml"]
    assert "mimecast.com" not in at.records()["dns.yml"] + at.records()["postfix.yml"], "what is kept is never overwritten"
    at.sandbox.clear_mail_log()
    assert at.send_by_mx(ANN, subject="by way of the service").startswith("250")
    at.postfix.wait_until_gone()
    (found,) = [text for text in at.postfix.mailbox(ANN) if "Subject: by way of the service" in text]
    assert "sandbox-smtp-inbound-1.mimecast.com" in found
    assert at.send_by_mx(EVE).startswith("250"), "the branch has a directory of its own"
    # Postfix has a mailbox of that name, but no directory knows it.
    assert at.send_by_mx(NOBODY).startswith("550 5.1.1 Invalid Recipient") and at.postfix.mailbox(NOBODY) == []
    assert [row["reply"][:3] for row in at.sandbox.mail_log() if row["listener"] == "inbound"] == ["250", "250", "550"]


def tls_is_enforced_only_where_routes_can(at: World) -> None:
    """A route that has lost TLS stops the step, and nothing changes."""
    at.customer["tls_policies"] = {"strict": {"add": ["partner.test"]}}
    at.postfix.set(smtpd_tls_security_level="none")
    assert not at.offers_tls()
    groups = at.sandbox.objects(at.code, "groups")
    at.customer["route_checks"][0]["tls"] = "none"  # so that inbound itself has nothing against it
    only = ("-e", "connect_only=tls_policies")
    run = at.connect(*only)
    assert run.code != 0 and states(run)["tls_policies"] == "failed" and "Nothing was changed: TLS cannot be enforced" in run.output, run.output
    assert at.sandbox.objects(at.code, "groups") == groups
    at.postfix.set(smtpd_tls_security_level="may")
    at.customer["route_checks"][0]["tls"] = "strict"
    assert at.offers_tls()
    run = done(at, *only)
    assert "tls_policies" in changes(run), run.output
    assert account(run)["next"].startswith("tls_policies waits for an administrator of the Mimecast account"), "the policies themselves are for a person"
    assert [row["domain"] for row in at.sandbox.objects(at.code, "group_members")] == ["partner.test"]


def locked_down(at: World) -> None:
    """Others are seen, accepted to be shut out, and shut out; the service still gets in."""
    done(at, "-e", "connect_only=firewall_lockdown")
    assert at.reaches(STRANGER[4]) and at.reaches(INBOUND), "it only observes so far"
    at.customer["firewall"].update(enforce=True, accepted=[ACCEPTED])
    foreign = at.gateway.foreign()
    only = ("-e", "connect_only=firewall_lockdown")
    planned, run = done(at, *only, "--check", "--diff"), done(at, *only)
    assert changes(planned) == changes(run) and "firewall_lockdown" in changes(run), run.output
    assert not at.reaches(STRANGER[4]) and at.reaches(INBOUND)
    assert at.gateway.foreign() == foreign
    assert at.send_by_mx(ANN, subject="after the lock-down").startswith("250")
    at.postfix.wait_until_gone()
    assert any("Subject: after the lock-down" in text for text in at.postfix.mailbox(ANN))
    at.postfix.send(ANN, BOB, subject="out again")
    assert "Subject: out again" in at.partner.wait(4)[-1].text


def nothing_is_left_to_do(at: World) -> None:
    """A second run changes nothing, and says that all is done."""
    word = {"by": "Jane Doe", "on": "2026-11-20", "until": "2099-12-31"}
    at.customer["acknowledged"] = [{"title": f"Create the Secure {what} policy 'Enforced TLS strict' (strict)", **word} for what in ("Delivery", "Receipt")]
    at.sandbox.clear_requests()
    run = done(at)
    assert run.recap("acme")["changed"] == 0 and changes(run) == {}, run.output
    requests, tasks = at.sandbox.requests(), run.recap("acme")["ok"]
    print(f"{tasks} tasks, {len(requests)} requests")
    assert [row["operation"] for row in requests if row["wrote"]] == [] and tasks <= 60 and len(requests) <= 60
    assert set(states(run).values()) <= {"done", "not_part"}, states(run)
