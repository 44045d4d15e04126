# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The keys of a customer file as an argument spec: the tenant document, and what a customer is besides."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._handover import ACKNOWLEDGED_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_wish import CONNECTION_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import item_spec
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE, DOCUMENT_KINDS
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users_rows import USER_SPEC

ARCHIVING, EMAIL_SECURITY, BOTH = "archiving", "email_security", "both"
# The vendor's table of services and steps, in the order of the steps (Connect Process - Steps).
MATRIX: dict[str, tuple[str, ...]] = {
    ARCHIVING: ("rfi", "recipient_validation", "journaling"),
    EMAIL_SECURITY: ("rfi", "outbound", "recipient_validation", "inbound", "firewall_lockdown"),
    BOTH: ("rfi", "outbound", "recipient_validation", "journaling", "inbound", "firewall_lockdown"),
}
STEPS = MATRIX[BOTH]
OPTIONAL = ("tls_policies", "server_connections", "acceptance")  # where the customer file declares them
DONE = "done"  # the next step of a customer who has none left
ON_PREMISES = ("exchange", "postfix", "domino")
CLOUDS = ("microsoft_365", "google_workspace")
HYBRID = "hybrid"
INFRASTRUCTURES = (*ON_PREMISES, *CLOUDS, HYBRID)
CONNECTORS = {
    "active_directory": "active_directory_connectors",
    "microsoft_365": "microsoft_365_connectors",
    "google_workspace": "google_workspace_connectors",
}
# The agent and Domino have no public API.
DIRECTORIES = (*CONNECTORS, "synchronization_engine", "domino", "import")


def _texts() -> dict[str, Any]:
    return {"type": "list", "elements": "str"}


def _dicts() -> dict[str, Any]:
    return {"type": "list", "elements": "dict"}


def _form(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "dict", "options": options}


_CONTACT = {
    "role": {"type": "str", "choices": ["technical", "emergency", "partner_administrator"], "default": "technical"},
    "name": {"type": "str", "required": True},
    "email": {"type": "str", "required": True},
    "mobile_phone": {"type": "str"},
    "telephone": {"type": "str"},
}
_INFRASTRUCTURE = {
    "type": {"type": "str", "required": True, "choices": list(INFRASTRUCTURES)},
    "on_premises": {"type": "str", "choices": list(ON_PREMISES)},
    "cloud": {"type": "str", "choices": list(CLOUDS)},
    "version": {"type": "str"},
    "hosts": _texts(),
    "tenant_domain": {"type": "str"},
}
_JOURNALING = {
    "method": {"type": "str", "choices": ["smtp", "pop3"], "default": "smtp"},
    "domain": {"type": "str"},
    "email": {"type": "str"},
}
_OUTBOUND = {
    "port": {"type": "int"},
    "tls": {"type": "str", "choices": ["strict", "relaxed", "none"]},
    "authentication": _form({"username": {"type": "str", "required": True}, "password": {"type": "str", "required": True, "no_log": True}}),
    "soak_days": {"type": "int"},
    "checks": _dicts(),
}
_MX = {
    "cut_over": {"type": "bool", "default": False},
    "hosts": _texts(),
    "preference": {"type": "int"},
    "old_hosts": _texts(),
    "refusals": _dicts(),
}
# Named like the options of mail_dns_records.
_DNS = {
    "backend": {"type": "str", "choices": ["handover", "nsupdate"]},
    "server": {"type": "str"},
    "port": {"type": "int"},
    "key_name": {"type": "str"},
    "key_secret": {"type": "str", "no_log": True},
    "key_algorithm": {"type": "str", "choices": ["hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"]},
    "resolver": {"type": "str"},
    "nameservers": {"type": "dict"},
    "dest": {"type": "path"},
}
# Named like the options of the role firewall_lockdown, without its name; so are the two below.
FIREWALL = {
    "gateways": _texts(),
    "ranges": _texts(),
    "services": _dicts(),
    "opened": _dicts(),
    "accepted": _dicts(),
    "logs_read": _texts(),
    "allowlist": {"type": "dict"},
    "confirm_timeout": {"type": "int"},
    "confirm_checks": _dicts(),
    "vendor": {"type": "dict"},
    "access_token": {"type": "str", "no_log": True},
    "probes": _dicts(),
    "enforce": {"type": "bool", "default": False},
}
TLS_POLICIES = {
    "strict": {"type": "dict"},
    "relaxed": {"type": "dict"},
    "checks": _dicts(),
    "verify": {"type": "bool"},
    "allow_public_mail": _texts(),
    "check_domains": {"type": "bool"},
    "ca_path": {"type": "str"},
    "resolver": {"type": "str"},
    "evidence": {"type": "dict"},
    "max_removals": {"type": "int"},
}
ACCEPTANCE = {
    "messages": {"type": "bool"},
    "checks": _dicts(),
    "directory_checks": _dicts(),
    "refusals": _dicts(),
    "verify": {"type": "bool"},
    "ask_service": {"type": "bool"},
    "inside": {"type": "dict"},
    "inside_password": {"type": "str", "no_log": True},
    "outside": {"type": "dict"},
    "search_timeout": {"type": "int"},
    "mail_servers": _texts(),
    "postfix_directory": {"type": "path"},
}
_ACKNOWLEDGED = {"title": {"type": "str", "required": True}, **ACKNOWLEDGED_SPEC["options"]}
_DNS_OWNER = {"name": {"type": "str", "required": True}, "email": {"type": "str"}, "telephone": {"type": "str"}}
_SERVICE: dict[str, Any] = {
    "service": {"type": "str", "required": True, "choices": list(MATRIX)},
    "account_code": {"type": "str"},
    "region": {"type": "str", "choices": list(REGIONS)},
    "mimecast_connection": _form({name: {part: row[part] for part in row if part != "fallback"} for name, row in API_SPEC.items()}),
    "contacts": {**_dicts(), "options": _CONTACT},
    "infrastructure": {**_form(_INFRASTRUCTURE), "required": True},
    "inbound_addresses": _texts(),
    "additional_addresses": _texts(),
    "forwarding_addresses": _texts(),
    "smart_hosts": _texts(),
    "directory": _form({"type": {"type": "str", "required": True, "choices": list(DIRECTORIES)}, "checks": _dicts()}),
    "journaling": _form(_JOURNALING),
    "outbound": _form(_OUTBOUND),
    "mx": _form(_MX),
    "dns": _form(_DNS),
    "firewall": _form(FIREWALL),
    "tls_policies": _form(TLS_POLICIES),
    "acceptance": _form(ACCEPTANCE),
    "acknowledged": {**_dicts(), "options": _ACKNOWLEDGED},
    "dns_owner": _form(_DNS_OWNER),
    "done": _form({step: {"type": "str"} for step in STEPS}),
    "route_checks": _dicts(),
    "users_src": {"type": "path"},
    "variables": {"type": "dict"},
}


