# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles firewall_lockdown and range_migration: a gateway and hosts outside of it as network namespaces, real DNS and mail servers."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

for package in ("aiosmtpd", "dns", "netaddr", "trustme"):
    pytest.importorskip(package, reason="the real servers, the probes or the ranges need it")

import bind_server
import netns
import playbooks
from confirm_bench import WRAPPER
from dns_cases import EXAMPLE, SERVICE
from firewall_host import Host, host, service
from mimecast_sandbox.mail_control import MailServers
from netns import ALLOWED, STRANGER
from playbooks import Run

NAME, OLD_MX = "mx1.acme.example", "mx.vendor.test"
REACHED_AS_STRANGER = "198.51.100.3"  # the gateway's second address, to which the client connects from the stranger's
LOCKDOWN = "firewall_lockdown_"
WHY_NOT = bind_server.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")


def within(folder: Path, name: str, namespace: str) -> dict[str, Any]:
    """A host of the inventory that is a namespace, with a /run of its own."""
    python, run = folder / ("python-" + name), folder / ("run-" + name)
    run.mkdir(exist_ok=True)
    python.write_text(WRAPPER.format(gateway=namespace, run=run, python=sys.executable))
    python.chmod(0o755)
    return {"ansible_connection": "local", "ansible_python_interpreter": str(python), "ansible_become": False}


@dataclass
class Bench:
    gateway: Host
    mail: MailServers
    authority: bind_server.Dns
    cache: bind_server.Dns
    folder: Path
    number: int = 0

    def hosts(self) -> dict[str, dict[str, Any]]:
        net = self.gateway.net
        return {"gateway": within(self.folder, "gateway", net.gateway), "outside": within(self.folder, "outside", net.client), "nowhere.invalid": {}}

    def inventory(self, customers: dict[str, dict[str, Any]]) -> str:
        # A probe from another namespace is a module there; in process it would be from this one.
        shared = {"ansible_python_interpreter": sys.executable}
        groups = {"mimecast_customers": {"hosts": {
            name: {**shared, "mimecast_in_process": LOCKDOWN + "probes" not in options, **options} for name, options in customers.items()}}}
        return str(playbooks.write_yaml(self.folder / "inventory.yml", {"all": {"hosts": self.hosts(), "children": groups}}))

    def play(self, customers: dict[str, dict[str, Any]], role: str, *options: str) -> Run:
        """The role for these customers, as its README says."""
        play = {"hosts": "mimecast_customers", "connection": "local", "gather_facts": False, "roles": ["mimecast.connect." + role]}
        facts = ", ".join(f"'{part}': {role}_{part} | default({{}})" for part in ("proof", "result", "handovers", "seen"))
        keep = {
            "ansible.builtin.copy": {
                "dest": str(self.folder / "facts-{{ inventory_hostname }}.json"), "mode": "0600", "content": "{{ {%s} | to_json }}" % facts},
            "check_mode": False, "changed_when": False, "diff": False, "delegate_to": "localhost",
        }
        path = playbooks.write_yaml(self.folder / "play.yml", [{**play, "tasks": [keep]}])
        return self.run(customers, str(path), *options)

    def run(self, customers: dict[str, dict[str, Any]], playbook: str, *options: str) -> Run:
        self.number += 1
        folder = self.folder / f"run{self.number}"
        folder.mkdir()
        done = playbooks.playbook(folder, playbook, "-i", self.inventory(customers), *options)
        assert "Traceback" not in done.output, done.output
        return done

    def facts(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / f"facts-{name}.json").read_text())
        return found

    def allowlist(self) -> dict[str, Any]:
        return {"backend": self.gateway.backend, "paths": self.gateway.paths, "allow_few": ["smtp"], "min_observe_hours": 0}

    def customer(self, domain: str = "example.com", taken_by: str = "refuses_recipients", route: str = "trusted", **changes: Any) -> dict[str, Any]:
        """One who is right, but for the changes."""
        options = {
            "ranges": [ALLOWED[4], ALLOWED[6], "203.0.113.0/25"],
            "gateways": ["gateway"],
            "allowlist": self.allowlist(),
            "confirm_timeout": 60,
            "domains": [{"name": domain}],
            "mx": {"region": "eu", "old_mx": [OLD_MX], "resolver": self.cache.address, "nameservers": {"ns1." + domain: self.authority.address}},
            "refusals": [{"host": OLD_MX, "tls": "none", "relay_recipient": "ada@" + domain, "address": self.mail.address(taken_by)}],
            "delivery_routes": [{"name": "HQ", "hostname": NAME}],
            "checks": [{"route": "HQ", "address": self.mail.address(route), "ca_path": self.mail.ca}],
            **changes,
        }
        return {LOCKDOWN + name: value for name, value in options.items()}


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    zones = {**SERVICE, **EXAMPLE, "old.test": f"@ MX 10 {OLD_MX}.\n"}
    with host(request.param, tmp_path) as gateway, netns.echo(gateway.net, 25), bind_server.bind(zones) as authority, \
            bind_server.resolver(authority) as cache, MailServers(only=["trusted", "refuses_recipients", "no_tls"], names=[NAME]) as mail:
        netns.run("ip", "-n", gateway.net.gateway, "addr", "add", REACHED_AS_STRANGER + "/24", "dev", "s0")
        netns.run("ip", "-n", gateway.net.client, "route", "add", REACHED_AS_STRANGER, "dev", "c0", "src", STRANGER[4])
        yield Bench(gateway, mail, authority, cache, tmp_path)


