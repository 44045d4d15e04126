# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Request for Information: what stands in the form, and what is said to be missing or wrong."""

from __future__ import annotations

import copy
import csv
import io
import itertools
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi_form import as_csv, as_markdown, handovers
from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi_problems import problems
from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import CLOUDS, MATRIX, ON_PREMISES

GRACE = {"role": "technical", "name": "Grace Hopper", "email": "grace@acme-mail.com", "mobile_phone": "+44 20 7946 0001"}
ADA = {"role": "emergency", "name": "Ada Lovelace", "email": "ada@elsewhere-mail.net", "mobile_phone": "+44 20 7946 0002"}
CUSTOMER: dict[str, Any] = {
    "service": "both",
    "account_code": "CUK12A34",
    "infrastructure": {"type": "exchange", "version": "2019", "hosts": ["exchange-1"]},
    "contacts": [GRACE, ADA],
    "outbound_addresses": {"addresses": {"set": ["81.2.69.142", "81.2.69.143"]}},
    "inbound_addresses": ["81.2.69.142"],
    "domains": [{"name": "acme-mail.com", "inbound_type": "ldap"}, {"name": "acme-mail.org", "inbound_type": "ldap"}],
    "forwarding_addresses": ["helpdesk@elsewhere-mail.net"],
    "directory": {"type": "active_directory"},
    "journaling": {"domain": "journal.acme-mail.com", "email": "journaling@journal.acme-mail.com"},
}
SECRETS = {
    "mimecast_connection": {"client_id": "id", "client_secret": "SECRET-1"},
    "active_directory_connectors": [{"name": "DC", "hostname": "dc1.acme-mail.com", "password": "SECRET-2"}],
    "journaling_services": [{"name": "J", "pop3": {"password": "SECRET-3"}}],
    "users": [{"email": "a@acme-mail.com", "password": "SECRET-4"}],
    "dns": {"key_secret": "SECRET-5"},
    "outbound": {"authentication": {"username": "u", "password": "SECRET-6"}},
}
TENANT = "acme.onmicrosoft.com"
CLOUD = {"infrastructure": {"type": "microsoft_365", "tenant_domain": TENANT}, "domains": [{"name": "acme-mail.com"}, {"name": TENANT}]}


def customer(**changes: Any) -> dict[str, Any]:
    """The complete customer with other values; None takes a key out."""
    return {key: value for key, value in {**copy.deepcopy(CUSTOMER), **changes}.items() if value is not None}


def addresses(*texts: str) -> dict[str, Any]:
    return {"outbound_addresses": {"addresses": {"set": list(texts)}}}


