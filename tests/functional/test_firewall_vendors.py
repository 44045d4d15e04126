# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of renderings in the hands of those for whom it is: other people's collections apply it, twice, beside what others keep there."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import playbooks
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from playbooks import LOCAL, Run, collections_path

pytest.importorskip("trustme", reason="trustme makes the certificate of the fake FortiOS")
import forti_server

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.firewall_rendering import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute

VENDORS = Path(os.environ.get("MIMECAST_TEST_VENDORS", "none"))
SMTP = {"name": "smtp", "ports": [25], "sources": ["198.51.100.0/23", "203.0.113.7", "2001:db8:7::/48"], "mode": "enforce"}
LDAP = {"name": "ldap", "ports": [389, 636], "sources": ["198.51.100.0/23"], "mode": "open"}
FEWER = {**SMTP, "sources": ["198.51.100.0/23"]}
FORTI = {"server": "mail-vip", "source_zone": "wan1", "destination_zone": "dmz", "position": 900}
RENDERING = "mimecast.connect.firewall_rendering"


def need(collection: str, *libraries: str) -> None:
    """Skip, with the reason, where somebody else's part is missing."""
    if not (VENDORS / "ansible_collections" / collection).exists():
        pytest.skip("{0} is not in the folder that MIMECAST_TEST_VENDORS names; tools/vendor_collections.py fetches it".format(collection))
    for library in libraries:
        if not find_spec(library):
            pytest.skip("the Python library {0} is missing".format(library))


def run(folder: Path, tasks: list[dict[str, Any]], *options: str, **play: Any) -> Run:
    """A play that finds the collections of others too."""
    done = playbooks.run(folder, tasks, *options, env={"ANSIBLE_COLLECTIONS_PATH": f"{collections_path()}:{VENDORS}", "ANSIBLE_PIPELINING": "true"}, **play)
    assert done.code == 0, done.output
    return done


