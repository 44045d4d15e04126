# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook connect for a fleet: each service with each infrastructure, everybody who is stopped or waits, wishes, and a run without a change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

for package in ("dns", "netaddr"):
    pytest.importorskip(package, reason="the DNS or the ranges need it")

import bind_server
from conftest import DEFINITIONS
from dns_cases import SERVICE
from journeys import Fleet, Journey, customer
from mimecast_sandbox.control import Sandbox

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not() or "-")
# The vendor's table, written down once more.
STEPS = {
    "archiving": ["rfi", "recipient_validation", "journaling"],
    "email_security": ["rfi", "outbound", "recipient_validation", "inbound", "firewall_lockdown"],
    "both": ["rfi", "outbound", "recipient_validation", "journaling", "inbound", "firewall_lockdown"],
}
INFRASTRUCTURES = ("exchange", "postfix", "domino", "microsoft_365", "google_workspace", "hybrid")
MATRIX = [(service, infrastructure) for service in STEPS for infrastructure in INFRASTRUCTURES]
CLOSED = "127.0.0.1:1"
# name -> what differs from a customer who is right, the step that stops, its words, and what is not there then
STOPPED: dict[str, tuple[dict[str, Any], str, str, tuple[str, ...]]] = {
    "form": ({"contacts": None, "done": None}, "rfi", "contact", ("outbound_ip_addresses", "users", DEFINITIONS)),
    "sender": ({"outbound_addresses": None}, "outbound", "nothing says by what the service recognises the mail servers", ("users", DEFINITIONS)),
    "nobody": ({"users": None, "domains": [{"name": "nobody.test", "inbound_type": "ldap"}]}, "recipient_validation", "would lose all mail",
               ("journaling_services", DEFINITIONS)),
    "elsewhere": ({"journaling": {"domain": "journal.other.test", "email": "a@journal.other.test"}, "journaling_services": None},
                  "journaling", "the journaling domain journal.other.test is neither an internal domain of the tenant nor below one", (DEFINITIONS,)),
    "unreachable": ({"route_checks": [{"route": "HQ", "address": CLOSED}], "variables": {"inbound_verify": True, "inbound_ask_service": False}},
                    "inbound", "1 of 1 checks did not pass. HQ: mx1.example.com:25", (DEFINITIONS,)),
    "open": ({"firewall": {"ranges": ["170.10.128.0/24"]}}, "firewall_lockdown", "there is neither a gateway nor a vendor whose firewall it could be", ()),
}
# name -> what differs, the step that waits, for what, and which steps are held back by it
WAITING: dict[str, tuple[dict[str, Any], str, str, list[str]]] = {
    "soaks": ({"outbound": {"soak_days": 5}}, "outbound", "the days with outbound mail alone", ["inbound", "firewall_lockdown"]),
    "person": ({"acknowledged": None}, "outbound", "Let Microsoft Exchange send mail out through Mimecast", ["inbound", "firewall_lockdown"]),
    "switch": ({"mx": {"old_hosts": ["mx.vendor.test"]}}, "inbound", "the switch mx.cut_over", ["firewall_lockdown"]),
}
EVERYTHING = {
    "tls_policies": {"strict": {"add": ["partner.example"]}, "verify": False},
    "server_connections": [{"name": "Sync", "type": "office_365", "application_id": "1", "tenant_domain": "a.example", "mailbox_check": "a@example.com"}],
}


def code(name: str) -> str:
    return "CUK" + name.replace("-", "").replace("_", "").upper()


def zone(name: str) -> str:
    return name.replace("_", "-") + ".test"


