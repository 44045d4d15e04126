# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles of the steps, for customers who are right and for each who is not: planned, applied, and run again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

for package in ("aiosmtpd", "dns", "ldap3", "trustme"):
    pytest.importorskip(package, reason="the real servers or the probes need it")

import bind_server
import playbooks
import slapd_server
from conftest import DEFINITIONS
from ews_server import PASSWORD
from mimecast_sandbox.control import Sandbox
from playbooks import Run
from role_customers import ROLES, Customer, Servers, facts, servers, write
from slapd_server import READER_PASSWORD

WHY_NOT = bind_server.why_not() or slapd_server.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
# Customers who are right, with the tasks that change something; a synchronisation is not foretold while its connector is not there.
CHANGED = {
    "directory": (2, 3), "imported": (1, 1), "exchange": (0, 0), "office": (0, 0), "strict": (1, 1), "relaxed": (1, 1), "cut_over": (1, 1),
}
UNPROVED = ("uncovered", "forms", "too_weak", "not_verified")
RIGHT = ("directory", "exchange", "strict", "cut_over")  # one of each role: a playbook ends with the first play that all hosts fail
# What is written before the precondition shows that only a real run can look at, or that is only there after the change.
WRITTEN_BEFORE = {"unreachable": 1, "empty": 2, "old_mx": 1, "still_taken": 1, "takes_all": 1}


@dataclass(frozen=True)
class Ran:
    at: Servers
    customers: dict[str, Customer]
    planned: Run
    applied: Run
    again: Run
    tagged: Run
    writes: dict[str, int]


