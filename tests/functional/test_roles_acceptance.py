# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role acceptance with real messages through the sandbox: a customer for whom all is right, and what fails for others."""

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
from dns_cases import EU, SERVICE
from mail_recorder import Recorder, free_port, recorder
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_pki import Pki
from playbooks import Run

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not() or "-")
NAME, PUBLIC, HERE = "mx1.acme.example", "192.0.2.25", "127.0.0.25"
ANN, BOB, NOBODY = "ann@acme.test", "bob@partner.test", "nobody@acme.test"
INBOUND = "\n".join(f"@ MX 10 eu-smtp-inbound-{number}.mimecast.com." for number in (1, 2))
ZONES = {"acme.test": f'{INBOUND}\n@ TXT "v=spf1 include:{EU} ~all"\n', "partner.test": "@ MX 10 mx\nmx A 192.0.2.80\n"}
ROUTE = {"name": "HQ", "hostname": NAME, "policies": [{"name": "All", "to": {"type": "internal"}}]}


@dataclass(frozen=True)
class World:
    sandbox: Sandbox
    code: str
    customer: Recorder
    partner: Recorder
    dns: Dns
    cache: Dns
    variables: dict[str, Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    pki = Pki(tmp_path_factory.mktemp("pki"), [NAME])
    with Sandbox("--mail", "--reach", "192.0.2.0/24") as sandbox, bind({**SERVICE, **ZONES}, updatable=True) as dns, resolver(dns) as cache, \
            recorder("127.0.0.1", free_port(), pki.context("good")) as customer, recorder("127.0.0.1", free_port(), pki.context("good")) as partner:
        made = sandbox.tenant(
            internal_domains=[{"domain": "acme.test", "inboundType": "known"}],
            objects={"outbound_ip_addresses": [{"outboundIpAddress": PUBLIC}], "users": [{"emailAddress": ANN}]})
        sandbox.settings(resolver=cache.address)
        sandbox.address_book({f"{NAME}:25": f"127.0.0.1:{customer.port}", "mx.partner.test:25": f"127.0.0.1:{partner.port}", PUBLIC: "127.0.0.1:25"})
        variables = {
            "mimecast_connection": {"base_url": sandbox.url, "client_id": made["client_id"], "client_secret": made["client_secret"]},
            "acceptance_domains": [{"name": "acme.test", "inbound_type": "known"}],
            "acceptance_outbound_addresses": {"addresses": {"set": [PUBLIC]}},
            "acceptance_delivery_routes": [ROUTE],
            "acceptance_checks": [{"route": "HQ", "address": f"127.0.0.1:{customer.port}", "ca_path": str(pki.ca_path)}],
            "acceptance_dns_check": {"region": "eu", "resolver": cache.address, "nameservers": {"ns1.acme.test": dns.address}},
            "acceptance_messages": True, "acceptance_search_timeout": 0,
            "acceptance_inside": {"host": "eu-smtp-outbound-1.mimecast.com", "address": sandbox.mail["smart_host"], "from": ANN, "to": BOB},
            "acceptance_outside": {"address": sandbox.mail["inbound"], "from": BOB, "to": ANN, "unknown": NOBODY},
        }
        route = playbooks.run(tmp_path_factory.mktemp("route"), [{"mimecast.connect.mimecast_tenant": {"delivery_routes": [ROUTE]}}],
                              module_defaults={"group/mimecast.connect.mimecast": "{{ mimecast_connection }}"}, vars=variables)
        assert route.results[0]["changed"], route.output
        yield World(sandbox, made["account_code"], customer, partner, dns, cache, variables)


def accept(world: World, folder: Path, *options: str, hosts: dict[str, dict[str, Any]] | None = None) -> tuple[Run, dict[str, Any]]:
    """The run for customers who differ from the one who is right, and the facts of the role by customer, with the cases by their ids."""
    folder.mkdir(exist_ok=True)
    names = ("result", "proof", "handovers")
    keep = {
        "name": "The facts", "changed_when": False, "check_mode": False, "delegate_to": "localhost",
        "ansible.builtin.copy": {"dest": str(folder / "facts-{{ inventory_hostname }}.json"), "mode": "0600", "content": "{{ {" + ", ".join(
            f"'{name}': acceptance_{name} | default([])" for name in names) + "} | to_json }}"},
    }
    play = {
        "hosts": "all", "connection": "local", "gather_facts": False,
        "module_defaults": {"group/mimecast.connect.mimecast": "{{ mimecast_connection }}"},
        "tasks": [{"block": [{"ansible.builtin.import_role": {"name": "mimecast.connect.acceptance"}}], "always": [{**keep, "tags": ["always"]}]}],
    }
    inventory = {"all": {"hosts": hosts or {"acme": {}}, "vars": {**playbooks.LOCAL, **world.variables}}}
    playbooks.write_yaml(folder / "inventory.yml", inventory)
    playbooks.write_yaml(folder / "play.yml", [play])
    run = playbooks.playbook(folder, "-i", str(folder / "inventory.yml"), str(folder / "play.yml"), *options)
    assert "Traceback" not in run.output
    facts = {name: json.loads((folder / f"facts-{name}.json").read_text()) for name in inventory["all"]["hosts"]}
    return run, {name: {**one, "cases": {case["id"]: case for case in one["result"]}} for name, one in facts.items()}


def test_all_is_right(world: World, tmp_path: Path) -> None:
    sent = len(world.customer.mail), len(world.partner.mail)
    run, found = accept(world, tmp_path)
    facts = found["acme"]
    assert run.code == 0 and run.recap("acme")["changed"] == 0, run.output
    assert {name: one["verdict"] for name, one in facts["cases"].items() if one["by"] == "machine"} == dict.fromkeys(
        ["OUT1", "OUT2", "OUT3", "OUT4", "DIR2", "DIR3", "IN1", "IN2", "IN3", "IN4"], "ok")
    assert [one["title"][:4] for one in facts["handovers"]] == ["OUT5", "DIR4", "IN6:"]
    assert [*facts["cases"]] == ["OUT1", "OUT2", "OUT3", "OUT4", "OUT5", "DIR2", "DIR3", "DIR4", "IN1", "IN2", "IN3", "IN4", "IN6"]
    assert (len(world.customer.mail), len(world.partner.mail)) == (sent[0] + 1, sent[1] + 1)
    assert world.customer.mail[-1].recipients == [ANN] and world.partner.mail[-1].recipients == [BOB] and world.customer.mail[-1].tls
    evidence = facts["cases"]["IN3"]["evidence"]
    assert evidence["route"] == "inbound" and evidence["message_id"] in world.customer.mail[-1].text
    assert evidence["message_id"] in facts["handovers"][2]["steps"][0]
    assert "Invalid Recipient" in facts["cases"]["DIR3"]["evidence"]["reply"]


def test_check_mode_sends_nothing_and_does_not_fail(world: World, tmp_path: Path) -> None:
    before = len(world.sandbox.mail_log())
    run, found = accept(world, tmp_path, "--check")
    facts = found["acme"]
    assert run.code == 0 and len(world.sandbox.mail_log()) == before, run.output
    assert {facts["cases"][name]["verdict"] for name in ("OUT3", "DIR3", "IN3")} == {"unknown"} and facts["cases"]["IN1"]["verdict"] == "ok"


@pytest.mark.parametrize(("part", "sent"), [("outbound", (0, 1)), ("directory", (0, 0)), ("inbound", (1, 0))])
def test_a_part_alone(world: World, tmp_path: Path, part: str, sent: tuple[int, int]) -> None:
    before = len(world.customer.mail), len(world.partner.mail)
    run, found = accept(world, tmp_path, "--tags", f"acceptance_{part}")
    assert run.code == 0 and {case["part"] for case in found["acme"]["result"]} == {part}, run.output
    assert (len(world.customer.mail) - before[0], len(world.partner.mail) - before[1]) == sent


# customer: what differs, the case that fails for it, and the words of the role
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "address": ({"acceptance_outbound_addresses": {"addresses": {"set": [PUBLIC, "192.0.2.26"]}}}, "OUT1", "differs from what is declared"),
    "spf": ({"acceptance_dns_check": {"region": "", "spf_include": "us._netblocks.mimecast.com"}}, "OUT2", "us._netblocks.mimecast.com"),
    "relay": ({"acceptance_inside": {"from": "eve@elsewhere.test"}}, "OUT3", "Open relay not allowed"),
    "past": ({"acceptance_inside": {"address": "PARTNER"}, "acceptance_search_timeout": 5}, "OUT3", "it went another way"),
    "domain": ({"acceptance_domains": [{"name": "acme.test", "inbound_type": "any"}]}, "DIR2", "differs from what is declared (domains acme.test)"),
    "known": ({"acceptance_outside": {"unknown": ANN}}, "DIR3", "which it should refuse"),
    "route": ({"acceptance_checks": [{"route": "HQ", "address": "127.0.0.1:1"}]}, "IN1", "refuses the connection"),
    "mx": ({"acceptance_dns_check": {"mx_hosts": ["eu-smtp-inbound-1.mimecast.com"]}}, "IN2", "eu-smtp-inbound-2"),
    "nobody": ({"acceptance_outside": {"to": NOBODY}}, "IN3", "Invalid Recipient"),
    "old": ({"acceptance_refusals": [{"host": NAME, "address": "CUSTOMER", "tls": "none", "relay_recipient": "x@elsewhere.test"}]}, "IN5",
            "accepts mail from here"),
}
RIGHT: dict[str, dict[str, Any]] = {
    "by_hand": {"acceptance_messages": False, "acceptance_verify": False, "acceptance_dns_check": {}},
    "archive": {"acceptance_service": "archiving"},
}