def probe(address: str, allowed: bool) -> dict[str, Any]:
    return {"from": "outside", "host": NAME, "address": address, "allowed": allowed}


PROBES = [probe(netns.GATEWAY[4], True), probe(REACHED_AS_STRANGER, False)]
KNOWN = {"range": STRANGER[4], "reason": "a test", "by": "Jane Doe", "until": "2099-12-31"}


def failure(run: Run, name: str) -> str:
    return "".join(line for line in run.stdout.splitlines() if line.startswith((f"fatal: [{name}", f"failed: [{name}")))


def modes(bench: Bench) -> dict[str, str]:
    return {one["name"]: one["mode"] for one in bench.gateway.info()["services"]}


@pytest.mark.parametrize("bench", ["nftables"], indirect=True)
def test_a_lock_down_from_the_first_observation_to_the_last_check(bench: Bench) -> None:
    net = bench.gateway.net
    right = {"right": bench.customer(opened=[{"name": "directory", "ports": [636]}], probes=PROBES, allowlist={
        **bench.allowlist(), "allow_few": ["smtp", "directory"]})}
    rules, foreign = bench.gateway.rules(), bench.gateway.foreign()
    runs = [bench.play(right, "firewall_lockdown", "--check"), bench.play(right, "firewall_lockdown"), bench.play(right, "firewall_lockdown")]
    assert [run.recap("right")["failed"] for run in runs] == [0, 0, 0], runs[0].output
    assert [run.recap("right")["changed"] for run in runs] == [1, 1, 0] and rules != bench.gateway.rules()
    assert modes(bench) == {"smtp": "observe", "directory": "open"} and net.reaches(STRANGER[4]), "nobody is shut out"

    # A stranger came. Each customer misses one thing.
    stages = {name: {**customer, LOCKDOWN + "enforce": True} for name, customer in {
        "stranger": bench.customer(),
        "ended": bench.customer(accepted=[{**KNOWN, "until": "2020-01-31", "allow": True}]),
        "old_mx": bench.customer("old.test", accepted=[KNOWN]),
        "still_taken": bench.customer(taken_by="trusted", accepted=[KNOWN]),
        "no_tls": bench.customer(route="no_tls", accepted=[KNOWN]),
        "undeclared": bench.customer(domains=[], delivery_routes=[], checks=[], mx={}, refusals=[], accepted=[KNOWN]),
        "no_refusal": bench.customer(refusals=[], accepted=[KNOWN]),
        "bad_proof": bench.customer(inbound_proof={"worst": "failed", "verdicts": []}, accepted=[KNOWN]),
        "too_early": bench.customer(accepted=[KNOWN], allowlist={**bench.allowlist(), "min_observe_hours": 24}),
        "no_firewall": bench.customer(gateways=[], accepted=[KNOWN]),
        "nowhere": bench.customer(gateways=["nowhere.invalid"], accepted=[KNOWN]),
    }.items()}
    said = {
        "stranger": "Nothing was changed: gateway saw 1 strangers whom nobody has accepted: 198.51.100.66 (",
        "ended": "198.51.100.66 is let in only until 2020-01-31 (Jane Doe said so): renew the entry, or take it out",
        "old_mx": "old.test still has the old MX mx.vendor.test",
        "still_taken": "accepts mail from here for the foreign <ada@example.com>",
        "no_tls": "HQ: mx1.acme.example:25 (at ",
        "undeclared": "nothing says that mail comes in through the service only: give firewall_lockdown_domains and firewall_lockdown_mx. nothing says whether "
                      "there was another provider: give its hosts as firewall_lockdown_mx.old_mx, [] if there was none. nothing shows that inbound mail works",
        "no_refusal": "nothing shows that the old provider takes no mail any more: give firewall_lockdown_refusals",
        "bad_proof": "the given proof of inbound mail did not pass (failed)",
        "too_early": "hours, and min_observe_hours is 24",
        "no_firewall": "there is neither a gateway nor a vendor whose firewall it could be",
    }
    run = bench.play(stages, "firewall_lockdown")
    for name, words in said.items():
        assert words in failure(run, name), (name, failure(run, name), run.output)
        assert run.recap(name)["changed"] == 0
    # Without a connection of its own a gateway is a host to reach by SSH, never this machine.
    assert run.recap("nowhere")["unreachable"] == 1
    assert modes(bench)["smtp"] == "observe" and net.reaches(STRANGER[4])

    # Who ought to get in does not: what was locked down observes again.
    wrong = {"wrong": bench.customer(enforce=True, accepted=[KNOWN], probes=[probe(REACHED_AS_STRANGER, True)])}
    run = bench.play(wrong, "firewall_lockdown")
    assert "The lock-down was taken back; the gateways observe again: gateway." in failure(run, "wrong"), run.output
    assert modes(bench)["smtp"] == "observe" and net.reaches(STRANGER[4])

    for value in right.values():
        value |= {LOCKDOWN + "enforce": True, LOCKDOWN + "accepted": [KNOWN]}
    stream = net.connect(STRANGER[4])
    runs = [bench.play(right, "firewall_lockdown", "--check", "--diff"), bench.play(right, "firewall_lockdown"), bench.play(right, "firewall_lockdown")]
    assert [(run.recap("right")["failed"], run.recap("right")["changed"]) for run in runs] == [(0, 1), (0, 1), (0, 0)], "".join(run.output for run in runs)
    assert [net.reaches(who[4]) for who in (ALLOWED, STRANGER)] == [True, False]
    stream.sendall(b"still there")
    assert stream.recv(100) == b"still there"
    stream.close()
    facts = bench.facts("right")
    assert [one["code"] for one in facts["proof"]["verdicts"]] == ["ok_dns", "ok_relay_refused"], "routes are not tried from a machine shut out"
    assert facts["result"] == {"changed": False, "changes": []} and facts["handovers"] == []
    smtp = next(one for one in facts["seen"]["services"]["gateway"] if one["name"] == "smtp")
    assert smtp["mode"] == "enforce" and smtp["connections"]["allowed"] > 0 and facts["seen"]["strangers"]["gateway"][0]["address"] == STRANGER[4]
    assert bench.gateway.foreign() == foreign