@pytest.fixture(scope="module")
def fleet(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    running_sandbox.reset()
    wanted = {f"{service}-{infrastructure}": customer for service, infrastructure in MATRIX}
    names = [*wanted, *STOPPED, *WAITING, "everything", "planned"]
    zones = {**SERVICE, **{zone(name): "@ MX 10 mx.vendor.test.\n" for name in names}}
    with bind_server.bind(zones, updatable=True) as authority, bind_server.resolver(authority) as cache:
        running_sandbox.settings(resolver=cache.address, sync_duration_ms=0)
        fleet = Fleet(running_sandbox, tmp_path_factory.mktemp("journeys"))
        dns = {"resolver": cache.address, "backend": "nsupdate", "server": "127.0.0.1", "port": authority.port,
               "key_name": authority.key.name, "key_secret": authority.key.secret}

        def add(name: str, service: str = "both", infrastructure: str = "exchange", **more: Any) -> None:
            own = {**dns, "nameservers": {"ns1." + zone(name): authority.address}}
            whole = customer(service, infrastructure, zone(name), own, **more)
            if name not in wanted:
                whole["variables"]["connect_dest"] = str(fleet.folder / "pages")
            fleet.add(name, code(name), whole, internal_domains=[])

        for service, infrastructure in MATRIX:
            add(f"{service}-{infrastructure}", service, infrastructure, variables={"connect_records": ""})
        for name, (changes, *_rest) in {**STOPPED, **WAITING}.items():
            add(name, **changes)
        add("everything", **EVERYTHING)
        add("planned")
        yield fleet


@pytest.fixture(scope="module")
def ran(fleet: Fleet) -> Journey:
    """Everybody but the one who is only planned."""
    journey = fleet.connect("--limit", "all:!planned", "--forks", "10")
    assert "Traceback" not in journey.run.output
    return journey


@pytest.mark.parametrize(("service", "infrastructure"), MATRIX)
def test_each_service_and_infrastructure_has_its_steps(ran: Journey, service: str, infrastructure: str) -> None:
    name = f"{service}-{infrastructure}"
    states = ran.states(name)
    assert list(states) == STEPS[service]
    assert set(states.values()) <= {"done", "changed", "waiting"}, ran.account(name)["next"]
    roles = ran.roles(name)
    roles.remove("inbound")  # its first part registers the domains, before all that needs them
    assert [role for role in roles if role != "inbound"] == [step for step in STEPS[service] if step != "inbound"]
    assert ran.run.recap(name)["failed"] == 0


@pytest.mark.parametrize("name", STOPPED)
def test_an_unmet_precondition_stops_with_one_sentence_and_nothing_is_changed_after_it(ran: Journey, fleet: Fleet, name: str) -> None:
    _changes, step, words, missing = STOPPED[name]
    found, states = ran.account(name), ran.states(name)
    assert states[step] == "failed" and found["state"] == "failed", found["next"]
    assert found["next"].startswith(step + ": ") and words in found["next"] and "\n" not in found["next"]
    later = STEPS["both"][STEPS["both"].index(step) + 1:]
    assert {states[name] for name in later} <= {"not_reached"}
    assert [row["role"] for row in ran.tasks(name) if row["role"] != "connect"][-1] == step, "nothing ran after it"
    for kind in missing:
        assert fleet.sandbox.objects(code(name), kind) == [], kind
    assert ran.run.recap(name)["failed"] == 1
    assert f"{name}: failed: {found['next'][:60]}" in ran.run.stdout


@pytest.mark.parametrize("name", WAITING)
def test_who_waits_ends_without_a_failure(ran: Journey, name: str) -> None:
    _changes, step, words, held = WAITING[name]
    found, states = ran.account(name), ran.states(name)
    assert states[step] == "waiting" and words in ran.why(name, step), found
    assert [step for step, state in states.items() if state == "not_reached"] == held
    assert found["state"] == "waiting" and ran.run.recap(name)["failed"] == 0


def test_each_customer_has_a_line_and_a_page(ran: Journey, fleet: Fleet) -> None:
    for name in (*STOPPED, *WAITING, "everything"):
        assert f"\"{name}: {ran.account(name)['state']}: " in ran.run.stdout
        page = (fleet.folder / "pages" / (name + ".md")).read_text(encoding="utf-8")
        assert name in page and "<html" in (fleet.folder / "pages" / (name + ".html")).read_text(encoding="utf-8")


def test_what_there_was_is_kept_beside_the_inventory(ran: Journey, fleet: Fleet) -> None:
    records = fleet.folder / "records"
    assert {path.name for path in records.iterdir()} == {*STOPPED, *WAITING, "everything"} - {"form"}
    assert "mx.vendor.test." in (records / "everything" / "dns.yml").read_text(encoding="utf-8")


def test_no_secret_is_shown(ran: Journey, fleet: Fleet) -> None:
    kept = "".join(path.read_text(encoding="utf-8") for folder in ("pages", "records") for path in (fleet.folder / folder).rglob("*.*"))
    for path in (fleet.folder / "customers").glob("*.yml"):
        for line in path.read_text().splitlines():
            if line.strip().startswith(("client_secret:", "key_secret:")):
                assert line.split()[-1].strip("'\"") not in ran.run.output + kept


def test_a_run_without_a_change_is_small(ran: Journey, fleet: Fleet) -> None:
    assert ran.states("everything")["firewall_lockdown"] == "waiting"
    again = fleet.connect("--limit", "everything")
    tasks, requests = again.tasks("everything"), again.requests
    print("{0} tasks, {1} requests".format(len(tasks), len(requests)))
    print("\n".join("{role}: {task}".format(**row) for row in tasks))
    assert "not_reached" not in again.states("everything").values()
    assert again.run.recap("everything")["changed"] == 0 and again.writes() == 0
    assert len(tasks) <= 60 and len(requests) <= 60


def test_nothing_is_changed_without_a_record(fleet: Fleet) -> None:
    found = fleet.connect("--limit", "planned", "-e", "connect_records=/dev/null")
    assert "Nothing was changed: what there is before the first change cannot be kept in /dev/null" in found.account("planned")["next"]
    assert found.run.recap("planned")["failed"] == 1 and found.writes() == 0


def test_check_mode_plans_up_to_where_a_real_run_would_have_to_show_more(fleet: Fleet) -> None:
    planned = fleet.connect("--limit", "planned", "--check", "--diff")
    assert planned.writes() == 0 and planned.run.recap("planned")["failed"] == 0, planned.run.output
    assert "would be registered" in planned.why("planned", "outbound")
    until = fleet.connect("--limit", "planned", "-e", "connect_until=recipient_validation")
    assert list(until.states("planned").values()) == ["done", "changed", "changed", *["not_reached"] * 3], until.run.output
    # What is left is foretold, and then done as it was foretold.
    foretold = fleet.connect("--limit", "planned", "--check", "--diff")
    assert foretold.writes() == 0
    real = fleet.connect("--limit", "planned")
    for step in ("journaling", "inbound"):
        changes = [next(row["changes"] for row in journey.account("planned")["steps"] if row["step"] == step) for journey in (foretold, real)]
        assert changes[0] == changes[1] != []


@pytest.mark.parametrize(("options", "expected"), [
    (["-e", "connect_only=inbound"], ["inbound"]),
    (["--tags", "inbound,rfi"], ["rfi", "inbound"]),
])
def test_one_step_alone(ran: Journey, fleet: Fleet, options: list[str], expected: list[str]) -> None:
    found = fleet.connect("--limit", "everything", "--check", *options)
    assert [step for step, state in found.states("everything").items() if state != "not_reached"] == expected, found.run.output
    assert [role for role in found.roles("everything") if role not in expected] == []
