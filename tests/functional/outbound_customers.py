# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Customers for the role outbound: who is right, and one for each precondition that is not met, with Postfix, BIND and smart hosts of their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import playbooks
from bind_server import Dns, bind, resolver
from dns_cases import SERVICE
from mail_recorder import Recorder, free_port, recorder
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_pki import Pki
from playbooks import Run
from postfix_host import PostfixHost, postfix_host

SMART = {"smart-1.example.net": "127.0.0.2", "smart-2.example.net": "127.0.0.3"}
ADDRESS, LOGIN = "198.51.100.25", ("connect@login.test", "Pa55-of-the-relay")
SPF = 'v=spf1 include:eu._netblocks.mimecast.com mx -all'
POSTFIX = ("right", "login", "handed", "long", "untouched")  # a Postfix each; the last is that of all who are stopped
OLD_SPF = "v=spf1 mx -all"
OLD = f'@ MX 10 mx1\nmx1 A 192.0.2.1\n@ TXT "{OLD_SPF}"\n'
SHORT_TTL = 3
ZONES = {
    # Receivers have soon forgotten the one, and never had an SPF record of the other.
    "right.test": OLD.replace("@ TXT", f"@ {SHORT_TTL} TXT"), "login.test": OLD.replace(OLD_SPF, "the-token-of-somebody"),
    **dict.fromkeys(("handed.test", "long.test", "windows.test", "untouched.test", "cloud.test", "hybrid.test"), OLD),
}
# No Windows can be had. It keeps the script that it is given, and tells what it would change.
WIN_POWERSHELL = """
import pathlib
from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule({"script": {"type": "str", "required": True}}, supports_check_mode=True)
path = pathlib.Path(FILE)
changes = [] if path.exists() else [{"Kind": "SendConnector", "Action": "create"}]
if not module.check_mode:
    path.write_text(module.params["script"])
module.exit_json(changed=bool(changes), result={"changes": changes})
"""
# A machine of its own has its own names.
MACHINE = """#!/bin/sh
exec unshare --mount sh -c 'mount --bind "{hosts}" /etc/hosts && exec {python} "$@"' sh "$@"
"""


@dataclass
class Servers:
    sandbox: Sandbox
    authority: Dns
    cache: Dns
    ca: str
    port: int
    closed: int
    smart_hosts: list[Recorder] = field(default_factory=list)
    self_signed: Recorder | None = None
    asking: Recorder | None = None
    postfix: dict[str, PostfixHost] = field(default_factory=dict)

    def dns(self) -> dict[str, Any]:
        key = self.authority.key
        return {"backend": "nsupdate", "server": "127.0.0.1", "port": self.authority.port, "key_name": key.name, "key_secret": key.secret,
                "key_algorithm": key.algorithm, "resolver": self.cache.address}

    def owner(self, zone: str) -> dict[str, Any]:
        """Somebody else keeps the zone."""
        return {"resolver": self.cache.address, "nameservers": {"ns1." + zone: self.authority.address}}


@contextmanager
def servers(sandbox: Sandbox, folder: Path) -> Iterator[Servers]:
    """Smart hosts that keep what arrives, mail servers, and the DNS."""
    pki = Pki(folder, list(SMART))
    port = free_port()
    with ExitStack() as stack:
        authority = stack.enter_context(bind({**SERVICE, **ZONES}, updatable=True))
        at = Servers(sandbox, authority, stack.enter_context(resolver(authority)), str(pki.ca_path), port, free_port())
        good = pki.context("good")
        at.smart_hosts = [stack.enter_context(recorder(address, port, good)) for address in SMART.values()]
        at.asking = stack.enter_context(recorder("127.0.0.4", port, good, LOGIN))
        at.self_signed = stack.enter_context(recorder("127.0.0.5", port, pki.context("self_signed")))
        for name in POSTFIX:
            names = dict.fromkeys(SMART, "127.0.0.4") if name == "login" else SMART
            at.postfix[name] = stack.enter_context(postfix_host(names=names))
        yield at


@dataclass(frozen=True)
class Customer:
    """said: with which words it stops, '' where it does not; internal: its internal domains; messages: outbound ones, each so many hours old."""

    options: dict[str, Any]
    said: str = ""
    internal: tuple[str, ...] = ("untouched.test",)
    messages: tuple[float, ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)
    permissions: tuple[str, ...] | None = None