@pytest.mark.parametrize("bench", ["nftables"], indirect=True)
def test_what_no_module_reaches_is_handed_over(bench: Bench) -> None:
    asa = {"asa": bench.customer(gateways=[], vendor={"vendor": "asa", "place": {"server": "192.0.2.25", "access_list": "outside_in"}}, enforce=True)}
    run = bench.play(asa, "firewall_lockdown")
    assert run.recap("asa")["failed"] == 0 and run.recap("asa")["changed"] == 0, run.output
    (handover,) = bench.facts("asa")["handovers"]
    assert handover["title"] == "Bring the rules 'mimecast' to Cisco ASA" and handover["steps"]


# ---- the migration

NEW, OLD = "203.0.113.0/24", "63.128.21.0/24"
RETIRED = {"range": ALLOWED[4] + "/32", "reason": "a mistake", "by": "Jane Doe", "from": "2026-01-01"}


def migrating(bench: Bench, **sources: Any) -> dict[str, dict[str, Any]]:
    def customer(account: str, **options: Any) -> dict[str, Any]:
        whole = {"account": account, "sources": {"spf": False, "ranges": [ALLOWED[4], NEW], **sources}, "folder": str(bench.folder),
                 "allowlist": {"backend": bench.gateway.backend, "paths": bench.gateway.paths, "allow_few": ["smtp"]}, "confirm_timeout": 60, **options}
        return {"range_migration_" + name: value for name, value in whole.items()}

    asa = {"vendor": {"vendor": "asa"}, "services": [{"name": "smtp", "ports": [25], "mode": "enforce", "sources": [OLD]}]}
    return {
        "affected": customer("CUSA1A1", gateways=["gateway"]),
        "europe": customer("CUK1A1"),
        "unrestricted": customer("CDE1A1", restricts=False),
        "unknown": customer("CAU1A1"),
        "by_hand": customer("CAU1A1", **asa),
        "typo": customer("CAUSA1A1"),
    }


