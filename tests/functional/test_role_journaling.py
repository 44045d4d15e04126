# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role journaling, for customers who are right and for each who is not: planned, applied, and run again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

for package in ("aiosmtpd", "trustme"):
    pytest.importorskip(package, reason="the real servers need it")

import journaling_customers
import pop_server
from journaling_customers import HOSTS, SERVICES, Customer, Servers, code, facts
from playbooks import Run

WHY_NOT = pop_server.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
STAGES = ("planned", "applied", "again")
# The names are those of journaling_customers; a table that misses one fails.
NAMES = [
    "right", "default", "no_tls", "wrong_certificate", "nowhere", "exchange_2003", "office", "elsewhere", "other_address", "no_service", "no_hosts",
    "two_transports", "mailbox", "in_clear", "relaxed", "wrong_password", "self_signed", "pop3s_unsaid",
]
TRANSPORTS = ("smtpJournalingConnection", "pop3JournalingConnection")


@dataclass(frozen=True)
class Ran:
    at: Servers
    customers: dict[str, Customer]
    runs: dict[str, Run]
    writes: dict[str, int]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    folder = tmp_path_factory.mktemp("journaling")
    with journaling_customers.servers(folder) as at:
        customers = journaling_customers.customers(at)
        hosts = {name: journaling_customers.host(at, name, one) for name, one in customers.items()}
        arguments = journaling_customers.write(folder, hosts)
        runs, writes = {}, {}
        for stage in STAGES:
            if stage == "again":  # the service has fetched a message meanwhile
                at.sandbox.patch(code("mailbox"), SERVICES, stored(at, "mailbox")["ref"], statusInfo={
                    "status": "ok", "lastReceivedDateTime": "2026-11-20T09:00:00+0000"})
            at.sandbox.clear_requests()
            runs[stage] = journaling_customers.run(arguments, folder / stage, *(["--check"] if stage == "planned" else []))
            writes[stage] = sum(one["wrote"] for one in at.sandbox.requests())
        yield Ran(at, customers, runs, writes)


def stored(at: Servers, name: str) -> dict[str, object]:
    """The only journaling service of a customer."""
    (row,) = at.sandbox.objects(code(name), SERVICES)
    return row


def said(run: Run, name: str) -> str:
    """The failure of a customer; '' without one."""
    lines = [line for line in run.stdout.splitlines() if line.startswith(f"fatal: [{name}]: ")]
    assert len(lines) <= 1
    return "".join(lines)


def test_the_table_names_every_customer(ran: Ran) -> None:
    assert sorted(NAMES) == sorted(ran.customers)


@pytest.mark.parametrize("name", NAMES)
def test_a_precondition_stops_the_role_with_its_name(ran: Ran, name: str) -> None:
    words = ran.customers[name].said
    for stage, run in ran.runs.items():
        text = said(run, name)
        assert (words in text) if words else not text, (stage, text)
        assert run.recap(name)["failed"] == bool(words), run.output


@pytest.mark.parametrize("name", NAMES)
def test_check_mode_foretells_and_the_second_run_changes_nothing(ran: Ran, name: str) -> None:
    customer = ran.customers[name]
    assert [ran.runs[stage].recap(name)["changed"] for stage in STAGES] == [customer.changed, customer.changed, 0]
    if not customer.said:
        planned, applied, again = (facts(ran.runs[stage], name)["result"]["changes"] for stage in STAGES)
        assert planned == applied and again == []


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("right", "default", "mailbox", "in_clear", "relaxed")])
def test_who_is_stopped_has_an_untouched_tenant(ran: Ran, name: str) -> None:
    assert ran.at.sandbox.objects(code(name), SERVICES) == []
    assert [row["domain"] for row in ran.at.sandbox.objects(code(name), "internal_domains")] == ["example.com"]


def test_check_mode_writes_nothing(ran: Ran) -> None:
    assert ran.writes == {"planned": 0, "applied": 9, "again": 0}


def test_domain_and_service_are_there_and_the_mail_server_is_handed_over(ran: Ran) -> None:
    assert [row["domain"] for row in ran.at.sandbox.objects(code("right"), "internal_domains")] == ["right.example", "journal.right.example"]
    row = stored(ran.at, "right")
    assert row["smtpJournalingConnection"]["emailAddress"] == "journaling@journal.right.example"
    found = facts(ran.runs["applied"], "right")
    assert [(one["name"], one["code"]) for one in found["proof"]["verdicts"]] == [(host, "ok_strict") for host in HOSTS]
    (handover,) = found["handovers"]
    assert handover["title"] == "Have the mail server send copies to journaling@journal.right.example" and HOSTS[1] in handover["steps"][1]
    assert found["seen"] == {"name": "Journal", "status": "not_active", "last_received": None, "queue_size": 0, "hostnames": HOSTS, "arrives": False}


def test_a_mailbox_is_proved_and_journaling_switched_on_after_a_message_was_fetched(ran: Ran) -> None:
    applied, again = facts(ran.runs["applied"], "mailbox"), facts(ran.runs["again"], "mailbox")
    assert applied["proof"]["verdicts"][0]["code"] == "ok_mailbox"
    assert [one["title"] for one in applied["handovers"]] == [f"Prove that the service fetches from the journal mailbox {pop_server.USER}"]
    assert [one["title"] for one in again["handovers"]] == [f"Switch on journaling to the mailbox {pop_server.USER}"]
    assert (applied["seen"]["arrives"], again["seen"]["arrives"]) == (False, True)
    codes = [facts(ran.runs["applied"], name)["proof"]["verdicts"][0]["code"] for name in ("in_clear", "relaxed")]
    assert codes == ["clear_login", "ok_mailbox"]
    assert all("retr=0/0, del=0/3" in one for one in ran.at.pop.sessions()), "no message is fetched or deleted"


def test_no_mail_is_sent_and_no_secret_is_shown(ran: Ran) -> None:
    assert ran.at.mail.received()["total"] == 0
    for run in ran.runs.values():
        kept = "".join(path.read_text() for path in run.folder.glob("*.json")) + json.dumps(run.shown)
        for secret in (pop_server.PASSWORD, "not this one", "secret of two"):
            assert secret not in run.output + kept