@pytest.fixture(scope="module")
def ran(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    running_sandbox.reset()
    folder = tmp_path_factory.mktemp("roles")
    with servers(running_sandbox, folder) as at:
        customers = {name: customer for make in ROLES.values() for name, customer in make(at).items()}
        arguments = write(at, folder)
        runs, writes = {}, {}
        for stage in ("planned", "applied", "again"):
            place = folder / stage
            place.mkdir()
            if stage == "again":  # a person was at work
                running_sandbox.insert("Cexchange", "connectors", {"name": "Exchange", "provider": "exchange_web_services"})
            running_sandbox.clear_requests()
            options = [*arguments, "-e", f"facts_folder={place}", *(["--check"] if stage == "planned" else [])]
            runs[stage] = playbooks.playbook(place, *options, MIMECAST_BASE_URL=running_sandbox.url)
            writes[stage] = sum(one["wrote"] for one in running_sandbox.requests())
        place = folder / "tagged"
        place.mkdir()
        tagged = playbooks.playbook(place, *arguments, "--tags", "apply", "--limit", ",".join(UNPROVED + RIGHT), MIMECAST_BASE_URL=running_sandbox.url)
        yield Ran(at, customers, **runs, tagged=tagged, writes=writes)


STAGES = ("planned", "applied", "again")
# The names are those of role_customers; a table that misses one fails.
NAMES = [
    "directory", "uncovered", "wrong_password", "elsewhere", "unreachable", "empty", "imported", "half_imported", "wrong_row", "no_consent",
    "exchange", "office", "forms", "wrong_login", "incomplete",
    "strict", "relaxed", "too_weak", "no_tls", "no_inbound", "no_routes", "public",
    "cut_over", "old_mx", "not_verified", "still_taken", "takes_all",
]


def said(run: Run, name: str) -> str:
    """The failure of a customer; '' without one."""
    lines = [line for line in run.stdout.splitlines() if line.startswith(f"fatal: [{name}]: ")]
    assert len(lines) <= 1
    return "".join(lines)


def test_the_table_names_every_customer(ran: Ran) -> None:
    assert sorted(NAMES) == sorted(ran.customers)


@pytest.mark.parametrize("name", NAMES)
def test_a_precondition_stops_the_role_with_its_name(ran: Ran, name: str) -> None:
    customer = ran.customers[name]
    for stage, words in (("planned", customer.planned), ("applied", customer.applied), ("again", customer.applied)):
        run: Run = getattr(ran, stage)
        text = said(run, name)
        assert (words in text) if words else not text, (stage, text)
        assert run.recap(name)["failed"] == bool(words), run.output


@pytest.mark.parametrize("name", NAMES)
def test_check_mode_foretells_and_the_second_run_changes_nothing(ran: Ran, name: str) -> None:
    counts = [getattr(ran, stage).recap(name)["changed"] for stage in STAGES]
    if name in CHANGED:
        assert counts == [*CHANGED[name], 0]
        planned, applied = facts(ran.planned, name), facts(ran.applied, name)
        assert planned["result"]["changes"] == applied["result"]["changes"]
        assert facts(ran.again, name)["result"]["changes"] == []
    else:
        assert counts[1] == WRITTEN_BEFORE.get(name, 0), "nothing is changed after what stops it"


@pytest.mark.parametrize("name", UNPROVED)
def test_what_is_to_be_applied_is_proved_whatever_the_tags(ran: Ran, name: str) -> None:
    assert ran.customers[name].applied in said(ran.tagged, name)


def test_check_mode_writes_nothing(ran: Ran) -> None:
    assert ran.writes["planned"] == 0 and ran.writes["applied"] > 0


def domain_type(ran: Ran, name: str, domain: str = "example.com") -> Any:
    rows = ran.at.sandbox.objects("C" + name.replace("_", ""), "internal_domains")
    return next(row.get("inboundType") for row in rows if row["domain"] == domain)


def test_a_domain_takes_mail_for_known_recipients_only_when_there_are_some(ran: Ran) -> None:
    assert (domain_type(ran, "directory"), domain_type(ran, "imported")) == ("ldap", "known")
    unchanged = {domain_type(ran, name) for name in ("uncovered", "wrong_password", "unreachable", "empty", "half_imported", "wrong_row")}
    assert unchanged == {domain_type(ran, "directory", "example.org")}
    proof = facts(ran.again, "directory")["proof"]["verdicts"]
    assert [(one["name"], one["code"]) for one in proof] == [("Head office", "ok_directory")]
    assert proof[0]["evidence"]["coverage"]["domains"][0] == {"domain": "example.com", "addresses": 20}
    assert [row["emailAddress"] for row in ran.at.sandbox.objects("Cimported", "users")] == ["ada@example.com"]
    assert ran.at.sandbox.objects("Chalfimported", "users") == []


def test_a_synchronisation_is_started_once(ran: Ran) -> None:
    assert len(ran.at.sandbox.objects("Cdirectory", "directory_syncs")) == 1
    assert ran.at.sandbox.objects("Cunreachable", "directory_syncs") == [], "none with a directory that the service cannot read"


def test_a_server_connection_is_handed_over_until_it_is_connected(ran: Ran) -> None:
    before, after = facts(ran.applied, "exchange"), facts(ran.again, "exchange")
    (handover,) = before["handovers"]
    assert handover["title"] == "Create the server connection 'Exchange' (Exchange Web Services URL)" and len(handover["steps"]) > 3
    assert before["proof"]["verdicts"][0]["code"] == "ok_ews" and after["handovers"] == []
    assert len(facts(ran.again, "office")["handovers"]) == 1


def test_tls_is_enforced_and_the_policies_are_handed_over(ran: Ran) -> None:
    for name, group in (("strict", "Enforced TLS strict"), ("relaxed", "Enforced TLS relaxed")):
        assert [row["domain"] for row in ran.at.sandbox.objects("C" + name, "group_members")] == ["partner.example"]
        assert [row["description"] for row in ran.at.sandbox.objects("C" + name, "groups")] == [group]
        titles = [one["title"] for one in facts(ran.again, name)["handovers"]]
        assert len(titles) == 2 and group in titles[0] and "Secure Receipt" in titles[1]
    for name in ("too_weak", "no_tls", "no_inbound", "public"):
        assert ran.at.sandbox.objects("C" + name.replace("_", ""), "groups") == []


def test_routes_are_written_only_for_domains_that_are_verified(ran: Ran) -> None:
    assert ran.at.sandbox.objects("Cnotverified", DEFINITIONS) == []
    assert [row["hostname"] for row in ran.at.sandbox.objects("Ccutover", DEFINITIONS)] == ["mx1.acme.example"]
    assert facts(ran.again, "cut_over")["handovers"] == []


def test_no_mail_is_sent_and_no_secret_is_shown(ran: Ran) -> None:
    assert ran.at.mail.received()["total"] == 0
    for stage in STAGES:
        run: Run = getattr(ran, stage)
        kept = "".join(path.read_text() for path in run.folder.glob("*.json")) + json.dumps(run.shown)
        for secret in (READER_PASSWORD, PASSWORD):
            assert secret not in run.output + kept
        assert "Traceback" not in run.output
