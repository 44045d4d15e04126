# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role outbound, for customers who are right and for each who is not: planned, applied, and run again; and mail that goes its way."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

for package in ("aiosmtpd", "dns", "trustme"):
    pytest.importorskip(package, reason="the real servers or the probes need it")

import bind_server
import outbound_customers
import playbooks
import postfix_host
from ansible_collections.mimecast.connect.plugins.module_utils._engine import times
from mimecast_sandbox.control import Sandbox
from outbound_customers import ADDRESS, LOGIN, OLD_SPF, POSTFIX, SHORT_TTL, SMART, SPF, ZONES, Customer, Servers, code, facts
from playbooks import Run

WHY_NOT = bind_server.why_not() or postfix_host.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
STAGES = ("planned", "applied", "again")
SOAKED = "soaks"
# Tasks that change something, planned, applied and again: addresses, SPF, mail servers. One waits until somebody has published its SPF record, and two until
# receivers have forgotten the old one. That of the first was taken back in between.
CHANGED = {
    "right": (3, 3, 1), "login": (2, 2, 0), "handed": (1, 1, 1), "long": (2, 2, 1), "windows": (2, 2, 1), "cloud": (1, 1, 0), "hybrid": (2, 2, 0),
}
SOAKS = ("silent", "running", "over", "declared", "unread")
STOPPED = ("elsewhere", "no_tenant", "unknown", "closed", "untrusted", "two_records")


@dataclass(frozen=True)
class Ran:
    at: Servers
    customers: dict[str, Customer]
    before: dict[str, str]
    states: dict[str, dict[str, str]]
    published: dict[str, dict[str, float]]  # when a zone was last updated
    runs: dict[str, Run]
    writes: dict[str, int]
    requests: dict[str, int]


def state(at: Servers) -> dict[str, str]:
    """All that the role could change, but at the tenants."""
    return {**{zone: "\n".join(at.authority.records(zone)) for zone in ZONES}, **{name: at.postfix[name].settings() for name in POSTFIX}}


def changed_at(at: Servers, name: str) -> float:
    """When the zone of a customer was last updated, as the journal of BIND says; 0 if never."""
    journal = at.authority.folder / f"zone{at.authority.zones.index(name + '.test')}.jnl"
    return journal.stat().st_mtime if journal.exists() else 0


