# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Answers that are right by themselves and cannot be right together, each with its reason."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi import Declared
from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi_public import within
from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import CLOUDS, EMAIL_SECURITY, HYBRID, ON_PREMISES
from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values

_PARTS = {"on_premises": "the product on premises ({0})".format(", ".join(ON_PREMISES)), "cloud": "the cloud ({0})".format(", ".join(CLOUDS))}
_SYNCHRONISED = ("active_directory", "synchronization_engine", "microsoft_365", "google_workspace", "domino")


def contradictions(declared: Declared) -> list[str]:
    """Sentences without their full stop."""
    domains = [name for name in (_domain(Declared(row).text("name")) for row in declared.rows("domains")) if name]
    return [
        *_region(declared), *_emergency(declared, domains), *_forwarding(declared, domains), *_smart_hosts(declared), *_recipients(declared),
        *_journaling(declared, domains), *_hybrid(declared), *_microsoft(declared, domains),
    ]


def _domain(text: str) -> str:
    try:
        return values.domain(text)
    except ValueError:
        return ""


def _domain_of(address: str) -> str:
    return _domain(address.rpartition("@")[2])


def _region(declared: Declared) -> list[str]:
    given, known = declared.text("region").lower(), declared.region
    if not given or not known or known.code == given:
        return []
    return ["region is {0}, but the account code {1} is one of region {2}; correct one of both".format(given, declared.text("account_code"), known.code)]


def _emergency(declared: Declared, domains: list[str]) -> list[str]:
    contacts = [Declared(contact) for contact in declared.contacts("emergency")]
    found = []
    if len(contacts) > 1:
        found.append("There are {0} emergency contacts, but an account has one; leave the others out".format(len(contacts)))
    for contact in contacts:
        own = within(_domain_of(contact.text("email")), domains) if "inbound" in declared.steps else ""
        if own:
            found.append("Emergency contact {0}: mail for {1} will come in through the service, so that a message about mail that does not come in would not"
                         " reach {2}; give an address outside of the customer's domains".format(contact.text("name"), own, contact.text("email")))
    account = declared.text("emergency_contact", "email").lower()
    if account and all(account != contact.text("email").lower() for contact in contacts):
        found.append("emergency_contact is {0}, but contacts has somebody else as emergency contact; make them the same".format(account))
    return found


def _forwarding(declared: Declared, domains: list[str]) -> list[str]:
    found = []
    for address in dict.fromkeys(declared.texts("forwarding_addresses")):
        own = within(_domain_of(address), domains)
        if own:
            found.append("forwarding_addresses: {0} is in {1}, a domain of the customer, so what is forwarded comes back to the service; give the address"
                         " where it leaves, or leave it out".format(address, own))
    return found


def _smart_hosts(declared: Declared) -> list[str]:
    given = [host.lower().rstrip(".") for host in declared.texts("smart_hosts")]
    if not given:
        return []
    inbound = {host for region in REGIONS.values() for host in region.mx_hosts}
    owners = {host: region.code for region in REGIONS.values() for host in region.smart_hosts}
    found = ["smart_hosts: {0} is where mail comes in, and a smart host is where it goes out; take the names with outbound".format(host)
             for host in given if host in inbound]
    if len(set(given)) < 2:
        found.append("smart_hosts has {0} only, but there are two, so that mail goes out when one of them fails; give the other one".format(given[0]))
    region = declared.region
    found += ["smart_hosts: {0} is one of region {1}, but the account is of region {2}; correct one of both".format(host, owners[host], region.code)
              for host in given if region and owners.get(host, region.code) != region.code]
    return found


def _recipients(declared: Declared) -> list[str]:
    kinds: dict[str, list[str]] = {}
    for row in declared.rows("domains"):
        kinds.setdefault(Declared(row).text("inbound_type"), []).append(Declared(row).text("name"))
    if declared.directory in _SYNCHRONISED and "known" in kinds and "ldap" not in kinds:
        return ["{0} take mail for known recipients (inbound_type known), but nothing would use the directory ({1}) that is declared; give inbound_type"
                " ldap, or a directory of type import".format(", ".join(kinds["known"]), declared.directory)]
    if declared.directory == "import" and "ldap" in kinds:
        return ["{0} take mail for users of a directory (inbound_type ldap), but recipients are imported and no directory is read; give inbound_type"
                " known, or the type of the directory".format(", ".join(kinds["ldap"]))]
    return []


def _journaling(declared: Declared, domains: list[str]) -> list[str]:
    domain, address = _domain(declared.text("journaling", "domain")), declared.text("journaling", "email")
    method = declared.text("journaling", "method") or "smtp"
    if declared.text("service") == EMAIL_SECURITY:
        return ["journaling is declared, but is no part of service email_security; leave it out, or give service both"] if domain or address else []
    found = []
    if "exchange" in declared.parts and declared.text("infrastructure", "version") == "2003" and method == "smtp" and "journaling" in declared.steps:
        found.append("journaling by SMTP is for all but Exchange 2003, which is declared; give journaling.method pop3")
    # Below a mail domain it may be declared, as the internal domain that journaling needs.
    if domain in domains and not within(domain, [name for name in domains if name != domain]):
        found.append("{0} is the domain of the journal and a mail domain too, but the journal has an internal domain of its own; give journaling another"
                     " one, such as journal.{0}, or leave it out of domains".format(domain))
    if domain and address and _domain_of(address) != domain:
        found.append("journaling.email is {0}, which is not in journaling.domain {1}; correct one of both".format(address, domain))
    return found


def _hybrid(declared: Declared) -> list[str]:
    missing = [part for part in ("on_premises", "cloud") if not declared.text("infrastructure", part)]
    if declared.text("infrastructure", "type") != HYBRID or not missing:
        return []
    return ["infrastructure is hybrid, but nothing is said of {0}; give {1}".format(" and ".join(missing), _PARTS[missing[0]])]


def _microsoft(declared: Declared, domains: list[str]) -> list[str]:
    tenant = _domain(declared.text("infrastructure", "tenant_domain"))
    if not tenant or not declared.has_microsoft_365:
        return []
    if tenant.endswith(".mail.onmicrosoft.com"):
        return ["infrastructure.tenant_domain is {0}, which only the vendor can register; give {1}, the name in Microsoft's certificate".format(
            tenant, tenant.replace(".mail.onmicrosoft.com", ".onmicrosoft.com"))]
    if tenant not in domains:
        return ["infrastructure.tenant_domain {0} is not among domains, but the service knows mail from Microsoft by it, so it has to be an internal domain;"
                " add it to domains".format(tenant)]
    return []
