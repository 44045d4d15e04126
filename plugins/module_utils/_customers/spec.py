# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The keys of a customer file as an argument spec: the tenant document, and what a customer is besides."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
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
# Named like the options of the role firewall_lockdown, without its name.
FIREWALL = {
    "gateways": _texts(),
    "ranges": _texts(),
    "services": _dicts(),
    "opened": _dicts(),
    "accepted": _dicts(),
    "allowlist": {"type": "dict"},
    "vendor": {"type": "dict"},
    "probes": _dicts(),
    "enforce": {"type": "bool", "default": False},
}
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
    "firewall": _form(FIREWALL),
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
    "firewall": "Options of the role firewall_lockdown, without its name.",
    "dns_owner": "Who changes the records of the domains.",
    "done": "Steps that are done, each with the day.",
    "route_checks": "How routes have to prove themselves, like inbound_checks.",
    "users_src": "users as a CSV or XLSX file.",
    "variables": "Further variables of the host, such as options of roles.",
}
