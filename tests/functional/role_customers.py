# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Customers for the roles: one who is right, and one for each precondition that is not met, with real servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import playbooks
from bind_server import Dns, bind, resolver
from conftest import DEFINITIONS
from dns_cases import EXAMPLE, SERVICE
from ews_server import MASTER, PASSWORD, ews
from ews_server import Running as Ews
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_control import MailServers
from mimecast_sandbox.mail_pki import Pki
from playbooks import Run
from slapd_server import BASE, READER, READER_PASSWORD, Slapd, people, slapd

NAME, EXCHANGE, DIRECTORY = "mx1.acme.example", "mail.example.com", "dc1.example.com"
DOMAINS = ["example.com", "example.org", "old.test"]
OLD_MX = "mx.vendor.test"
ADA = {"email": "ada@example.com", "name": "Ada Lovelace"}


@dataclass(frozen=True)
class Servers:
    """All that the roles connect to."""

    sandbox: Sandbox
    mail: MailServers
    directory: Slapd
    exchange: Ews
    authority: Dns
    cache: Dns
    ca: str

    def directory_port(self) -> int:
        return int(self.directory.secure.rpartition(":")[2])


@contextmanager
def servers(sandbox: Sandbox, folder: Path) -> Iterator[Servers]:
    """Mail servers, slapd, EWS, BIND with a resolver, and what the sandbox must know of them."""
    pki = Pki(folder, [EXCHANGE, DIRECTORY])
    zones = {**SERVICE, **EXAMPLE, "old.test": f"@ MX 10 {OLD_MX}.\n"}
    with ExitStack() as stack:
        mail = stack.enter_context(MailServers(only=["trusted", "self_signed", "no_tls", "refuses_recipients"], names=[NAME]))
        directory = stack.enter_context(slapd(people(20), pki.pem("rsa")))
        exchange = stack.enter_context(ews({"good": pki.context("good")}))
        authority = stack.enter_context(bind(zones))
        found = Servers(sandbox, mail, directory, exchange, authority, stack.enter_context(resolver(authority)), str(pki.ca_path))
        sandbox.settings(sync_duration_ms=0)
        sandbox.address_book({f"{DIRECTORY}:{found.directory_port()}": directory.secure})
        yield found


@dataclass(frozen=True)
class Customer:
    """``said``: with which words it stops, in check mode and for real; empty where it does not stop."""

    role: str
    options: dict[str, Any]
    planned: str = ""
    applied: str = ""
    objects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def _stops(role: str, options: dict[str, Any], said: str, **more: Any) -> Customer:
    return Customer(role, options, said, said, **more)


def recipient_validation(at: Servers) -> dict[str, Customer]:
    connector = {
        "name": "Head office", "hostname": DIRECTORY, "port": at.directory_port(), "encryption": "relaxed", "user_dn": READER,
        "password": READER_PASSWORD, "root_dn": BASE,
    }
    check = {"type": "ldap", "connector": "Head office", "implicit_tls": True, "address": at.directory.secure}
    known = {"users": [{"emailAddress": ADA["email"]}]}

    def customer(domains: dict[str, str], said: str = "", planned: str = "", objects: dict[str, Any] | None = None, **changes: Any) -> Customer:
        options = {
            "active_directory_connectors": [{**connector, **changes}], "checks": [check],
            "domains": [{"name": name, "inbound_type": kind} for name, kind in domains.items()],
        }
        return Customer("recipient_validation", options, planned, said, known if objects is None else objects)

    def imported(domains: list[str], said: str = "", **options: Any) -> Customer:
        wanted = {"users": [ADA], "domains": [{"name": name, "inbound_type": "known"} for name in domains], **options}
        return _stops("recipient_validation", wanted, said)

    ldap = {"example.com": "ldap"}
    wrong_password = "does not know this user with this password"
    nowhere = "the tenant has no internal domain of that name"
    uncovered = "shows no address of example.org"
    wrong_user = "user 1: email 'nobody': it is not a mail address"
    no_consent = "Cannot create Microsoft 365 connector 'Cloud': connector is 'Consent', but the tenant has no such server connection"
    return {
        "directory": customer(ldap),
        "uncovered": customer({**ldap, "example.org": "ldap"}, uncovered, uncovered),
        "wrong_password": customer(ldap, wrong_password, wrong_password, password="wrong"),
        "elsewhere": customer({"elsewhere.example": "ldap"}, nowhere, nowhere),
        # Beside our proof stands the service's: it does not reach this one, and of that one it has no address.
        "unreachable": customer(ldap, "tests of the service fail for Head office (connectivity, egress-connectivity, ", hostname="dc9.example.com"),
        "empty": customer(ldap, "domain 'example.com' (inbound_type ldap) would lose all mail, because the tenant knows no address there", objects={}),
        "imported": imported(["example.com"]),
        "half_imported": imported(["example.com", "example.org"], "Nothing was changed: domain 'example.org' (inbound_type known) would lose all mail"),
        "wrong_row": imported(["example.com"], wrong_user, users=[{"email": "nobody"}]),
        "no_consent": _stops(
            "recipient_validation",
            {"microsoft_365_connectors": [{"name": "Cloud", "tenant_domain": "acme.onmicrosoft.com", "connector": "Consent"}]}, no_consent),
    }