# what differs from the complete customer -> how each problem begins
WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"account_code": None, "region": "eu"}, []),
    ({"account_code": None}, ["Nothing is said of region: give the one that was agreed (eu, "]),
    ({"account_code": None, "smart_hosts": ["one.smart-mail.net", "two.smart-mail.net"]}, []),
    ({"region": "us"}, ["region is us, but the account code CUK12A34 is one of region eu"]),
    ({"service": None}, ["Nothing is said of service: give archiving, email_security, both"]),
    ({"outbound_addresses": None}, ["Nothing is said of outbound_addresses: give each public address from which"]),
    ({"inbound_addresses": []}, ["Nothing is said of inbound_addresses: give each public address at which"]),
    ({"domains": []}, ["Nothing is said of domains: give every domain"]),
    ({"directory": None}, ["Nothing is said of directory: give its type, or import"]),
    ({"directory": None, "active_directory_connectors": [{"name": "DC"}]}, []),
    ({"directory": None, "active_directory_connectors": [{"name": "DC", "state": "absent"}]}, ["Nothing is said of directory"]),
    # contacts
    ({"contacts": [GRACE]}, ["There is no emergency contact: add one to contacts, with role emergency"]),
    ({"contacts": [GRACE], "emergency_contact": ADA}, []),
    ({"contacts": [ADA]}, ["There is no technical contact"]),
    ({"contacts": [{**GRACE, "role": None}, ADA]}, []),
    ({"contacts": [{**GRACE, "mobile_phone": None}, ADA]}, ["Technical contact Grace Hopper: mobile_phone is missing."]),
    ({"contacts": [{"name": "Grace Hopper"}, ADA]}, ["Technical contact Grace Hopper: email and mobile_phone are missing."]),
    ({"contacts": [{**GRACE, "mobile_phone": "0171 123"}, ADA]}, ["Technical contact Grace Hopper: mobile_phone is '0171 123': it is not a number in int"]),
    ({"contacts": [{**GRACE, "email": "grace"}, ADA]}, ["Technical contact Grace Hopper: email is 'grace': it is not a mail address"]),
    ({"contacts": [GRACE, ADA, {"role": "partner_administrator", "name": "Jean", "email": "jean@partner-mail.net"}]}, []),
    ({"contacts": [GRACE, ADA, {"role": "partner_administrator", "name": "Jean"}]}, ["Partner administrator Jean: email is missing"]),
    ({"contacts": [GRACE, ADA, {**ADA, "name": "Eve"}]}, ["There are 2 emergency contacts, but an account has one"]),
    ({"contacts": [GRACE, {**ADA, "email": "ada@Mail.acme-mail.com"}]}, ["Emergency contact Ada Lovelace: mail for acme-mail.com will come in through"]),
    ({"emergency_contact": {**ADA, "email": "eve@elsewhere-mail.net"}}, ["emergency_contact is eve@elsewhere-mail.net, but contacts has somebody else"]),
    # addresses
    (addresses("10.0.0.25"), ["outbound_addresses: 10.0.0.25 is an address of 10.0.0.0/8, which is seen inside a network only; give the public"]),
    (addresses("100.64.0.1"), ["outbound_addresses: 100.64.0.1 is an address of 100.64.0.0/10, which is seen inside"]),
    (addresses("172.31.255.255"), ["outbound_addresses: 172.31.255.255 is an address of 172.16.0.0/12"]),
    (addresses("172.32.0.1"), []),
    (addresses("224.0.0.1"), ["outbound_addresses: 224.0.0.1 is an address of 224.0.0.0/4, which is no host's"]),
    (addresses("81.2.69.0/28"), ["outbound_addresses: 81.2.69.0/28 is a network, but single addresses are asked for"]),
    (addresses("mx1.acme-mail.com"), ["outbound_addresses: mx1.acme-mail.com is no address"]),
    (addresses("2a00:1450::1"), ["outbound_addresses: 2a00:1450::1 is an IPv6 address, and no use of IPv6 by the service is published"]),
    (addresses("195.130.217.9"), ["outbound_addresses: 195.130.217.9 is an address of the service itself (195.130.217.0/24, region eu)"]),
    (addresses("203.0.113.5"), ["outbound_addresses: 203.0.113.5 is an address of 203.0.113.0/24, which is reserved for documentation"]),
    (addresses("81.2.69.142", "81.2.69.142"), ["outbound_addresses: 81.2.69.142 stands there twice"]),
    ({"additional_addresses": ["81.2.69.143"]}, ["additional_addresses: 81.2.69.143 is among the other addresses already"]),
    ({"additional_addresses": ["81.2.69.200"]}, []),
    # domains
    ({"domains": [{"name": "acme"}]}, ["domains: acme has one label only; give the whole name"]),
    ({"domains": [{"name": "https://acme-mail.com"}]}, ["domains: https://acme-mail.com is no domain: it is not a domain name"]),
    ({"domains": [{"name": "acme.local"}]}, ["domains: acme.local is a name for inside a network, which nobody outside can send mail to"]),
    ({"domains": [{"name": "acme.example"}]}, ["domains: acme.example ends in a name that is reserved for documentation"]),
    ({"domains": [{"name": "gmail.com"}]}, ["domains: gmail.com belongs to a provider of mailboxes for everybody"]),
    ({"domains": [{"name": "81.2.69.142"}]}, ["domains: 81.2.69.142 is no domain but looks like an address"]),
    ({"domains": [{"name": "bücher-mail.de"}, {"name": "XN--BCHER-MAIL-9DB.de."}]}, ["domains: xn--bcher-mail-9db.de stands there twice"]),
    # forwarding addresses
    ({"forwarding_addresses": ["helpdesk"]}, ["forwarding_addresses: one is 'helpdesk': it is not a mail address"]),
    ({"forwarding_addresses": ["a@elsewhere-mail.net", "A@elsewhere-mail.net"]}, ["forwarding_addresses: a@elsewhere-mail.net stands there twice"]),
    ({"forwarding_addresses": ["a@acme-mail.org"]}, ["forwarding_addresses: a@acme-mail.org is in acme-mail.org, a domain of the customer, so"]),
    # smart hosts
    ({"smart_hosts": ["eu-smtp-outbound-1.mimecast.com"]}, ["smart_hosts has eu-smtp-outbound-1.mimecast.com only, but there are two"]),
    ({"smart_hosts": ["eu-smtp-outbound-1.mimecast.com", "eu-smtp-inbound-1.mimecast.com"]}, ["smart_hosts: eu-smtp-inbound-1.mimecast.com is where mail"]),
    ({"smart_hosts": ["eu-smtp-outbound-1.mimecast.com", "us-smtp-outbound-1.mimecast.com"]},
     ["smart_hosts: us-smtp-outbound-1.mimecast.com is one of region us, but the account is of region eu"]),
    # recipients
    ({"domains": [{"name": "acme-mail.com", "inbound_type": "known"}]}, ["acme-mail.com take mail for known recipients (inbound_type known), but nothing"]),
    ({"domains": [{"name": "acme-mail.com", "inbound_type": "known"}, {"name": "acme-mail.org", "inbound_type": "ldap"}]}, []),
    ({"directory": {"type": "import"}}, ["acme-mail.com, acme-mail.org take mail for users of a directory (inbound_type ldap), but recipients are imported"]),
    # journaling
    ({"infrastructure": {"type": "exchange", "version": 2003}}, ["journaling by SMTP is for all but Exchange 2003, which is declared"]),
    ({"infrastructure": {"type": "exchange", "version": 2003}, "journaling": {"method": "pop3"}}, []),
    ({"journaling": {"domain": "acme-mail.org"}}, ["acme-mail.org is the domain of the journal and a mail domain too"]),
    ({"domains": [{"name": "acme-mail.com", "inbound_type": "ldap"}, {"name": "journal.acme-mail.com"}]}, []),
    ({"journaling": {"domain": "journal.acme-mail.com", "email": "j@acme-mail.com"}}, ["journaling.email is j@acme-mail.com, which is not in"]),
    ({"service": "email_security"}, ["journaling is declared, but is no part of service email_security"]),
    # clouds
    ({**CLOUD, "inbound_addresses": None, "outbound_addresses": None}, []),
    ({**CLOUD, "infrastructure": {"type": "microsoft_365"}}, ["Nothing is said of infrastructure.tenant_domain: give the name of the tenant"]),
    ({**CLOUD, "domains": [{"name": "acme-mail.com"}]}, ["infrastructure.tenant_domain acme.onmicrosoft.com is not among domains"]),
    ({**CLOUD, "infrastructure": {"type": "microsoft_365", "tenant_domain": "acme.mail.onmicrosoft.com"}},
     ["infrastructure.tenant_domain is acme.mail.onmicrosoft.com, which only the vendor can register; give acme.onmicrosoft.com,"]),
    ({"infrastructure": {"type": "hybrid", "on_premises": "exchange"}}, ["infrastructure is hybrid, but nothing is said of cloud; give the cloud (micr"]),
    ({"infrastructure": {"type": "hybrid", "on_premises": "exchange", "cloud": "microsoft_365"}}, ["Nothing is said of infrastructure.tenant_domain"]),
    # several at once
    ({**addresses("10.0.0.1"), "contacts": [], "domains": [{"name": "acme.lan"}]}, [
        "There is no technical contact", "There is no emergency contact", "outbound_addresses: 10.0.0.1", "domains: acme.lan"]),
]


