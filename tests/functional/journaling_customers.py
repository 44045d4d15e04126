# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Customers for the role journaling: those who are right, and one for each precondition that is not met, with real servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import playbooks
import pop_server
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_control import MailServers
from mimecast_sandbox.mail_pki import Pki
from playbooks import Run

HOSTS = ["eu-smtp-journal-1.mimecast.com", "eu-smtp-journal-2.mimecast.com"]
POP = "pop.example.com"
SERVICES = "journaling_services"
FACTS = ("proof", "result", "seen", "handovers")


@dataclass(frozen=True)
class Service:
    """The sandbox with its journal host."""

    sandbox: Sandbox

    def journal_check(self) -> dict[str, Any]:
        """How to get from here to the journal hosts."""
        return {"address": self.sandbox.mail["journal"], "ca_path": self.sandbox.mail["ca"]}


@dataclass(frozen=True)
class Servers(Service):
    """The same with other makers' POP3 server, and mail servers without TLS."""

    mail: MailServers
    pop: pop_server.Running
    pop_ca: str


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    pki = Pki(folder, [POP])
    with ExitStack() as stack:
        dovecot = stack.enter_context(pop_server.dovecot({kind: pki.pem(kind) for kind in ("good", "self_signed")}))
        mail = stack.enter_context(MailServers(only=["no_tls"], names=HOSTS))
        yield Servers(stack.enter_context(Sandbox("--mail")), mail, dovecot, str(pki.ca_path))


@dataclass(frozen=True)
class Customer:
    """``said``: the words with which it stops, in check mode and for real; '' where it does not. ``changed``: tasks that change something.

    ``domain``: that of the tenant. Those who get a subdomain registered need one that no other tenant has.
    """

    options: dict[str, Any]
    said: str = ""
    changed: int = 0
    domain: str = "example.com"
    stored: list[dict[str, Any]] = field(default_factory=list)


def address(domain: str) -> str:
    return "journaling@journal." + domain


def smtp(at: Service, domain: str = "example.com", **changes: Any) -> dict[str, Any]:
    """The options of one who is right, but for the changes."""
    service = {"name": "Journal", "smtp": {"email": address(domain), "tls": True}}
    return {"domain": "journal." + domain, "email": address(domain), "services": [service], "region": "eu", "checks": [at.journal_check()], **changes}


def by_smtp(at: Servers) -> dict[str, Customer]:
    def stops(said: str, **changes: Any) -> Customer:
        return Customer(smtp(at, **changes), said)

    def served(email: str) -> list[dict[str, Any]]:
        return [{"name": "Journal", "smtp": {"email": email}}]

    stored = [{"description": "Default", "smtpJournalingConnection": {"emailAddress": address("default.example")}}]
    two = {"email": address("example.com"), "host": POP, "mailbox": "j", "password": "secret of two"}
    at_once = "Nothing was changed: "
    return {
        "right": Customer(smtp(at, "right.example"), changed=2, domain="right.example"),
        "default": Customer(smtp(at, "default.example", services=[]), changed=1, domain="default.example", stored=stored),
        "no_tls": stops("offers no STARTTLS", checks=[{"address": at.mail.address("no_tls")}]),
        "wrong_certificate": stops("presents a certificate for other names", hosts=["journal.example.org"]),
        "nowhere": stops("1 of 2 checks did not pass. eu-smtp-journal-2.mimecast.com: ", checks=[
            at.journal_check(), {"host": HOSTS[1], "address": "127.0.0.1:1"}]),
        "exchange_2003": stops(at_once + "Exchange 2003 cannot journal by SMTP", products=["exchange"], version="2003"),
        "office": stops(at_once + "contoso.example, the own domain of the tenant at Microsoft, is no internal domain: have it verified first.",
                        products=["exchange_online"], tenant_domain="contoso.example"),
        "elsewhere": stops(at_once + "the journaling domain journal.example.net is neither an internal domain of the tenant nor below one (it has example.com)",
                           domain="example.net"),
        "other_address": stops(at_once + "the journaling address ada@example.com is not in the journaling domain journal.example.com",
                               email="ada@example.com", services=served("ada@example.com")),
        "no_service": stops(at_once + "no journaling service has the address journaling@journal.example.com", services=[]),
        "no_hosts": stops(at_once + "the journal hosts of region ca are not published", region="ca"),
        "two_transports": stops("it has smtp and pop3, and needs one of", services=[{**smtp(at)["services"][0], "pop3": two}]),
    }


