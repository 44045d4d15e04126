# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What journaling asks of a tenant, its mail servers and the connections between: decided from what was declared and read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import region_of
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._journaling import checks, people
from ansible_collections.mimecast.connect.plugins.module_utils._journaling.service import POP3, SMTP, Service, canonical, services

SHOWN = 10


def plan(wanted: dict[str, Any], tenant: dict[str, Any]) -> dict[str, Any]:
    """problems: sentences, why nothing may be changed; address; domain, and register: whether it has to be; hosts: journal hosts; tls and checks, by
    mail server, '' for the controller; sends: whether mail servers are to send copies; hands_over: whether a person has to look after that; handovers;
    seen: what the service says.

    wanted: the options of the role journaling without its name. tenant: domains and journaling_services as mimecast_info returns them.
    """
    problems: list[str] = []
    found = services(wanted["services"], tenant["journaling_services"])
    email = _email(wanted, problems)
    domain = _domain(wanted, email, problems)
    internal = [str(one["name"]) for one in tenant["domains"]]
    register = bool(domain) and _register(domain, internal, problems)
    problems += _products(wanted, internal)
    service = _service(wanted["method"], email, found, problems)
    hosts = _hosts(wanted, service, problems) if wanted["method"] == SMTP else []
    tls = checks.tls_of(wanted, service)
    connections = checks.connections(wanted, service, hosts, tls, problems) if wanted["verify"] else []
    places = len(wanted["products"]) + bool(wanted["mail_servers"])
    return {
        "problems": problems,
        "address": email,
        "domain": domain,
        "register": register,
        "inbound_type": _inbound_type(wanted, domain),
        "hosts": hosts,
        "tls": tls,
        # A mailbox is fetched by the service, so it is tried from here.
        "checks": {server: connections for server in (wanted["mail_servers"] if wanted["method"] != POP3 else []) or [""]},
        "sends": wanted["method"] == SMTP and service.enabled,
        # That copies arrive says which server sends them only where there is one.
        "hands_over": service.enabled and not (service.arrives and places == 1),
        "handovers": people.handovers(wanted["method"], email, hosts, service, places),
        "seen": service.seen(),
    }


def _email(wanted: dict[str, Any], problems: list[str]) -> str:
    """The address, given or that of the only service; '' where there is none."""
    email = wanted["email"]
    if not email:
        known = {one for service in services(wanted["services"], []) for one in service.emails()}
        if len(known) != 1:
            problems.append("the journaling address is not known: give journaling_email")
            return ""
        (email,) = known
    try:
        return values.address(email)
    except ValueError as error:
        problems.append("journaling_email is {0!r}: {1}".format(email, error))
        return ""


def _domain(wanted: dict[str, Any], email: str, problems: list[str]) -> str:
    own = email.rpartition("@")[2]
    if not wanted["domain"]:
        return own
    try:
        domain = values.domain(wanted["domain"])
    except ValueError as error:
        problems.append("journaling_domain is {0!r}: {1}".format(wanted["domain"], error))
        return ""
    if own and own != domain:
        problems.append("the journaling address {0} is not in the journaling domain {1}: give one of that domain, such as journaling@{1}".format(
            email, domain))
    return domain


def _register(domain: str, internal: list[str], problems: list[str]) -> bool:
    """Whether the domain is not there yet; below an internal one it becomes internal at once."""
    if domain in internal:
        return False
    if not _below(domain, internal):
        shown = ", ".join(sorted(internal)[:SHOWN]) + (" and {0} more".format(len(internal) - SHOWN) if len(internal) > SHOWN else "")
        problems.append("the journaling domain {0} is neither an internal domain of the tenant nor below one (it has {1}): take a subdomain of one, or "
                        "have {0} verified first".format(domain, shown or "none"))
    return True


def _below(domain: str, parents: list[str]) -> bool:
    return any(domain.endswith("." + parent) for parent in parents)


def _inbound_type(wanted: dict[str, Any], domain: str) -> str:
    for one in wanted["domains"]:
        if canonical_domain(one["name"]) == domain and one.get("inbound_type"):
            return str(one["inbound_type"])
    return ""


def canonical_domain(name: Any) -> str:
    """The domain as it is compared; one that is none stays as it is."""
    try:
        return values.domain(name)
    except ValueError:
        return str(name)


def _products(wanted: dict[str, Any], internal: list[str]) -> Iterator[str]:
    if wanted["method"] == SMTP and "exchange" in wanted["products"] and re.search(r"\b2003\b", str(wanted["version"])):
        yield "Exchange 2003 cannot journal by SMTP: set journaling_method to pop3, and declare the service with pop3"
    if "exchange_online" in wanted["products"]:
        tenant_domain = canonical_domain(wanted["tenant_domain"])
        if not tenant_domain:
            yield "Microsoft 365 sends journal mail only where its tenant's own domain is internal: give it as journaling_tenant_domain"
        elif tenant_domain not in internal:
            yield "{0}, the own domain of the tenant at Microsoft, is no internal domain: have it verified first".format(tenant_domain)


def _service(method: str, email: str, found: list[Service], problems: list[str]) -> Service:
    """The one that has the address; an empty one where a problem says why there is none."""
    owners = [one for one in found if email and email in one.emails()]
    nobody = Service("", {})
    if len(owners) > 1:
        problems.append("the journaling services {0} all have the address {1}: one may have it, so declare the others with another or as absent".format(
            " and ".join(repr(one.name) for one in owners), email))
        return nobody
    if not owners:
        if email:
            problems.append("no journaling service has the address {0}: declare one in journaling_services".format(canonical(email)))
        return nobody
    (service,) = owners
    if method not in service.transports:
        problems.append("journaling_method is {0}, but the journaling service {1!r} is declared with {2}: make them agree".format(
            method, service.name, POP3 if method == SMTP else SMTP))
        return nobody
    return service


def _hosts(wanted: dict[str, Any], service: Service, problems: list[str]) -> list[str]:
    """The journal hosts: those given, else those that the service tells, else those of the region."""
    given = wanted["hosts"] or service.row.get("hostnames") or []
    if given:
        return _checked(given, problems)
    if not wanted["region"]:
        problems.append("the journal hosts are not known: give journaling_region or journaling_hosts")
        return []
    try:
        region = region_of(wanted["region"])
    except ValueError as error:
        problems.append("journaling_region: {0}".format(error))
        return []
    if not region.journal_hosts:
        problems.append("the journal hosts of region {0} are not published: give those that the console shows as journaling_hosts".format(region.code))
    return list(region.journal_hosts)


def _checked(given: list[Any], problems: list[str]) -> list[str]:
    found = []
    for one in given:
        try:
            found.append(values.host(one))
        except ValueError as error:
            problems.append("journal host {0!r}: {1}".format(one, error))
    return found
