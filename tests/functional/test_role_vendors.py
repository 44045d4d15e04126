# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles where a vendor's own collection applies what they want: planned, applied, and run again."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import forti_server
import playbooks
import pytest
from playbooks import LOCAL, Run, collections_path
from test_firewall_vendors import FORTI, VENDORS, need, wait_for

pytest.importorskip("netaddr", reason="the roles decide by sets of networks")

RANGES = ["198.51.100.0/23", "203.0.113.0/25"]
OLD, NEW = "203.0.113.9/32", "198.51.100.0/23"
CUSTOMER = {
    "firewall_lockdown_ranges": RANGES, "range_migration_account": "CUSA1A1",
    "range_migration_sources": {"spf": False, "bundled": False, "ranges": [NEW]},
    "range_migration_services": [{"name": "smtp", "ports": [25], "mode": "open", "sources": [OLD]}],
}


def runs(folder: Path, role: str, variables: dict[str, Any], stages: tuple[tuple[str, ...], ...], hosts: dict[str, Any] | None = None,
         **play: Any) -> list[Run]:
    """One run of the role for each stage, its options."""
    inventory = {"all": {"hosts": {"customer": {**LOCAL, **CUSTOMER, **variables, "range_migration_folder": str(folder)}, **(hosts or {})}}}
    whole = {"hosts": "customer", "connection": "local", "gather_facts": False, "roles": ["mimecast.connect." + role], **play}
    arguments = [str(playbooks.write_yaml(folder / "play.yml", [whole])), "-i", str(playbooks.write_yaml(folder / "hosts.yml", inventory))]
    found = []
    for number, options in enumerate(stages):
        place = folder / f"{role}{number}"
        place.mkdir()
        found.append(playbooks.playbook(place, *arguments, *options, ANSIBLE_COLLECTIONS_PATH=f"{collections_path()}:{VENDORS}"))
        assert found[-1].code == 0, found[-1].output
    return found


def test_aws_by_its_collection(tmp_path: Path) -> None:
    need("amazon/aws", "moto", "boto3", "flask")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log_in = {"endpoint_url": f"http://127.0.0.1:{port}", "region": "eu-west-1", "access_key": "testing", "secret_key": "testing"}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(log_in["endpoint_url"] + "/moto-api/")
            vendor = {"firewall_lockdown_vendor": {"vendor": "aws", "apply": True, "vpc_id": "{{ vpc.vpc.id }}"},
                      "firewall_lockdown_opened": [{"name": "directory", "ports": [636]}]}
            network = {"amazon.aws.ec2_vpc_net": {"name": "mail", "cidr_block": "10.0.0.0/16"}, "register": "vpc", "check_mode": False}
            kept = {"amazon.aws.ec2_security_group_info": {"filters": {"group-name": "mimecast"}}, "register": "made"}
            shown = {"ansible.builtin.copy": {"dest": str(tmp_path / "groups.json"), "content": "{{ made.security_groups | to_json }}", "mode": "0600"},
                     "changed_when": False}
            defaults = {name: log_in for name in ("amazon.aws.ec2_vpc_net", "amazon.aws.ec2_security_group", "amazon.aws.ec2_security_group_info")}
            found = runs(tmp_path, "firewall_lockdown", vendor, ((), ("--check",), ()), pre_tasks=[network], tasks=[kept, shown], module_defaults=defaults)
        finally:
            server.kill()
    assert [run.recap("customer")["changed"] for run in found] == [2, 0, 0], "the network and the group, and nothing more"
    (group,) = json.loads((tmp_path / "groups.json").read_text())
    assert {(rule["from_port"], source["cidr_ip"]) for rule in group["ip_permissions"] for source in rule["ip_ranges"]} == {
        (port, network) for port in (25, 636) for network in RANGES}


def test_fortios_by_its_collection(tmp_path: Path) -> None:
    need("fortinet/fortios", "trustme")
    with forti_server.running(tmp_path) as device:
        hosts = {"device": {
            "ansible_connection": "ansible.netcommon.httpapi", "ansible_host": "127.0.0.1", "ansible_httpapi_port": device.server_address[1],
            "ansible_network_os": "fortinet.fortios.fortios", "ansible_httpapi_use_ssl": True, "ansible_httpapi_validate_certs": False,
            "ansible_python_interpreter": LOCAL["ansible_python_interpreter"],
        }}
        vendor = {"vendor": "fortios", "apply": True, "device": "device", "place": FORTI}
        variables = {"firewall_lockdown_vendor": vendor, "range_migration_vendor": vendor, "firewall_lockdown_access_token": forti_server.TOKEN}
        (locked,) = runs(tmp_path, "firewall_lockdown", {**variables, "firewall_lockdown_ranges": [OLD]}, ((),), hosts)
        policies = {key: value["action"] for key, value in device.tables["firewall/policy"].items()}
        moved = runs(tmp_path, "range_migration", variables, ((), ()), hosts)
    assert policies == {"900": "accept"} and locked.recap("customer")["changed"], "nobody is shut out by a product that cannot watch"
    assert [bool(run.recap("customer")["changed"]) for run in moved] == [True, False]
    members = {one["name"] for one in device.tables["firewall/addrgrp"]["mimecast-smtp"]["member"]}
    assert members == {"mimecast-203.0.113.9_32", "mimecast-198.51.100.0_23"}, "the old stays beside the new"
