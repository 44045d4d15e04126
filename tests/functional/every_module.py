# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of every module, with every secret option: the table behind the tests of faults, of check mode and of secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from conftest import MODULES, Tenant
from test_kinds import KINDS, SECRET, Kind

from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Job

NEW_DOMAIN = "new.example.net"
LOGIN = {"mechanisms": ["LOGIN"], "username": "u", "password": SECRET}
POP3 = {"name": "Fetched", "pop3": {"email": "k@example.com", "mailbox": "k", "host": "pop.example.com", "password": SECRET}}
EWS = {
    "name": "Exchange", "type": "exchange_web_services", "url": "https://mail.example.com/EWS/Exchange.asmx",
    "master_mailbox": "svc@example.com", "master_mailbox_password": SECRET, "mailbox_check": "check@example.com",
}
ADA = {"email": "ada@example.com", "name": "Ada", "password": SECRET}
CONTACT = {"contactName": "Duty", "contactEmailAddress": "duty@example.org", "mobilePhone": "+442079460000"}


@dataclass(frozen=True)
class Case:
    """One call. ``writes``: it changes the tenant; ``repeats``: each time anew; ``wide``: it does what smaller cases do, all at once.

    ``before`` is another call that it needs, ``insert`` rows that only the service makes.
    """

    label: str
    module: str
    options: dict[str, Any]
    writes: bool = True
    repeats: bool = False
    wide: bool = False
    before: Case | None = None
    insert: dict[str, dict[str, Any]] = field(default_factory=dict)

    def prepare(self, tenant: Tenant) -> None:
        """Bring about what the call needs."""
        for kind, row in self.insert.items():
            tenant.sandbox.insert(tenant.code, kind, row)
        if self.before:
            self.before.prepare(tenant)
            done = self.before.call(tenant)
            assert done.get("changed"), done

    def call(self, tenant: Tenant, check: bool = False) -> dict[str, Any]:
        return tenant.call(self.module, check, **self.options)


def _kind(kind: Kind, label: str, before: Case | None = None, **change: Any) -> Case:
    item = {**kind.declared, **change}
    options = {kind.kind: item} if kind.module == "mimecast_account" else {**kind.options, **item}
    return Case("{0} {1}".format(label, kind.kind), kind.module, options, before=before)


def _lives() -> Iterator[Case]:
    for kind in KINDS:
        made = _kind(kind, "create")
        yield made
        yield _kind(kind, "update", made, **kind.change)
        if CATALOGUE[kind.kind].delete:
            yield _kind(kind, "delete", made, state="absent")


def _document() -> dict[str, Any]:
    found = {kind: value for each in KINDS for kind, value in each.document().items()}
    return {**found, "journaling_services": [*found["journaling_services"], POP3], "users": [ADA], "server_connections": [EWS]}


M365 = Case("connector", "mimecast_directory_connector", {"type": "microsoft_365", "name": "365", "tenant_domain": "example.onmicrosoft.com"})
REGISTERED = Case("register a domain", "mimecast_domain", {"name": NEW_DOMAIN})
USERS = Case("import users", "mimecast_users", {"users": [ADA]})
TLS = Case("enforce TLS", "mimecast_tls_policy", {
    "strict": {"add": ["a.example"]}, "relaxed": {"add": ["b.example"]}, "check_routes": False, "evidence": {},
    "delivery_routes": [{"name": "HQ", "hostname": "mx1.example.com", "smtp_authentication": LOGIN}]})
DOCUMENT = Case("create everything", "mimecast_tenant", _document(), wide=True)
SMALL = Case("create a group with its policy", "mimecast_tenant", {
    "groups": [{"name": "TLS", "members": {"set": ["a.example"]}}],
    "greylisting_policies": [{"name": "P", "action": "apply", "from": {"type": "group", "group": "TLS"}}]})