def rendering(vendor: str, *services: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {RENDERING: {"vendor": vendor, "services": list(services), **more}, "register": "rendering"}


# ---- AWS

@pytest.fixture(scope="module")
def aws() -> Iterator[dict[str, str]]:
    """The arguments that lead amazon.aws to a moto of its own."""
    need("amazon/aws", "moto", "boto3", "flask")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(url + "/moto-api/")
            yield {"endpoint_url": url, "region": "eu-west-1", "access_key": "testing", "secret_key": "testing"}
        finally:
            server.kill()


def wait_for(url: str) -> None:
    opener, deadline = urllib.request.build_opener(urllib.request.ProxyHandler({})), time.monotonic() + 30
    while True:
        try:
            opener.open(url, timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "moto did not start"
            time.sleep(0.1)


def group(aws: dict[str, str], name: str, **more: Any) -> dict[str, Any]:
    return {"amazon.aws.ec2_security_group": {**aws, "name": name, "vpc_id": "{{ vpc.vpc.id }}", **more}}


def applied(aws: dict[str, str]) -> dict[str, Any]:
    """The task as the role has it: our data, their VPC and credential."""
    data = "rendering.data.ec2_security_group"
    return group(aws, "{{ %s.name }}" % data, **{
        name: "{{ %s.%s }}" % (data, name) for name in ("description", "rules", "purge_rules", "purge_rules_egress")})


def permitted(*groups: dict[str, Any]) -> set[tuple[str, int, str]]:
    """Group, port and network of every rule."""
    return {
        (one["group_name"], rule["from_port"], source.get("cidr_ip") or source["cidr_ipv6"])
        for one in groups for rule in one["ip_permissions"] for source in (*rule["ip_ranges"], *rule.get("ipv6_ranges", []))}


def test_aws_takes_the_group(aws: dict[str, str], tmp_path: Path) -> None:
    foreign = {"proto": "tcp", "ports": ["22"], "cidr_ip": ["192.0.2.0/24"], "rule_desc": "somebody's"}
    done = run(tmp_path, [
        {"amazon.aws.ec2_vpc_net": {**aws, "name": "mail", "cidr_block": "10.0.0.0/16"}, "register": "vpc"},
        group(aws, "others", description="of others", rules=[foreign]),
        rendering("aws", SMTP, LDAP), applied(aws),
        group(aws, "mimecast", description="mimecast: who may connect", rules=[foreign], purge_rules=False), applied(aws),
        rendering("aws", FEWER, LDAP, purge=True), applied(aws),
        {"amazon.aws.ec2_security_group_info": {**aws, "filters": {"vpc-id": "{{ vpc.vpc.id }}"}}},
    ])
    first, added, second, purged = (done.results[number] for number in (3, 4, 5, 7))
    ours = {("mimecast", 25, "198.51.100.0/23"), ("mimecast", 389, "198.51.100.0/23"), ("mimecast", 636, "198.51.100.0/23")}
    gone = {("mimecast", 25, "203.0.113.7/32"), ("mimecast", 25, "2001:db8:7::/48")}
    within, beside = ("mimecast", 22, "192.0.2.0/24"), ("others", 22, "192.0.2.0/24")
    assert first["changed"] and permitted(first) == ours | gone
    # A second run changes nothing, and what others put into the group stays, unless purge says that it is ours alone.
    assert added["changed"] and not second["changed"] and permitted(second) == ours | gone | {within}
    assert purged["changed"] and permitted(purged) == ours
    assert beside in permitted(*done.results[8]["security_groups"])


# ---- FortiOS

FORTI_MODULES = ("address", "address6", "addrgrp", "addrgrp6", "service_custom", "policy")


def forti_tasks() -> list[dict[str, Any]]:
    """The tasks as the role has them, in the order in which objects refer to each other."""
    return [{
        "fortinet.fortios.fortios_firewall_" + word: {
            "access_token": forti_server.TOKEN, "vdom": "root", "state": "present", "firewall_" + word: "{{ item }}"},
        "delegate_to": "device", "loop": "{{ rendering.data['fortios_firewall_%s'] }}" % word,
    } for word in FORTI_MODULES]


def test_fortios_takes_the_objects(tmp_path: Path) -> None:
    need("fortinet/fortios")
    with forti_server.running(tmp_path) as device:
        device.tables["firewall/address"] = {"somebody's": {"name": "somebody's", "subnet": "192.0.2.0 255.255.255.0"}}
        hosts = {"device": {
            "ansible_connection": "ansible.netcommon.httpapi", "ansible_host": "127.0.0.1", "ansible_httpapi_port": device.server_address[1],
            "ansible_network_os": "fortinet.fortios.fortios", "ansible_httpapi_use_ssl": True, "ansible_httpapi_validate_certs": False,
            "ansible_python_interpreter": LOCAL["ansible_python_interpreter"],
        }}
        tasks = [
            rendering("fortios", SMTP, place=FORTI), *forti_tasks(), *forti_tasks(),
            rendering("fortios", FEWER, place=FORTI), forti_tasks()[FORTI_MODULES.index("addrgrp")],
        ]
        done = run(tmp_path / "run", tasks, hosts=hosts)
    assert [result["changed"] for result in done.results] == [False, *[True] * 6, *[False] * 6, False, True]
    tables = device.tables
    assert tables["firewall/address"]["mimecast-198.51.100.0_23"]["subnet"] == "198.51.100.0 255.255.254.0"
    assert tables["firewall/address6"]["mimecast-2001-db8-7--_48"]["ip6"] == "2001:db8:7::/48"
    assert tables["firewall/addrgrp6"]["mimecast-smtp-v6"]["member"] == [{"name": "mimecast-2001-db8-7--_48"}]
    assert tables["firewall.service/custom"]["mimecast-smtp"]["tcp-portrange"] == "25"
    policies = tables["firewall/policy"]
    assert {key: policies[key]["action"] for key in sorted(policies)} == {"900": "accept", "901": "deny"}
    assert policies["900"]["srcaddr"] == [{"name": "mimecast-smtp"}] and policies["901"]["srcaddr"] == [{"name": "all"}]
    # The group is replaced as a whole, so what is no longer a source is out; nobody else's object was written.
    assert tables["firewall/addrgrp"]["mimecast-smtp"]["member"] == [{"name": "mimecast-198.51.100.0_23"}]
    assert not [write for write in device.writes if "somebody" in write]


# ---- nothing here plays Azure or Windows: their modules' own documentation judges the arguments

@pytest.mark.parametrize(("vendor", "collection", "module"), [
    ("azure", "azure/azcollection", "azure_rm_securitygroup"), ("windows", "ansible/windows", "win_powershell"),
    ("aws", "amazon/aws", "ec2_security_group"),
])
def test_the_module_takes_these_arguments(vendor: str, collection: str, module: str) -> None:
    path = "{0}/plugins/modules/{1}.py".format(collection, module)
    need(path)
    tree = ast.parse((VENDORS / "ansible_collections" / path).read_text(encoding="utf-8"))
    texts = {node.targets[0].id: node.value.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)}
    options = {name: spec(part) for name, part in yaml.safe_load(texts["DOCUMENTATION"])["options"].items()}
    place = {"position": 200} if vendor == "azure" else {}
    params = ArgumentSpecValidator(JOB.argument_spec).validate({"vendor": vendor, "services": [SMTP, LDAP], "place": place}).validated_parameters
    data = execute(JOB, params, False)[0]["data"][module]
    for part in options.values():
        part["required"] = False  # where and as whom is not ours to say
    checked = ArgumentSpecValidator(options).validate(data)
    assert not checked.error_messages


def spec(documented: dict[str, Any]) -> dict[str, Any]:
    """The argument spec of a documented option."""
    found = {name: documented[name] for name in ("type", "elements", "choices", "required", "default", "aliases") if name in documented}
    if "suboptions" in documented:
        found["options"] = {name: spec(part) for name, part in documented["suboptions"].items()}
    return found