def by_pop(at: Servers) -> dict[str, Customer]:
    def customer(said: str = "", domain: str = "example.com", server: str = "good", **changes: Any) -> Customer:
        mailbox = {"email": address(domain), "host": POP, "mailbox": pop_server.USER, "password": pop_server.PASSWORD, "pop3s": True, **changes}
        options = {
            "method": "pop3", "domain": "journal." + domain, "services": [{"name": "Journal", "pop3": mailbox}], "products": ["exchange"], "version": "2003",
            "checks": [{"address": at.pop.address(server, bool(mailbox["pop3s"])), "ca_path": at.pop_ca}],
        }
        return Customer(options, said, 0 if said else 2, domain)

    return {
        "mailbox": customer(domain="mailbox.example"),
        "in_clear": customer(domain="in-clear.example", pop3s=False),
        "relaxed": customer(domain="relaxed.example", server="self_signed", relaxed=True),
        "wrong_password": customer("refuses the user name or the password of journal@example.com", password="not this one"),
        "self_signed": customer("presents a self-signed certificate", server="self_signed"),
        "pop3s_unsaid": customer("Nothing was changed: journaling service 'Journal' has to say pop3s", pop3s=None),
    }


def customers(at: Servers) -> dict[str, Customer]:
    """By the name of their host."""
    return {**by_smtp(at), **by_pop(at)}


def code(name: str) -> str:
    """The account code of a customer."""
    return "C" + name.replace("_", "")


def host(at: Service, name: str, customer: Customer, **tenant: Any) -> dict[str, Any]:
    """The variables of a customer, whose tenant is made."""
    objects = {SERVICES: customer.stored, **tenant}
    made = at.sandbox.tenant(code(name), internal_domains=[customer.domain], objects=objects)
    connection = {"client_id": made["client_id"], "client_secret": made["client_secret"], "base_url": at.sandbox.url}
    return {"mimecast_connection": connection, **{"journaling_" + option: value for option, value in customer.options.items()}}


def write(folder: Path, hosts: dict[str, dict[str, Any]], others: dict[str, dict[str, Any]] | None = None) -> list[str]:
    """A play of the role for these customers, as its README says, that keeps its facts in facts_folder. Returns the arguments that run it."""
    facts = ", ".join(f"'{part}': journaling_{part}" for part in FACTS)
    keep = {
        "ansible.builtin.copy": {"dest": "{{ facts_folder }}/{{ inventory_hostname }}.json", "content": "{{ {%s} | to_json }}" % facts, "mode": "0600"},
        "check_mode": False, "changed_when": False, "diff": False,
    }
    play = {
        "hosts": "mimecast_customers", "connection": "local", "gather_facts": False, "roles": ["mimecast.connect.journaling"], "tasks": [keep],
        "module_defaults": {"group/mimecast.connect.mimecast": "{{ mimecast_connection }}"},
    }
    shared = {"ansible_python_interpreter": playbooks.LOCAL["ansible_python_interpreter"]}
    children = {"mimecast_customers": {"hosts": hosts, "vars": shared}}
    inventory = playbooks.write_yaml(folder / "hosts.yml", {"all": {"hosts": others or {}, "children": children}})
    return [str(playbooks.write_yaml(folder / "play.yml", [play])), "-i", str(inventory)]


def run(arguments: list[str], place: Path, *options: str) -> Run:
    """Run it, with the facts in the folder of the run."""
    place.mkdir()
    done = playbooks.playbook(place, *arguments, "-e", f"facts_folder={place}", *options)
    assert "Traceback" not in done.output, done.output
    return done


def facts(done: Run, name: str) -> dict[str, Any]:
    """What the role of a customer set."""
    found: dict[str, Any] = json.loads((done.folder / (name + ".json")).read_text())
    return found