@pytest.mark.parametrize(("changes", "begin"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_all_that_is_wrong_is_said_at_once(changes: dict[str, Any], begin: list[str]) -> None:
    found = problems(customer(**changes))
    assert len(found) == len(begin), found
    for said, wanted in zip(found, begin):
        assert said.startswith(wanted), said
        assert said.endswith(".") and not said.endswith("..") and "\n" not in said


def test_documentation_passes_where_it_is_allowed_and_only_that() -> None:
    changed = customer(**addresses("192.0.2.25", "198.18.0.1", "10.0.0.1"), domains=[{"name": "acme.example"}, {"name": "acme.local"}])
    assert len(problems(changed)) == 5
    assert [text.split()[1] for text in problems(changed, allow_documentation=True)] == ["10.0.0.1", "acme.local"]


def test_what_the_dns_says_is_said_in_the_words_of_this_step() -> None:
    verdicts = [
        {"name": "acme-mail.com", "verdict": "ok", "code": "ok_dns", "message": "fine"},
        {"name": "acme-mail.org", "verdict": "failed", "code": "mx_missing", "message": "publish those that the account shows"},
        {"name": "gone-mail.org", "verdict": "unknown", "code": "resolver_silent", "message": "the resolver says nothing"},
    ]
    first, second = problems(CUSTOMER, verdicts)
    assert first.startswith("acme-mail.org has no MX records today") and "account" not in first
    assert second == "The MX records of gone-mail.org: the resolver says nothing."


@pytest.mark.parametrize(("service", "product"), list(itertools.product(MATRIX, (*ON_PREMISES, *CLOUDS))))
def test_service_and_infrastructure_decide_what_is_asked(service: str, product: str) -> None:
    changed = customer(service=service, infrastructure={"type": product, "tenant_domain": TENANT}, outbound_addresses=None, inbound_addresses=None)
    form = as_markdown(changed, "acme")
    servers, security = product in ON_PREMISES, service != "archiving"
    assert ("| Outbound addresses | missing |" in form) is (servers and security)
    assert ("| Inbound addresses | missing |" in form) is (servers and security)
    assert ("Outbound addresses" in form) is servers
    assert ("## Smart hosts" in form) is security
    assert ("Name of the tenant at Microsoft" in form) is (product == "microsoft_365")
    assert ("Journaling" in form) is (service != "email_security")
    missing = [text for text in problems(changed) if text.startswith("Nothing is said of ")]
    assert bool(missing) is (servers and security)


def test_the_form_has_every_answer_and_no_secret() -> None:
    whole = customer(**SECRETS, dns_owner={"name": "Registrar", "email": "dns@registrar-mail.net"}, additional_addresses=["81.2.69.200"])
    form, table = as_markdown(whole, "acme"), as_csv(whole, "acme")
    for wanted in ("Grace Hopper", "ada@elsewhere-mail.net", "81.2.69.143", "81.2.69.200", "acme-mail.org", "helpdesk@elsewhere-mail.net", "Registrar",
                   "eu-smtp-outbound-2.mimecast.com", "Active Directory, read by LDAP", "journaling@journal.acme-mail.com", "Europe (excluding Germany)"):
        assert wanted in form and wanted in table
    assert "missing" not in form + table
    assert "SECRET" not in form + table + str(handovers({**whole, "account_code": None}, "acme")) + str(problems(whole))


@pytest.mark.parametrize(("service", "archive"), [("archiving", True), ("both", True), ("email_security", False)])
def test_what_the_journey_does_not_move_is_thought_of(service: str, archive: bool) -> None:
    steps = " ".join(handovers(customer(account_code=None, region="eu", service=service, done={}), "acme")[0]["steps"])
    assert ("archived mail of before" in steps) is archive and "policies of the service of before" in steps


def test_what_is_missing_stands_there_as_missing() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv({"service": "both", "infrastructure": {"type": "postfix"}}, "acme"))))
    missing = {row["question"] for row in rows if row["state"] == "missing"}
    assert {"Outbound addresses", "Inbound addresses", "Mail domains", "Method", "Technical contact, name", "Emergency contact, mobile phone"} <= missing
    assert all(row["state"] == "given" if row["answer"] else row["state"] in ("missing", "none") for row in rows)


