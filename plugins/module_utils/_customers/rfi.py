# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What the Request for Information asks of a customer, and what the customer file answers.

The vendor's form is behind a link of its own and not published. Known are its questions (Connect Process - Steps; the older guides to the form), and that
the infrastructure decides which of them appear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import CLOUDS, CONNECTORS, HYBRID, MATRIX, ON_PREMISES
from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS, Region, region_of

ROLES = {"technical": "Technical contact", "emergency": "Emergency contact", "partner_administrator": "Partner administrator"}
COMPLETE = ("technical", "emergency")  # with name, mail and mobile phone
PARTS = {"name": "name", "email": "e-mail", "mobile_phone": "mobile phone"}
SERVICES = {"archiving": "Archiving", "email_security": "Email Security", "both": "Archiving and Email Security"}
INFRASTRUCTURES = {
    "exchange": "Exchange on premises", "postfix": "Postfix on premises", "domino": "Domino on premises", "microsoft_365": "Microsoft 365",
    "google_workspace": "Google Workspace",
}
DIRECTORIES = {
    "active_directory": "Active Directory, read by LDAP", "synchronization_engine": "Active Directory, sent by the Synchronization Engine",
    "microsoft_365": "Microsoft Entra ID", "google_workspace": "Google Workspace", "domino": "Domino, read by LDAP", "import": "Import of known recipients",
}
CHECKS = {
    "any": "accept all", "smtp": "ask the mail server", "smtp_null": "ask the mail server with an empty sender", "ldap": "users of the directory only",
    "known": "known recipients only", "backup_mx": "backup MX",
}
JOURNALING = {"smtp": "SMTP", "pop3": "POP3"}


class Question(NamedTuple):
    """answers: () if there are none, which is a fault only where one is needed."""

    section: str
    question: str
    answers: tuple[str, ...]
    needed: bool


class Declared:
    """The customer file as far as the form asks for it. What is not there, or of another form, is empty."""

    def __init__(self, customer: Mapping[str, Any]) -> None:
        self._customer = customer

    def text(self, *path: str) -> str:
        """A single value."""
        value: Any = self._customer
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return "" if value is None or isinstance(value, (Mapping, list, tuple, bool)) else str(value).strip()

    def texts(self, *path: str) -> tuple[str, ...]:
        """The entries of a list."""
        value: Any = self._customer
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        entries = value if isinstance(value, (list, tuple)) else ()
        return tuple(str(entry).strip() for entry in entries if not isinstance(entry, (Mapping, list, tuple)) and entry is not None)

    def rows(self, key: str) -> list[Mapping[str, Any]]:
        """The mappings of a list."""
        value = self._customer.get(key)
        return [row for row in value if isinstance(row, Mapping)] if isinstance(value, (list, tuple)) else []

    @property
    def steps(self) -> tuple[str, ...]:
        """Those of the service."""
        return MATRIX.get(self.text("service"), ())

    @property
    def parts(self) -> tuple[str, ...]:
        """What mail runs on: one product, or the two of a hybrid."""
        kind = self.text("infrastructure", "type")
        return tuple(filter(None, (self.text("infrastructure", part) for part in ("on_premises", "cloud")))) if kind == HYBRID else (kind,)

    @property
    def has_servers(self) -> bool:
        """Whether there are mail servers on premises. Clouds send and take mail by names, not by addresses of the customer."""
        return any(part in ON_PREMISES for part in self.parts)

    @property
    def has_microsoft_365(self) -> bool:
        """Whether the name of a tenant at Microsoft is needed."""
        return CLOUDS[0] in self.parts

    @property
    def outbound(self) -> tuple[str, ...]:
        """The addresses that send."""
        taken = self.texts("outbound_addresses", "addresses", "set") + self.texts("outbound_addresses", "addresses", "add")
        return taken or self.texts("outbound_addresses", "addresses")

    @property
    def region(self) -> Region | None:
        """By account code, else as given; None when neither is known."""
        try:
            return region_of(self.text("account_code"))
        except ValueError:
            return REGIONS.get(self.text("region").lower())

    @property
    def smart_hosts(self) -> tuple[str, ...]:
        """Those of the account, else those of the region for servers on premises; clouds have others, which are not published."""
        return self.texts("smart_hosts") or (self.region.smart_hosts if self.region and self.has_servers else ())

    @property
    def directory(self) -> str:
        """From where recipients are known: declared, or the kind of the only connectors that are declared."""
        kinds = [kind for kind, key in CONNECTORS.items() if any(row.get("state") != "absent" for row in self.rows(key))]
        return self.text("directory", "type") or (kinds[0] if len(kinds) == 1 else "")

    def contacts(self, role: str) -> list[Mapping[str, Any]]:
        """Those of a role; the emergency contact of the account where no other is declared."""
        found = [row for row in self.rows("contacts") if (row.get("role") or "technical") == role]
        account = self._customer.get("emergency_contact")
        return found or ([account] if role == "emergency" and isinstance(account, Mapping) and account else [])