def customers(at: Servers) -> dict[str, Customer]:
    """By name."""
    checks = [{"host": host, "address": f"{address}:{at.port}", "ca_path": at.ca} for host, address in SMART.items()]

    def options(zone: str = "untouched.test", **changes: Any) -> dict[str, Any]:
        name = zone.partition(".")[0]
        return {
            # What the domain does with inbound mail is declared as well, and nobody is known yet.
            "domains": [{"name": zone, "inbound_type": "known"}], "addresses": {"addresses": {"set": [ADDRESS]}}, "region": "eu",
            "smart_hosts": list(SMART), "port": at.port, "tls_ca_file": at.ca, "checks": checks, "dns": at.dns(),
            "servers": [{"product": "postfix", "hosts": ["mail-" + name]}], "config_directory": str(at.postfix.get(name, at.postfix["untouched"]).config),
            **changes,
        }

    def stops(said: str, **changes: Any) -> Customer:
        return Customer(options(**changes), said)

    def soaking(*hours: float, **changes: Any) -> Customer:
        return Customer(options(servers=[], spf=False, verify=False, **changes), messages=hours)

    def elsewhere(address: str, port: int = at.port) -> list[dict[str, Any]]:
        return [{**one, "address": f"{address}:{port}"} if one["host"] == "smart-2.example.net" else one for one in checks]

    microsoft = {"product": "exchange_online", "tenant_domain": "acme.onmicrosoft.com"}
    exchange = {"product": "exchange", "version": "2019"}
    unread = ("Directories | Internal | Read", "Account | Settings | Read", "Account | Settings | Edit")
    return {
        # The machine knows the smart hosts by name, so that no check needs an address; a module there has a process of its own.
        "right": Customer(options("right.test", checks=[{"host": host, "ca_path": at.ca} for host in SMART]), internal=("right.test",),
                          variables={"mimecast_in_process": False}),
        "login": Customer(
            options("login.test", addresses={}, username=LOGIN[0], password=LOGIN[1],
                    checks=[{**one, "address": f"127.0.0.4:{at.port}"} for one in checks]), internal=("login.test",)),
        "handed": Customer(options("handed.test", dns=at.owner("handed.test")), internal=("handed.test",)),
        "long": Customer(options("long.test"), internal=("long.test",)),
        "windows": Customer(options("windows.test", servers=[{**exchange, "windows_host": "exchange-1"}]), internal=("windows.test",)),
        "cloud": Customer(options("cloud.test", servers=[microsoft], addresses={}), internal=("cloud.test", "acme.onmicrosoft.com")),
        "hybrid": Customer(options("hybrid.test", servers=[exchange, microsoft]), internal=("hybrid.test", "acme.onmicrosoft.com"), messages=(1,)),
        "silent": soaking(),
        "running": soaking(49),
        "over": soaking(24 * 9, 3),
        "declared": Customer(options(servers=[], spf=False, verify=False, since="2026-01-31"), permissions=unread),
        "unread": Customer(options(servers=[], spf=False, verify=False), permissions=unread),
        "elsewhere": Customer(options(), "Cannot change domain 'untouched.test': the tenant has no internal domain of that name", internal=()),
        "no_tenant": stops("Cannot change domain 'acme.onmicrosoft.com': the tenant has no internal domain of that name", servers=[microsoft]),
        "unknown": stops("Nothing was changed: nothing says by what the service recognises the mail servers", addresses={}),
        "closed": stops("Nothing was changed: mail could not leave. from mail-untouched to smart-2.example.net: ", checks=elsewhere("127.0.0.3", at.closed)),
        "untrusted": stops("Nothing was changed: mail could not leave. from mail-untouched to smart-2.example.net: ", checks=elsewhere("127.0.0.5")),
        "two_records": Customer(
            options("untouched.test", domains=[{"name": "two.vendor.test"}]), "Nothing was changed. two.vendor.test: SPF: there are 2 SPF records",
            internal=("two.vendor.test",)),
    }


def write(at: Servers, folder: Path) -> list[str]:
    """A tenant and a host for each customer, the mail servers, and a play that keeps the facts in facts_folder. Returns the arguments that run it."""
    hosts: dict[str, Any] = {}
    for name, one in customers(at).items():
        domains = [{"domain": domain, "inboundType": "any"} for domain in one.internal]
        made = at.sandbox.tenant(code(name), internal_domains=domains, **({"permissions": list(one.permissions)} if one.permissions else {}))
        connection = {"client_id": made["client_id"], "client_secret": made["client_secret"], "base_url": at.sandbox.url}
        hosts[name] = {"mimecast_connection": connection, **{"outbound_" + option: value for option, value in one.options.items()}, **one.variables}
    for name, server in at.postfix.items():
        machine = folder / ("machine-" + name)
        machine.write_text(MACHINE.format(hosts=server.folder / "hosts", python=sys.executable))
        machine.chmod(0o755)
        hosts["mail-" + name] = {"ansible_connection": "local", "ansible_python_interpreter": str(machine), "ansible_become": False}
    hosts["exchange-1"] = {"ansible_connection": "local"}
    module = folder / "collections" / "ansible_collections" / "ansible" / "windows" / "plugins" / "modules"
    module.mkdir(parents=True)
    (module / "win_powershell.py").write_text(WIN_POWERSHELL.replace("FILE", repr(str(folder / "exchange.ps1"))))
    facts = ", ".join(f"'{part}': outbound_{part}" for part in ("proof", "result", "handovers", "soak", "waiting", "texts", "before"))
    keep = {
        "ansible.builtin.copy": {"dest": "{{ facts_folder }}/{{ inventory_hostname }}.json", "content": "{{ {%s} | to_json }}" % facts, "mode": "0600"},
        "check_mode": False, "changed_when": False, "diff": False, "tags": "always",
    }
    play = {
        "hosts": list(customers(at)), "connection": "local", "gather_facts": False, "roles": ["mimecast.connect.outbound"], "tasks": [keep],
        "module_defaults": {"group/mimecast.connect.mimecast": "{{ mimecast_connection }}"},
    }
    inventory = playbooks.write_yaml(folder / "hosts.yml", {"all": {"hosts": hosts, "vars": {"ansible_python_interpreter": sys.executable}}})
    return [str(playbooks.write_yaml(folder / "outbound.yml", [play])), "-i", str(inventory)]


def code(name: str) -> str:
    return "C" + name.replace("_", "")


def facts(run: Run, name: str) -> dict[str, Any]:
    """What the role of a customer set."""
    found: dict[str, Any] = json.loads((run.folder / (name + ".json")).read_text())
    return found