def test_no_cell_is_a_formula() -> None:
    names = ["=1+1", "+cmd", "-2", "@SUM(A1)", "+44 20 7946 0001"]
    rows = list(csv.DictReader(io.StringIO(as_csv(customer(contacts=[{**GRACE, "name": name} for name in names] + [ADA]), "acme"))))
    found = [row["answer"] for row in rows if row["question"].startswith("Technical contact") and row["question"].endswith("name")]
    assert found == ["'=1+1", "'+cmd", "'-2", "'@SUM(A1)", "+44 20 7946 0001"]


def test_the_handover_goes_when_the_form_is_sent_and_the_account_known() -> None:
    asked = customer(account_code=None, region="eu")
    (first,) = handovers(asked, "acme", "forms/acme.md")
    assert any("81.2.69.142, 81.2.69.143" in step for step in first["steps"]) and any("forms/acme.md" in step for step in first["steps"])
    (sent,) = handovers({**asked, "done": {"rfi": "2026-11-20"}}, "acme")
    assert len(sent["steps"]) == 1 and "account_code" in sent["steps"][0]
    (known,) = handovers(CUSTOMER, "acme")
    assert len(known["steps"]) == 1 and "done.rfi" in known["steps"][0]
    assert handovers({**CUSTOMER, "done": {"rfi": "2026-11-20"}}, "acme") == []