@pytest.fixture(scope="module")
def ran(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    running_sandbox.reset()
    folder = tmp_path_factory.mktemp("outbound")
    with outbound_customers.servers(running_sandbox, folder) as at:
        customers = outbound_customers.customers(at)
        arguments = outbound_customers.write(at, folder)
        now = datetime.datetime.now(datetime.timezone.utc)
        for name, one in customers.items():
            for hours in one.messages:
                received = times.shown(now - datetime.timedelta(hours=hours))
                at.sandbox.insert(code(name), "tracked_messages", {"route": "outbound", "status": "archived", "received": received})
        # A server that tries and is refused sends nothing out.
        at.sandbox.insert(code("silent"), "tracked_messages", {"route": "outbound", "status": "rejected", "received": times.shown(now)})
        before, states, published, runs, writes, requests = state(at), {}, {}, {}, {}, {}
        paths = f"{folder / 'collections'}:{playbooks.collections_path()}"
        for stage in (*STAGES, SOAKED):
            place = folder / stage
            place.mkdir()
            if stage == "again":  # people were at work
                at.authority.update("right.test", "delete right.test. TXT", f'add right.test. 300 TXT "{OLD_SPF}"')
                at.authority.update("handed.test", "delete handed.test. TXT", f'add handed.test. 300 TXT "{SPF}"')
                at.sandbox.insert(code("cloud"), "tracked_messages", {"route": "outbound", "status": "archived", "received": times.shown(now)})
            at.sandbox.clear_requests()
            options = {
                "planned": ["--check", "--limit", ",".join(CHANGED)], "applied": ["--limit", ",".join((*CHANGED, *STOPPED))],
                "again": ["--limit", ",".join(CHANGED)], SOAKED: ["--tags", "evidence", "--limit", ",".join(SOAKS)],
            }[stage]
            runs[stage] = playbooks.playbook(place, *arguments, "-e", f"facts_folder={place}", *options, ANSIBLE_COLLECTIONS_PATH=paths)
            writes[stage] = sum(one["wrote"] for one in at.sandbox.requests())
            if stage == "again":
                requests = {name: sum(one["tenant"] == code(name) for one in at.sandbox.requests()) for name in CHANGED}
            if stage == "planned":
                assert state(at) == before
            states[stage] = state(at)
            published[stage] = {name: changed_at(at, name) for name in ("right", "login", "long", "windows")}
            states[stage]["exchange"] = scripted.read_text() if (scripted := folder / "exchange.ps1").exists() else ""
        yield Ran(at, customers, before, states, published, runs, writes, requests)


def said(run: Run, name: str) -> str:
    """The failure of a customer; '' without one."""
    lines = [line for line in run.stdout.splitlines() if line.startswith(f"fatal: [{name}")]
    assert len(lines) <= 1
    return "".join(lines)


def test_the_tables_name_every_customer(ran: Ran) -> None:
    assert sorted([*CHANGED, *SOAKS, *STOPPED]) == sorted(ran.customers)


@pytest.mark.parametrize("name", STOPPED)
def test_a_precondition_stops_the_role_with_its_name(ran: Ran, name: str) -> None:
    run = ran.runs["applied"]
    assert ran.customers[name].said in said(run, name)
    assert run.recap(name)["failed"] == 1 and run.recap(name)["changed"] == 0
    assert ran.at.sandbox.objects(code(name), "outbound_ip_addresses") == []


@pytest.mark.parametrize("name", CHANGED)
def test_check_mode_foretells_and_the_second_run_changes_nothing(ran: Ran, name: str) -> None:
    expected = CHANGED[name]
    assert [said(ran.runs[stage], name) for stage in STAGES] == [""] * 3
    assert tuple(ran.runs[stage].recap(name)["changed"] for stage in STAGES) == expected
    changes = [facts(ran.runs[stage], name)["result"]["changes"] for stage in STAGES]
    assert changes[0] == changes[1] and bool(changes[2]) is bool(expected[2])


def test_nothing_is_changed_for_those_who_are_stopped(ran: Ran) -> None:
    assert state(ran.at)["untouched"] == ran.before["untouched"] and state(ran.at)["untouched.test"] == ran.before["untouched.test"]


def test_check_mode_writes_nothing(ran: Ran) -> None:
    assert ran.writes["planned"] == 0 and ran.writes["applied"] > 0 and ran.writes["again"] == ran.writes[SOAKED] == 0


def test_mail_leaves_by_the_smart_hosts_that_may_send_for_the_domain(ran: Ran) -> None:
    at = ran.at
    assert SPF in "".join(at.authority.records("right.test"))
    assert [row["outboundIpAddress"] for row in at.sandbox.objects(code("right"), "outbound_ip_addresses")] == [ADDRESS]
    at.postfix["right"].send("ada@right.test", "bob@elsewhere.example")
    at.postfix["right"].wait_until_gone()
    (mail,) = [one for smart in at.smart_hosts for one in smart.mail]
    assert (mail.sender, mail.recipients) == ("ada@right.test", ["bob@elsewhere.example"]) and mail.tls.startswith("TLSv1.")
    verdicts = facts(ran.runs["applied"], "right")["proof"]["verdicts"]
    assert [(one["name"], one["code"]) for one in verdicts] == [(f"from mail-right to {host}", "ok_strict") for host in SMART]
    # What takes it back is there.
    assert facts(ran.runs["applied"], "right")["before"]["mail-right"]


def test_who_has_no_address_logs_in(ran: Ran) -> None:
    ran.at.postfix["login"].send("ada@login.test", "bob@elsewhere.example")
    ran.at.postfix["login"].wait_until_gone()
    assert ran.at.asking and [(one.user, one.tls[:5]) for one in ran.at.asking.mail] == [(LOGIN[0], "TLSv1")]
    assert ran.at.sandbox.objects(code("login"), "outbound_ip_addresses") == []


def test_mail_is_not_moved_before_spf_allows_it(ran: Ran) -> None:
    waiting, again = facts(ran.runs["applied"], "handed"), facts(ran.runs["again"], "handed")
    (handover,) = waiting["handovers"]
    assert handover["title"] == "Publish the records of zone handed.test" and SPF in "".join(handover["steps"])
    assert waiting["waiting"] == ["The mail servers are left alone until the DNS shows the SPF records that are handed over"]
    assert again["waiting"] == again["handovers"] == [] and "smart-1.example.net" in ran.at.postfix["handed"].settings()
    assert [one["kind"] for one in waiting["result"]["changes"]] == ["outbound_addresses"]


def test_mail_is_not_moved_while_receivers_may_keep_the_old_spf(ran: Ran) -> None:
    """A TTL of five minutes: one run changes SPF, and the next one the mail server."""
    for name, server in (("long", "long"), ("windows", "exchange")):
        first, then = facts(ran.runs["applied"], name), facts(ran.runs["again"], name)
        (why,) = first["waiting"]
        until = datetime.datetime.strptime(why.partition(" until ")[2][:20], "%Y-%m-%d %H:%M UTC").replace(tzinfo=datetime.timezone.utc)
        published = datetime.datetime.fromtimestamp(ran.published["applied"][name], datetime.timezone.utc)
        assert 300 <= (until - published).total_seconds() <= 300 + 60 + 120, "the run itself takes its time"
        assert f"the old SPF record of {name}.test" in why and "run it again after that" in why
        assert SPF in ran.states["applied"][name + ".test"] and OLD_SPF not in ran.states["applied"][name + ".test"]
        assert ran.states["applied"][server] == ran.states["planned"][server] != ran.states["again"][server]
        assert "smart-1.example.net" in ran.states["again"][server] and then["waiting"] == []
        assert "for 300 seconds after the change" in facts(ran.runs["planned"], name)["waiting"][0]
    # Whoever changes a mail server by hand is told as well.
    assert "the old SPF record of hybrid.test" in facts(ran.runs["applied"], "hybrid")["waiting"][0]


def test_a_short_ttl_is_waited_for_and_without_an_old_record_nothing_is(ran: Ran) -> None:
    moved = {name: (ran.at.postfix[name].config / "main.cf").stat().st_mtime - ran.published["applied"][name] for name in ("right", "login")}
    assert SHORT_TTL <= moved["right"] and [facts(ran.runs["applied"], name)["waiting"] for name in moved] == [[], []]
    waited = [one["elapsed"] for one in ran.runs["applied"].shown if "elapsed" in one]
    assert waited == [SHORT_TTL + 1] and not any("elapsed" in one for stage in ("planned", "again") for one in ran.runs[stage].shown)


def test_nobody_waits_for_mail_servers_that_are_right(ran: Ran) -> None:
    """Somebody has taken SPF back, with a TTL of five minutes."""
    assert [one["name"] for one in facts(ran.runs["again"], "right")["result"]["changes"]] == ["right.test TXT"]
    assert SPF in ran.states["again"]["right.test"] and facts(ran.runs["again"], "right")["waiting"] == []


def test_other_mail_servers_are_handed_over_until_mail_goes_out(ran: Ran) -> None:
    before, after = facts(ran.runs["applied"], "cloud"), facts(ran.runs["again"], "cloud")
    (handover,) = before["handovers"]
    assert handover["title"] == "Let Exchange Online send mail out through Mimecast"
    assert all(host in before["texts"]["exchange_online"] for host in SMART) and after["handovers"] == []
    # Of which part of a hybrid the mail is that goes out, nobody knows.
    assert len(facts(ran.runs["again"], "hybrid")["handovers"]) == len(facts(ran.runs["again"], "hybrid")["texts"]) == 2


def test_the_days_of_outbound_mail_alone(ran: Ran) -> None:
    soaks = {name: facts(ran.runs[SOAKED], name)["soak"] for name in SOAKS}
    assert {name: one["passed"] for name, one in soaks.items()} == {
        "silent": False, "running": False, "over": True, "declared": True, "unread": False}
    assert "tracked no outbound message yet" in soaks["silent"]["why"]
    days = datetime.date.fromisoformat(soaks["running"]["until"]) - datetime.date.fromisoformat(soaks["running"]["since"])
    assert days.days == 5 and soaks["running"]["until"] in soaks["running"]["why"]
    assert (soaks["declared"]["since"], soaks["unread"]["since"]) == ("2026-01-31", "")
    assert "Gateway | Tracking | Read" in soaks["unread"]["why"] and "as was declared" in soaks["declared"]["why"]


def test_a_run_without_changes_asks_little(ran: Ran) -> None:
    # Domains and addresses, a search in each of two spans, and the token.
    assert ran.requests["hybrid"] == 5


def test_no_secret_is_shown_and_no_mail_server_gets_the_tenants_credential(ran: Ran) -> None:
    for run in ran.runs.values():
        kept = "".join(path.read_text() for path in run.folder.glob("*.json")) + json.dumps(run.shown)
        for secret in (LOGIN[1], ran.at.authority.key.secret):
            assert secret not in run.output + kept
        assert "Traceback" not in run.output
    looked = [one for result in ran.runs["applied"].shown for one in result.get("results", []) if "verdicts" in one]
    given = {one["item"]: one["invocation"]["module_args"] for one in looked}
    assert given["mail-right"]["client_id"] is given["mail-right"]["client_secret"] is None and given["mail-right"]["checks"]