@pytest.fixture(scope="module")
def many(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, Any]]:
    hosts = {**{name: change for name, (change, _case, _words) in WRONG.items()}, **RIGHT}
    text = json.dumps(hosts).replace("PARTNER", f"127.0.0.1:{world.partner.port}").replace("CUSTOMER", f"127.0.0.1:{world.customer.port}")
    hosts = json.loads(text)
    for change in (hosts[name] for name in WRONG):
        for name, value in change.items():
            if isinstance(value, dict) and "addresses" not in value:
                merged = {**world.variables[name], **value}
                change[name] = {part: given for part, given in merged.items() if given != ""}
    return accept(world, tmp_path_factory.mktemp("many"), hosts=hosts)


@pytest.mark.parametrize("name", WRONG)
def test_a_mandatory_case_that_fails(many: tuple[Run, dict[str, Any]], name: str) -> None:
    run, facts = many
    _change, case, words = WRONG[name]
    found = facts[name]["cases"][case]
    assert found["verdict"] == "failed" and words in found["message"], found
    (line,) = [line for line in run.stdout.splitlines() if line.startswith(f"fatal: [{name}]: ")]
    assert f"{case} ({found['title']}): " in line and "repair them and run all of it again" in line
    assert facts[name]["cases"]["IN1" if case == "OUT1" else "OUT1"]["verdict"] == "ok", "all of it is run"


def test_without_messages_and_connections_a_person_does_it(many: tuple[Run, dict[str, Any]]) -> None:
    run, facts = many
    handovers = facts["by_hand"]["handovers"]
    assert run.recap("by_hand")["failed"] == 0
    assert {one["title"].partition(":")[0] for one in handovers} == {
        "OUT2", "OUT3", "OUT4", "OUT5", "DIR3", "DIR4", "IN1", "IN2", "IN3", "IN4", "IN6"}
    assert all(one["steps"] and one["for_whom"] for one in handovers)


def test_an_archive_has_directories_only(many: tuple[Run, dict[str, Any]]) -> None:
    run, facts = many
    assert run.recap("archive")["failed"] == 0 and [*facts["archive"]["cases"]] == ["DIR2", "DIR4"]
