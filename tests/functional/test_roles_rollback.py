# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what there was, and the playbook rollback: a customer with BIND, Postfix and the sandbox, there and back."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("dns", reason="the records need dnspython")

import bind_server
import playbooks
import postfix_host
from bind_server import Dns, bind, resolver
from conftest import Tenant
from dns_cases import SERVICE
from playbooks import Run
from postfix_host import PostfixHost

WHY_NOT = bind_server.why_not() or postfix_host.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
ZONE = '@ 77 MX 5 mx.vendor.test.\n@ 88 TXT "v=spf1 mx -all"\n@ 88 TXT "of somebody else"\n'
ROUTE = {"name": "HQ", "hostname": "mx1.example.com", "port": 2525, "policies": [{"name": "All", "to": {"type": "internal"}}]}
KEPT = {"name": "Old", "hostname": "old.example.com", "policies": [{"name": "Board", "to": {"type": "internal"}}]}
SMART_HOSTS = ["eu-smtp-outbound-1.mimecast.com", "eu-smtp-outbound-2.mimecast.com"]
JOURNAL = {"address": "journaling@journal.example.com", "domain": "journal.example.com", "hosts": ["eu-smtp-journal-1.mimecast.com"]}


@dataclass
class World:
    tenant: Tenant
    dns: Dns
    cache: Dns
    postfix: PostfixHost
    folder: Path
    runs: int = 0

    def options(self) -> dict[str, Any]:
        return {"backend": "nsupdate", "server": "127.0.0.1", "port": self.dns.port, "key_name": self.dns.key.name, "key_secret": self.dns.key.secret,
                "resolver": self.cache.address}

    def variables(self) -> dict[str, Any]:
        return {
            "mimecast_connection": self.tenant.connection, "acceptance_records": str(self.folder / "records"), "acceptance_dns": self.options(),
            "domains": [{"name": "example.com", "inbound_type": "known"}], "acceptance_domains": [{"name": "example.com", "inbound_type": "known"}],
            "delivery_routes": [{**ROUTE, "policies": [*ROUTE["policies"], {"name": "More", "to": {"type": "domain", "domain": "example.com"}}]},
                                {**KEPT, "hostname": "new.example.com"}, {"name": "New", "hostname": "new.example.com"}],
            "outbound_addresses": {"addresses": {"set": ["192.0.2.25", "192.0.2.26"]}},
            "journaling_services": [{"name": "Journal", "smtp": {"email": JOURNAL["address"]}}],
            "acceptance_mail_servers": ["mail-1"], "acceptance_postfix_directory": str(self.postfix.config),
        }

    def play(self, play: str | list[dict[str, Any]], *options: str) -> Run:
        self.runs += 1
        folder = self.folder / f"run{self.runs}"
        folder.mkdir()
        server = {**playbooks.LOCAL, "ansible_become": False}
        inventory = {"all": {"hosts": {"mail-1": server}, "children": {"mimecast_customers": {"hosts": {"acme": {**playbooks.LOCAL, **self.variables()}}}}}}
        if not isinstance(play, str):
            head = {"hosts": "mimecast_customers", "connection": "local", "gather_facts": False,
                    "module_defaults": {"group/mimecast.connect.mimecast": "{{ mimecast_connection }}"}}
            play = str(playbooks.write_yaml(folder / "play.yml", [{**head, "tasks": play}]))
        run = playbooks.playbook(folder, play, "-i", str(playbooks.write_yaml(folder / "inventory.yml", inventory)), *options,
                                 ANSIBLE_BECOME_EXE="env", ANSIBLE_BECOME_ALLOW_SAME_USER="false")
        assert "Traceback" not in run.output, run.output
        return run

    def record(self, *options: str) -> Run:
        return self.play([{"ansible.builtin.include_role": {"name": "mimecast.connect.acceptance", "tasks_from": "record"}}], *options)

    def back(self, step: str, *options: str) -> Run:
        return self.play("mimecast.connect.rollback", "-e", f"step={step}", "-e", f"records={self.folder / 'records'}", *options)

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in sorted((self.folder / "records").glob("acme/*"))}

    def state(self) -> dict[str, Any]:
        found = self.tenant.call("mimecast_export")["document"]
        return {**found, "mx": sorted(self.dns.ask("example.com", "MX", "+noall", "+answer").splitlines()), "txt": sorted(self.dns.dig("example.com", "TXT")),
                "postfix": (self.postfix.config / "main.cf").read_text().split(), "files": sorted(path.name for path in self.postfix.config.glob("mimecast*"))}