KIND_CASES = [*_lives()]
OTHER_CASES = [
    Case("fetch a journal", "mimecast_journaling_service", POP3),
    Case("call", "mimecast_api", {"method": "PUT", "path": "/account/cloud-gateway/v1/emergency-contact", "body": CONTACT}, repeats=True),
    Case("synchronise", "mimecast_directory_sync", {}, repeats=True, before=M365),
    REGISTERED,
    Case("unregister a domain", "mimecast_domain", {"name": NEW_DOMAIN, "state": "absent"}, before=REGISTERED),
    Case("hand over a server connection", "mimecast_server_connection", EWS, writes=False),
    Case("delete a server connection", "mimecast_server_connection", {"name": "Sync", "state": "absent"}, insert={"connectors": {"name": "Sync"}}),
    USERS,
    DOCUMENT,
    SMALL,
    Case("purge groups", "mimecast_tenant", {"groups": [], "purge": ["groups"], "max_removals": 99, "max_removal_percent": 100}),
    TLS,
    Case("end TLS", "mimecast_tls_policy", {"state": "absent"}, before=TLS),
    Case("export", "mimecast_export", {}, writes=False, before=SMALL),
    Case("read everything", "mimecast_info", {"gather_subset": ["all"]}, writes=False, before=SMALL),
    Case("search messages", "mimecast_message_info", {"start": "1d"}, writes=False, insert={"tracked_messages": {"subject": "Offer"}}),
    Case("search events", "mimecast_audit_info", {"start": "1d"}, writes=False),
    Case("check servers", "connectivity_check", {
        "delivery_routes": [{"name": "HQ", "hostname": "mx1.example.com", "smtp_authentication": LOGIN}],
        "directory_connectors": [{"name": "AD", "hostname": "127.0.0.1", "port": 1, "user_dn": "cn=svc", "password": SECRET, "root_dn": "dc=example"}],
        "server_connections": [EWS],
        "checks": [{"route": "HQ", "address": "127.0.0.1:1", "timeout": 1},
                   {"type": "ews", "connection": EWS["name"], "address": "127.0.0.1:1", "timeout": 1},
                   {"type": "pop", "host": "127.0.0.1", "port": 1, "username": "j", "password": SECRET, "timeout": 1}],
        "ask_service": True}, writes=False),
]
CASES = [*KIND_CASES, *OTHER_CASES]


def module_names() -> list[str]:
    """Modules that call the service. Others, such as mail_dns_records, have tests of their own."""
    folder = Path(import_module(MODULES + "mimecast_tenant").__file__).parent
    names = sorted(path.stem for path in folder.glob("[!_]*.py"))
    return [name for name in names if "client_secret" in job(name).argument_spec]


def job(module: str) -> Job:
    return import_module(MODULES + module).JOB


def documentation(module: str) -> dict[str, Any]:
    return yaml.safe_load(import_module(MODULES + module).DOCUMENTATION)


def only_reads(module: str) -> bool:
    """As documented: it has the fragment of modules that read, or says so in its own words."""
    found = documentation(module)
    said = found.get("attributes", {}).get("check_mode", {}).get("details", [""])[0]
    return "mimecast.connect.attributes.reads" in found["extends_documentation_fragment"] or said.startswith("This module only reads")


def secret_options(spec: dict[str, Any], above: str = "") -> Iterator[str]:
    """Paths of all options that are not to be logged."""
    for name, part in spec.items():
        if part.get("no_log"):
            yield above + name
        yield from secret_options(part.get("options", {}), above + name + ".")


def under(options: Any, path: str) -> list[Any]:
    """What the options hold under a path; items of lists count each."""
    name, _dot, rest = path.partition(".")
    items = options if isinstance(options, list) else [options]
    found = [item[name] for item in items if isinstance(item, dict) and item.get(name) is not None]
    return [value for item in found for value in under(item, rest)] if rest else found


def secrets_of(module: str) -> set[str]:
    """The secret options of a module except that of the connection."""
    return set(secret_options(job(module).argument_spec)) - {"client_secret"}