def _kind(kind: str) -> dict[str, Any]:
    resource = CATALOGUE[kind]
    form = {"type": "dict"} if resource.singleton else _dicts()
    return {**form, "options": item_spec(CATALOGUE, resource)}


CUSTOMER_SPEC: dict[str, Any] = {
    **_SERVICE,
    **{kind: _kind(kind) for kind in DOCUMENT_KINDS},
    "server_connections": {**_dicts(), "options": CONNECTION_SPEC},
    "users": {**_dicts(), "options": USER_SPEC},
}
# What editors show of the keys that the tenant document does not have.
DESCRIPTIONS = {
    "service": "What was bought. It decides which steps there are.",
    "account_code": "The tenant, such as CUK12A34. Its beginning says the region.",
    "region": "Where the account is hosted; needed only where no account code says it.",
    "mimecast_connection": "Log-on and connection, in the options that all modules share.",
    "contacts": "Main points of contact, by role.",
    "infrastructure": "What mail runs on. Hybrid has a part on premises and a part in a cloud.",
    "infrastructure.version": "Version of the mail server, such as 2019.",
    "infrastructure.hosts": "Hosts of the inventory that are the mail servers.",
    "infrastructure.tenant_domain": "Name of the tenant at Microsoft, such as example.onmicrosoft.com.",
    "inbound_addresses": "Public addresses, one by one, to which the service delivers.",
    "additional_addresses": "Further public addresses, one by one.",
    "forwarding_addresses": "Mail addresses to which mail is forwarded.",
    "smart_hosts": "The two smart hosts that the account shows, where they are not those of the region.",
    "directory": "From where the service knows the recipients.",
    "directory.checks": "Like recipient_validation_checks.",
    "journaling": "How copies of internal mail get to the archive.",
    "outbound": "How the mail server sends through the service.",
    "outbound.port": "Port of the smart hosts.",
    "outbound.tls": "How strictly the smart hosts have to prove themselves.",
    "outbound.authentication": "Log-in at the smart hosts, where they ask for one.",
    "outbound.soak_days": "Days for which mail has to leave through the service before mail comes in through it.",
    "outbound.checks": "Further checks of what sending needs.",
    "mx": "The MX records of the domains, and the switch that changes them.",
    "mx.cut_over": "The switch. Whether mail of the domains goes to the service.",
    "mx.hosts": "The hosts of the MX records, where they are not those of the region.",
    "mx.preference": "Their preference.",
    "mx.old_hosts": "The mail servers of the old provider. An empty list if there was none.",
    "mx.refusals": "What shows that the old provider takes no more mail, like inbound_refusals.",
    "dns": "How records are published, in options of mail_dns_records. Without any they are handed over.",
    "dns.nameservers": "Addresses of authoritative servers by host name, where they are not those in the DNS.",
    "firewall": "Options of the role firewall_lockdown, without its name.",
    "firewall.enforce": "The switch. Whether all others are shut out.",
    "tls_policies": "Options of the role tls_policies, without its name.",
    "acceptance": "Options of the role acceptance, without its name.",
    "acknowledged": "Handovers that somebody knows of or has done although nothing proves it, by their titles.",
    "dns_owner": "Who changes the records of the domains.",
    "done": "Steps that are done, each with the day.",
    "route_checks": "How routes have to prove themselves, like inbound_checks.",
    "users_src": "users as a CSV or XLSX file.",
    "variables": "Further variables of the host, such as options of roles.",
}