@pytest.fixture
def world(tenant: Tenant, tmp_path: Path) -> Iterator[World]:
    with bind({**SERVICE, "example.com": ZONE}, updatable=True) as dns, resolver(dns) as cache, postfix_host.postfix_host() as postfix:
        made = World(tenant, dns, cache, postfix, tmp_path)
        assert tenant.call("mimecast_tenant", delivery_routes=[KEPT], outbound_addresses={"addresses": {"set": ["192.0.2.25"]}},
                           domains=[{"name": "example.com", "inbound_type": "any"}])["changed"]
        yield made


def move(world: World) -> None:
    """All steps, as the roles do them."""
    variables = world.variables()
    kinds = ("domains", "delivery_routes", "outbound_addresses", "journaling_services")
    done = world.play([
        {"mimecast.connect.mimecast_tenant": {kind: variables[kind] for kind in kinds}},
        {"mimecast.connect.mail_dns_records": {"domains": [{"name": "example.com", "verification_token": "4f1c09be7a2d3"}], "region": "eu", "mx": "replace",
                                               "spf": True, **world.options()}},
        {"mimecast.connect.postfix_routing": {"smart_hosts": SMART_HOSTS, "tls": "relaxed", "journal": JOURNAL,
                                              "config_directory": variables["acceptance_postfix_directory"]}, "delegate_to": "mail-1", "connection": "ssh"}])
    assert done.recap("acme")["changed"] == 3, done.output


def test_there_and_back(world: World) -> None:
    before = world.state()
    predicted = world.record("--check")
    assert predicted.code == 0 and not (world.folder / "records").exists(), predicted.output
    assert world.record().code == 0
    files = world.files()
    assert [*files] == ["dns.yml", "postfix.yml", "tenant.yml"] and yaml.safe_load(files["tenant.yml"])["outbound_addresses"] == {
        "addresses": {"set": ["192.0.2.25"]}}
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (world.folder / "records" / "acme").iterdir()}
    assert set(modes.values()) == {0o600} and stat.S_IMODE((world.folder / "records" / "acme").stat().st_mode) == 0o700

    move(world)
    moved = world.state()
    again = world.record()
    assert again.recap("acme")["changed"] == 0 and world.files() == files, "what was recorded stays"

    for step in ("outbound", "journaling", "recipient_validation", "inbound"):
        state, predicted = world.state(), None
        if step in ("outbound", "inbound"):
            predicted = world.back(step, "--check", "--diff")
            assert world.state() == state and predicted.recap("acme")["changed"] > 0, predicted.output
        done = world.back(step, "--diff")
        assert done.code == 0 and done.recap("acme")["changed"] == (predicted or done).recap("acme")["changed"] > 0, done.output
        if step == "outbound":
            found = world.state()
            assert found["delivery_routes"] == moved["delivery_routes"] and found["mx"] == moved["mx"] and "always_bcc" in found["postfix"]
            assert '"v=spf1 mx -all"' in found["txt"] and '"4f1c09be7a2d3"' in found["txt"] and "relayhost" not in found["postfix"]
            assert world.back(step).recap("acme")["changed"] == 0
    assert "The delivery routes stay for now" in done.stdout and world.state()["delivery_routes"] == moved["delivery_routes"]
    assert world.back("inbound").recap("acme")["changed"] == 1, "the routes, once the MX records are over"
    assert world.back("inbound").recap("acme")["changed"] == 0
    after = world.state()
    world.dns.update("example.com", 'delete example.com. TXT "4f1c09be7a2d3"')
    assert {**after, "txt": sorted(world.dns.dig("example.com", "TXT"))} == before


def test_what_cannot_be_read_or_is_not_there_stops_all(world: World) -> None:
    failed = world.record("-e", json.dumps({"acceptance_dns": {**world.options(), "port": 1}}))
    assert failed.code == 2 and "Cannot read the DNS. example.com: " in failed.stdout and not (world.folder / "records").exists(), failed.output
    state = world.state()
    without = world.back("inbound")
    assert without.code == 2 and "Nothing was changed: give -e step=" in without.stdout and world.state() == state
    assert world.record().code == 0
    os.remove(world.folder / "records" / "acme" / "dns.yml")
    without = world.back("inbound")
    assert without.code == 2 and "there is no record of the DNS" in without.output.replace("\n", " ") and world.state() == state
    unknown = world.back("everything")
    assert unknown.code == 2 and "there is no step 'everything'" in unknown.output.replace("\\", "").replace("\n", " ")