def sources(bench: Bench) -> list[str]:
    found: list[str] = bench.gateway.info()["services"][0]["sources"]
    return found


@pytest.mark.parametrize("bench", ["iptables"], indirect=True)
def test_the_move_of_a_whole_inventory_and_the_way_back(bench: Bench) -> None:
    net, playbook = bench.gateway.net, "mimecast.connect.range_migration"
    bench.gateway.done(service(sources=(OLD, "203.0.113.9")))
    assert not net.reaches(ALLOWED[4])
    customers, before = migrating(bench), sources(bench)
    written = ["-e", f"report={bench.folder / 'report.json'}"]
    planned = bench.run(customers, playbook, "--check", "--diff", *written)
    assert planned.recap("affected")["failed"] == 0, planned.output
    assert sources(bench) == before and not list(bench.folder.glob("*.bak")) and not (bench.folder / "report.json").exists()
    done = bench.run(customers, playbook, *written)
    rows = json.loads((bench.folder / "report.json").read_text())
    assert {name: row["status"] for name, row in rows.items()} == {
        "affected": "affected", "europe": "elsewhere", "unrestricted": "unrestricted", "unknown": "unknown", "by_hand": "affected", "typo": "failed"}
    assert "is no region and no account code" in rows["typo"]["why"] and done.recap("typo")["failed"] == 1
    assert "europe: elsewhere: Europe (excluding Germany) does not take part in the move" in done.stdout
    assert OLD in rows["affected"]["kept_deprecated"] and rows["affected"]["removed"] == []
    changes = [run.recap(name)["changed"] for run in (planned, done) for name in customers]
    assert changes == [3, 0, 0, 0, 1, 0] * 2, "the state and the firewall; the first customer writes the report as well"
    assert net.reaches(ALLOWED[4]) and not net.reaches(STRANGER[4])
    (saved,) = bench.folder.glob("affected.ranges-*.bak")
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600 and json.loads(saved.read_text())["firewalls"]["gateway"][0]["sources"] == [OLD, "203.0.113.9"]
    again = bench.run(customers, playbook)
    assert [again.recap(name)["changed"] for name in customers] == [0] * 6, again.output
    assert len(list(bench.folder.glob("affected.*.bak"))) == 1

    # Somebody retires a range too early; one command takes it back, and the entry that is still there does not undo that.
    alone = ["--limit", "affected"]
    customers = migrating(bench, retired=[RETIRED], ranges=[NEW, ALLOWED[4]])
    assert bench.run(customers, playbook, *alone).recap("affected")["failed"] == 0 and not net.reaches(ALLOWED[4])
    back = bench.run(customers, playbook, *alone, "-e", "{range_migration_rollback: true}")
    assert back.recap("affected")["failed"] == 0 and net.reaches(ALLOWED[4]), back.output
    assert "affected: rolled_back: brings back 198.51.100.2/32" in back.stdout
    held = bench.run(customers, playbook, *alone)
    assert held.recap("affected")["changed"] == 0 and net.reaches(ALLOWED[4])
    assert "retired, but kept since they were rolled back: 198.51.100.2/32" in held.stdout