def questions(declared: Declared, name: str) -> list[Question]:
    """The form of a customer of this name: questions in their order."""
    return [*_customer(declared, name), *_contacts(declared), *_addresses(declared), *_mail(declared), *_beside(declared)]


def _one(section: str, question: str, answer: str, needed: bool = True) -> Question:
    return Question(section, question, (answer,) if answer else (), needed)


def _customer(declared: Declared, name: str) -> list[Question]:
    section, region = "Customer", declared.region
    products = " and ".join(INFRASTRUCTURES.get(kind, kind) for kind in declared.parts if kind)
    infrastructure = "Hybrid of {0}".format(products) if products and declared.text("infrastructure", "type") == HYBRID else products
    found = [
        _one(section, "Customer", name),
        _one(section, "Service", SERVICES.get(declared.text("service"), "")),
        _one(section, "Region of the data", region.name if region else "", False),
        _one(section, "Infrastructure", infrastructure),
    ]
    if declared.has_servers:
        found.append(_one(section, "Version of the mail server", declared.text("infrastructure", "version"), False))
    if declared.has_microsoft_365:
        found.append(_one(section, "Name of the tenant at Microsoft", declared.text("infrastructure", "tenant_domain")))
    return found


def _contacts(declared: Declared) -> list[Question]:
    found = []
    for role, title in ROLES.items():
        contacts = declared.contacts(role) or ([{}] if role in COMPLETE else [])
        for number, contact in enumerate(contacts, 1):
            who = title if number == 1 else "{0} {1}".format(title, number)
            for key, part in PARTS.items():
                needed = role in COMPLETE or key != "mobile_phone"
                found.append(_one("Main points of contact", "{0}, {1}".format(who, part), Declared(contact).text(key), needed))
    return found


def _addresses(declared: Declared) -> list[Question]:
    section, steps, servers = "IP addresses", declared.steps, declared.has_servers
    asked = {
        "Outbound addresses": (declared.outbound, servers and "outbound" in steps),
        "Inbound addresses": (declared.texts("inbound_addresses"), servers and "inbound" in steps),
        "Additional addresses": (declared.texts("additional_addresses"), False),
    }
    # A cloud has none of the customer's; what is declared all the same is shown.
    return [Question(section, title, given, needed) for title, (given, needed) in asked.items() if servers or given]


def _mail(declared: Declared) -> list[Question]:
    domains = declared.rows("domains")
    checks = ["{0}: {1}".format(row.get("name"), CHECKS[row["inbound_type"]]) for row in domains if row.get("inbound_type") in CHECKS]
    found = [
        Question("Domains", "Mail domains", tuple(Declared(row).text("name") for row in domains if row.get("name")), True),
        Question("Forwarding", "Forwarding addresses", declared.texts("forwarding_addresses"), False),
        _one("Recipient validation", "Method", DIRECTORIES.get(declared.directory, "")),
        Question("Recipient validation", "Recipients that are taken", tuple(checks), False),
    ]
    if "outbound" in declared.steps:
        found.insert(2, Question("Smart hosts", "Smart hosts to which mail goes out", declared.smart_hosts, declared.has_servers))
    return found


def _beside(declared: Declared) -> list[Question]:
    """What the form is not known to ask, and the Connect team asks sooner or later."""
    section, found = "Besides", []
    if "journaling" in declared.steps:
        method = declared.text("journaling", "method") or ("smtp" if declared.text("journaling", "domain") else "")
        found.append(_one(section, "Journaling, method", JOURNALING.get(method, ""), False))
        found.append(_one(section, "Journaling, address", declared.text("journaling", "email"), False))
    owner = ", ".join(filter(None, (declared.text("dns_owner", key) for key in ("name", "email", "telephone"))))
    return [*found, _one(section, "Who changes the DNS records", owner, False)]
