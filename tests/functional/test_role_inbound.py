# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role inbound from a domain that the tenant does not have to MX records that lead to the service, in a real DNS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

for package in ("aiosmtpd", "dns", "trustme"):
    pytest.importorskip(package, reason="the real servers or the probes need it")

import bind_server
import playbooks
from bind_server import Dns, bind, resolver
from dns_cases import MX1, MX2, SERVICE
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_control import MailServers
from playbooks import Run

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not() or "-")
DOMAIN, NAME, OLD = "acme.test", "mx1.acme.example", "mx.vendor.test"
SERVICE_MX = [f"10 {MX1}.", f"10 {MX2}."]


@dataclass
class Bench:
    """A customer before the step, with a zone that BIND keeps."""

    sandbox: Sandbox
    mail: MailServers
    authority: Dns
    cache: Dns
    folder: Path
    runs: int = 0

    def play(self, *options: str, **more: Any) -> Run:
        """Run the role with the customer's options and others."""
        self.runs += 1
        place = self.folder / str(self.runs)
        place.mkdir()
        given = {
            "delivery_routes": [{"name": "HQ", "hostname": NAME}],
            "checks": [{"route": "HQ", "address": self.mail.address("trusted"), "ca_path": self.mail.ca}],
            "ask_service": False, "domains": [{"name": DOMAIN}], "register_domains": True,
            "mx": {"region": "eu", "old_mx": [OLD], "resolver": self.cache.address, "nameservers": {f"ns1.{DOMAIN}": self.authority.address}},
            "dns": {"backend": "nsupdate", "server": "127.0.0.1", "port": self.authority.port, "key_name": self.authority.key.name,
                    "key_secret": self.authority.key.secret, "resolver": self.cache.address},
            **more,
        }
        keep = {
            "ansible.builtin.copy": {"dest": str(place / "facts.json"), "content": "{{ [inbound_result, inbound_handovers] | to_json }}", "mode": "0600"},
            "check_mode": False, "changed_when": False, "diff": False,
        }
        play = {
            "hosts": "localhost", "gather_facts": False, "vars": {f"inbound_{name}": value for name, value in given.items()},
            "roles": ["mimecast.connect.inbound"], "tasks": [keep],
        }
        path = playbooks.write_yaml(place / "play.yml", [{**play, "vars": {**play["vars"], **playbooks.LOCAL}}])
        self.sandbox.clear_requests()
        return playbooks.playbook(place, str(path), *options, MIMECAST_BASE_URL=self.sandbox.url, **self.login)

    @property
    def login(self) -> dict[str, str]:
        return {"MIMECAST_CLIENT_ID": "inbound", "MIMECAST_CLIENT_SECRET": self.secret}

    secret: str = ""

    def writes(self) -> int:
        return sum(one["wrote"] for one in self.sandbox.requests())

    def facts(self) -> list[Any]:
        found: list[Any] = json.loads((self.folder / str(self.runs) / "facts.json").read_text())
        return found


@pytest.fixture
def bench(running_sandbox: Sandbox, tmp_path: Path) -> Iterator[Bench]:
    running_sandbox.reset()
    zones = {**SERVICE, DOMAIN: f"@ MX 10 {OLD}.\n@ TXT \"something else\"\n"}
    with MailServers(only=["trusted", "refuses_recipients"], names=[NAME]) as mail, bind(zones, updatable=True) as authority:
        with resolver(authority) as cache:
            running_sandbox.settings(resolver=cache.address)
            made = running_sandbox.tenant("CUK1A1", client_id="inbound")
            yield Bench(running_sandbox, mail, authority, cache, tmp_path, secret=made["client_secret"])


def test_from_a_new_domain_to_the_cut_over(bench: Bench) -> None:
    planned = bench.play("--check", mx_cut_over=True)
    assert planned.recap("localhost")["failed"] == 1 and "no internal domain of that name" in planned.stdout
    assert bench.writes() == 0 and bench.authority.dig(DOMAIN, "MX") == [f"10 {OLD}."]

    applied = bench.play("-e", "inbound_mx_cut_over=false")  # which is a text
    assert applied.recap("localhost")["failed"] == 0, applied.output
    assert len(bench.sandbox.objects("CUK1A1", "delivery_route_definitions")) == 1
    assert len(bench.authority.dig(DOMAIN, "TXT")) == 2 and bench.authority.dig(DOMAIN, "MX") == [f"10 {OLD}."], "the switch is not set"

    foretold = bench.play("--check", "--diff", mx_cut_over=True)
    assert foretold.recap("localhost")["changed"] == 1 and OLD in foretold.stdout, foretold.output
    assert bench.authority.dig(DOMAIN, "MX") == [f"10 {OLD}."]
    expected = bench.facts()[0]

    cut_over = bench.play(mx_cut_over=True)
    assert cut_over.recap("localhost")["failed"] == 0, cut_over.output
    assert bench.authority.dig(DOMAIN, "MX") == SERVICE_MX and bench.facts()[0] == expected

    again = bench.play(mx_cut_over=True)
    assert again.recap("localhost")["changed"] == 0 and bench.writes() == 0
    shown = "".join(run.output for run in (planned, applied, foretold, cut_over, again))
    assert bench.authority.key.secret not in shown


def test_an_old_provider_that_still_takes_mail_is_left_for_a_person(bench: Bench) -> None:
    def refusal(server: str) -> list[dict[str, str]]:
        return [{"host": OLD, "tls": "none", "address": bench.mail.address(server), "relay_recipient": f"ada@{DOMAIN}"}]

    done = bench.play(mx_cut_over=True, refusals=refusal("trusted"))
    assert done.recap("localhost")["failed"] == 0, done.output
    handover = bench.facts()[1][0]
    assert handover["title"] == "End the service of the old provider" and f"<ada@{DOMAIN}>" in handover["why"]

    done = bench.play(mx_cut_over=True, mx_changed=True, refusals=refusal("trusted"))
    assert done.recap("localhost")["failed"] == 1 and "accepts mail from here for the foreign" in done.stdout

    bench.play(mx_cut_over=True, refusals=refusal("refuses_recipients"))
    assert bench.facts()[1] == []


def test_a_zone_that_a_person_keeps(bench: Bench) -> None:
    by_hand = {"resolver": bench.cache.address, "nameservers": {f"ns1.{DOMAIN}": bench.authority.address}}
    waiting = bench.play(dns=by_hand, mx_cut_over=True)
    assert waiting.recap("localhost")["failed"] == 1
    token = bench.sandbox.objects("CUK1A1", "pending_domains")[0]["token"]
    assert f"not internal yet: {DOMAIN}. Add the TXT record of {DOMAIN}." in waiting.stdout and token in waiting.stdout
    assert bench.sandbox.objects("CUK1A1", "delivery_route_definitions") == []

    bench.authority.update(DOMAIN, f'add {DOMAIN}. 300 TXT "{token}"')
    found = bench.play(dns=by_hand, mx_cut_over=True)
    assert found.recap("localhost")["failed"] == 0, found.output
    assert [handover["title"] for handover in bench.facts()[1]] == [f"Publish the records of zone {DOMAIN}"]

    bench.authority.update(DOMAIN, f"delete {DOMAIN}. MX", *(f"add {DOMAIN}. 300 MX {mx}" for mx in SERVICE_MX))
    bench.play(dns=by_hand, mx_cut_over=True)
    assert bench.facts()[1] == []