def server_connections(at: Servers) -> dict[str, Customer]:
    check = {"type": "ews", "connection": "Exchange", "address": f"127.0.0.1:{at.exchange.ports['good']}", "ca_path": at.ca}

    def customer(behaviour: str, said: str = "", **changes: Any) -> Customer:
        connection = {
            "name": "Exchange", "type": "exchange_web_services", "url": f"https://{EXCHANGE}/{behaviour}/EWS/Exchange.asmx", "master_mailbox": MASTER,
            "master_mailbox_password": PASSWORD, "mailbox_check": "postmaster@example.com", **changes,
        }
        return _stops("server_connections", {"connections": [connection], "checks": [check]}, said)

    office = {"name": "Sync", "type": "office_365", "application_id": "0000", "tenant_domain": "acme.onmicrosoft.com", "mailbox_check": "a@example.com"}
    return {
        "exchange": customer("good"),
        "office": _stops("server_connections", {"connections": [office]}, ""),
        "forms": customer("forms_page", "shows a page for people (HTTP 200) instead of asking for a log-in"),
        "wrong_login": customer("good", "refuses the user name or the password of mimecast@example.com", master_mailbox_password="not this"),
        "incomplete": customer("good", "url: it must begin with https:// and a host name", url="http://mail.example.com/"),
    }


def tls_policies(at: Servers) -> dict[str, Customer]:
    first = "Nothing was changed: TLS policies build on inbound mail, and the tenant has not these delivery routes as they are declared: HQ."

    def customer(server: str, said: str = "", planned: str | None = None, there: bool = True, **options: Any) -> Customer:
        route = {"name": "HQ", "hostname": NAME, "port": 25}
        check = {"route": "HQ", "tls": "relaxed", "address": at.mail.address(server), "ca_path": at.mail.ca}
        stored = {DEFINITIONS: [{"description": "HQ", "hostname": NAME, "port": 25}]} if there else {}
        return Customer("tls_policies", {"delivery_routes": [route], "checks": [check], **options}, said if planned is None else planned, said, stored)

    strict = {"strict": {"add": ["partner.example"]}}
    relaxed = {"relaxed": {"add": ["partner.example"]}}
    return {
        "strict": customer("trusted", **strict),
        "relaxed": customer("self_signed", **relaxed),
        "too_weak": customer("self_signed", "Nothing was changed: TLS cannot be enforced strictly, because of HQ.", **strict),
        "no_tls": customer("no_tls", "Nothing was changed: TLS cannot be enforced even relaxed, because of HQ.", **relaxed),
        "no_inbound": customer("trusted", first, "", False, **strict),
        "no_routes": customer("trusted", "there is no delivery route to look at", there=False, delivery_routes=[], checks=[], **strict),
        "public": customer("trusted", "Nothing was changed: 1 of the domains cannot be taken.", strict={"set": ["gmail.com"]}),
    }


def inbound(at: Servers) -> dict[str, Customer]:
    def customer(domain: str, said: str = "", server: str = "refuses_recipients", **refusal: str) -> Customer:
        asked = {"host": OLD_MX, "tls": "none", "address": at.mail.address(server), **(refusal or {"relay_recipient": "ada@" + domain})}
        options = {
            "delivery_routes": [{"name": "HQ", "hostname": NAME}],
            "checks": [{"route": "HQ", "address": at.mail.address("trusted"), "ca_path": at.mail.ca}],
            "ask_service": False,
            "domains": [{"name": domain}],
            "mx_changed": True,
            "mx": {"region": "eu", "old_mx": [OLD_MX], "resolver": at.cache.address, "nameservers": {"ns1." + domain: at.authority.address}},
            "refusals": [asked],
        }
        return _stops("inbound", options, said)

    return {
        "cut_over": customer("example.com"),
        "old_mx": customer("old.test", "old.test still has the old MX mx.vendor.test"),
        "not_verified": customer("elsewhere.example", "the tenant has no internal domain of that name"),
        "still_taken": customer("example.com", "accepts mail from here for the foreign <ada@example.com>", "trusted"),
        "takes_all": customer("example.com", "accepts the recipient <x@example.com>, which does not exist", "trusted", refused_recipient="x@example.com"),
    }


ROLES: dict[str, Callable[[Servers], dict[str, Customer]]] = {
    role.__name__: role for role in (recipient_validation, server_connections, tls_policies, inbound)
}


def write(at: Servers, folder: Path) -> list[str]:
    """A tenant and a host for each customer, and a play for each role that keeps its facts in facts_folder. Returns the arguments that run it."""
    plays, hosts = [], {}
    domains = [{"domain": domain, "inboundType": "any"} for domain in DOMAINS]
    for role, make in ROLES.items():
        customers = make(at)
        for name, customer in customers.items():
            made = at.sandbox.tenant("C" + name.replace("_", ""), internal_domains=domains, objects=customer.objects)
            connection = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
            hosts[name] = {"mimecast_connection": connection, **{f"{role}_{option}": value for option, value in customer.options.items()}}
        facts = ", ".join(f"'{part}': {role}_{part}" for part in ("proof", "result", "handovers"))
        keep = {
            "ansible.builtin.copy": {"dest": "{{ facts_folder }}/{{ inventory_hostname }}.json", "content": "{{ {%s} | to_json }}" % facts, "mode": "0600"},
            "check_mode": False, "changed_when": False, "diff": False,
        }
        plays.append({
            "hosts": list(customers), "gather_facts": False, "roles": ["mimecast.connect." + role], "tasks": [keep],
            "module_defaults": {"group/mimecast.connect.mimecast": "{{ mimecast_connection }}"},
        })
    inventory = playbooks.write_yaml(folder / "hosts.yml", {"all": {"hosts": hosts, "vars": playbooks.LOCAL}})
    return [str(playbooks.write_yaml(folder / "roles.yml", plays)), "-i", str(inventory)]


def facts(run: Run, name: str) -> dict[str, Any]:
    """What the role of a customer set."""
    found: dict[str, Any] = json.loads((run.folder / (name + ".json")).read_text())
    return found
