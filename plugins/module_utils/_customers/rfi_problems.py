# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What is missing or wrong in what the Request for Information asks, all at once, each in one sentence that says what would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers import rfi_contradictions, rfi_public
from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi import COMPLETE, PARTS, ROLES, Declared, questions
from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import INFRASTRUCTURES, MATRIX
from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values

_PASSED = ("ok", "degraded")
# Codes of verdicts whose sentence speaks of what has to be published later, in the words of this step.
_DNS = {
    "mx_missing": "{0} has no MX records today, so nobody sends mail to it; correct the name, or publish them, or leave the domain out",
    "domain_not_found": "{0} is not in the DNS; correct the name, or register the domain, or leave it out",
    "mx_null": "{0} says in the DNS that it takes no mail (a null MX, RFC 7505); leave the domain out, or publish MX records",
}
# What a missing answer is called in the customer file, and what to give.
_GIVE = {
    "Service": "service: give {0}".format(", ".join(MATRIX)),
    "Infrastructure": "infrastructure: give its type ({0}), and of a hybrid on_premises and cloud".format(", ".join(INFRASTRUCTURES)),
    "Name of the tenant at Microsoft": "infrastructure.tenant_domain: give the name of the tenant at Microsoft, such as contoso.onmicrosoft.com",
    "Outbound addresses": "outbound_addresses: give each public address from which the mail servers send",
    "Inbound addresses": "inbound_addresses: give each public address at which the mail servers take mail",
    "Mail domains": "domains: give every domain that mail is sent from or taken for",
    "Smart hosts to which mail goes out":
        "region: give the one that was agreed ({0}), which says the smart hosts, or give smart_hosts".format(", ".join(REGIONS)),
    "Method": "directory: give its type, or import if recipients are listed by hand",
}


def problems(customer: Mapping[str, Any], verdicts: Iterable[Mapping[str, Any]] = (), allow_documentation: bool = False) -> list[str]:
    """Sentences. ``verdicts`` are those of the MX records of the domains."""
    declared = Declared(customer)
    found = [
        *_missing(declared),
        *_contacts(declared),
        *_addresses(declared, allow_documentation),
        *_domains(declared, allow_documentation),
        *_forwarding(declared),
        *rfi_contradictions.contradictions(declared),
        *(_unproved(verdict) for verdict in verdicts if verdict.get("verdict") not in _PASSED),
    ]
    return ["{0}.".format(text.rstrip(".")) for text in found]


def _missing(declared: Declared) -> list[str]:
    asked = [row for row in questions(declared, "a customer") if row.needed and not row.answers]
    return ["Nothing is said of {0}".format(_GIVE[row.question]) for row in asked if row.question in _GIVE]


def _contacts(declared: Declared) -> list[str]:
    found = []
    for role, title in ROLES.items():
        contacts = declared.contacts(role)
        if not contacts and role in COMPLETE:
            found.append("There is no {0}: add one to contacts, with role {1}, name, email and mobile_phone".format(title.lower(), role))
        for contact in contacts:
            found += _contact(Declared(contact), title, role)
    return found


def _contact(contact: Declared, title: str, role: str) -> list[str]:
    who = "{0} {1}".format(title, contact.text("name")).strip()
    needed = [key for key in PARTS if role in COMPLETE or key != "mobile_phone"]
    missing = [key for key in needed if not contact.text(key)]
    found = ["{0}: {1} {2} missing".format(who, " and ".join(missing), "is" if len(missing) == 1 else "are")] if missing else []
    for key, clean in (("email", values.address), ("mobile_phone", values.phone)):
        found += _wrong(contact.text(key), clean, "{0}: {1}".format(who, key))
    return found


def _wrong(text: str, clean: Callable[[Any], str], what: str) -> list[str]:
    if not text:
        return []
    try:
        clean(text)
    except ValueError as error:
        return ["{0} is {1!r}: {2}".format(what, text, error)]
    return []


def _addresses(declared: Declared, allow_documentation: bool) -> list[str]:
    lists = {
        "outbound_addresses": declared.outbound, "inbound_addresses": declared.texts("inbound_addresses"),
        "additional_addresses": declared.texts("additional_addresses"),
    }
    found = []
    for key, addresses in lists.items():
        found += ["{0}: {1} stands there twice; leave one out".format(key, address) for address in _twice(addresses)]
        for address in dict.fromkeys(addresses):
            problem = rfi_public.address_problem(address, allow_documentation)
            found += ["{0}: {1} {2}".format(key, address or "an empty text", problem)] if problem else []
    others = {*lists["outbound_addresses"], *lists["inbound_addresses"]}
    again = [address for address in dict.fromkeys(lists["additional_addresses"]) if address in others]
    return found + ["additional_addresses: {0} is among the other addresses already; leave it out here".format(address) for address in again]


def _twice(texts: Sequence[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if texts.count(text) > 1]


def _domains(declared: Declared, allow_documentation: bool) -> list[str]:
    names = [Declared(row).text("name") for row in declared.rows("domains")]
    found = ["domains: {0} stands there twice; leave one out".format(name) for name in _twice([_canonical(name) for name in names])]
    for name in dict.fromkeys(names):
        problem = rfi_public.domain_problem(name, allow_documentation)
        found += ["domains: {0} {1}".format(name or "an empty text", problem)] if problem else []
    return found


def _canonical(name: str) -> str:
    try:
        return values.domain(name)
    except ValueError:
        return name


def _forwarding(declared: Declared) -> list[str]:
    given = declared.texts("forwarding_addresses")
    found = ["forwarding_addresses: {0} stands there twice; leave one out".format(address) for address in _twice([one.lower() for one in given])]
    for address in dict.fromkeys(given):
        found += _wrong(address, values.address, "forwarding_addresses: one")
    return found


def _unproved(verdict: Mapping[str, Any]) -> str:
    code, name = str(verdict.get("code")), str(verdict.get("name"))
    return _DNS[code].format(name) if code in _DNS else "The MX records of {0}: {1}".format(name, verdict.get("message"))
