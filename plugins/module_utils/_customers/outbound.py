# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What outbound mail asks of a customer: which smart hosts, tried out from where, for which mail servers, and what is missing. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._customers.soak import checked
from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import Region, region_of
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values

POSTFIX, EXCHANGE, EXCHANGE_ONLINE, GOOGLE_WORKSPACE, DOMINO = PRODUCTS = ("postfix", "exchange", "exchange_online", "google_workspace", "domino")
CLOUDS = (EXCHANGE_ONLINE, GOOGLE_WORKSPACE)  # known to the service by a flag of the account
FOREIGN = ("dest", "nameservers")  # options of mail_dns_records that do not go with nsupdate
NAMES = {POSTFIX: "Postfix", EXCHANGE: "Exchange", EXCHANGE_ONLINE: "Microsoft 365", GOOGLE_WORKSPACE: "Google Workspace", DOMINO: "Domino"}
HYBRID_ROUTING = ".mail.onmicrosoft.com"


class Server(NamedTuple):
    """One entry of outbound_servers, with the smart hosts that it takes."""

    product: str
    version: str
    hosts: list[str]
    windows_host: str
    tenant_domain: str
    smart_hosts: list[str]

    @property
    def label(self) -> str:
        return NAMES[self.product]


def plan(wanted: dict[str, Any], now: datetime.datetime) -> dict[str, Any]:
    """What the role does with its options (``wanted``, named like them without outbound_).

    domains: that must be internal; spf_domains: whose SPF record includes the service, and records: how, as mail_dns_records takes it;
    hosts: of the inventory, from which smart hosts are tried out; checks: by host, '' for those that no host tries out; postfix: by host, its
    smart hosts; renderings: one for each other product; hybrid: whether there is more than one server; problems: sentences.
    """
    problems: list[str] = []
    region = _region(wanted, problems)
    servers = [_server(one, wanted, region) for one in wanted["servers"]]
    domains = _names("outbound_domains", [one.get("name") for one in wanted["domains"]], problems)
    tenants = _names("tenant_domain", [one.tenant_domain for one in servers if one.tenant_domain], problems)
    known = list(dict.fromkeys(host for one in servers or [_nobody(wanted, region)] for host in one.smart_hosts))
    problems += [
        *([] if domains else ["no domain is declared whose mail goes out: give outbound_domains"]),
        *_recognition(wanted, servers),
        *(problem for one in servers for problem in _of_server(one, wanted, region)),
        *_spf(wanted, region),
        *_soak(wanted, now),
        *("outbound_checks has a check of {0}, which is no smart host here; they are {1}".format(host, ", ".join(known) or "not known")
          for host in (one.get("host") for one in wanted["checks"]) if host not in known),
    ]
    rendered = [one for one in servers if one.product != POSTFIX]
    return {
        "domains": [{"name": name} for name in dict.fromkeys(domains + tenants)],
        "spf_domains": [{"name": name} for name in domains if name not in tenants],
        "records": _records(wanted),
        "hosts": list(dict.fromkeys(host for one in servers for host in one.hosts)),
        "checks": _checks(wanted, servers or [_nobody(wanted, region)]),
        "postfix": {host: one.smart_hosts for one in servers if one.product == POSTFIX for host in one.hosts},
        "renderings": [_rendering(one, wanted) for one in rendered],
        "hybrid": len(servers) > 1,
        "problems": problems,
    }


def _names(option: str, given: list[Any], problems: list[str]) -> list[str]:
    found = []
    for one in given:
        try:
            found.append(values.domain(one or ""))
        except ValueError as error:
            problems.append("{0} has {1!r}: {2}".format(option, one, error))
    return list(dict.fromkeys(found))


def _region(wanted: dict[str, Any], problems: list[str]) -> Region | None:
    try:
        return region_of(wanted["region"]) if wanted["region"] else None
    except ValueError as error:
        problems.append("outbound_region: {0}".format(error))
        return None


def _server(given: dict[str, Any], wanted: dict[str, Any], region: Region | None) -> Server:
    product = given["product"]
    published: tuple[str, ...] = ()
    if region:
        published = region.microsoft_smart_hosts if product == EXCHANGE_ONLINE else region.smart_hosts
    return Server(
        product, str(given.get("version") or ""), list(given.get("hosts") or []), given.get("windows_host") or "", given.get("tenant_domain") or "",
        list(given.get("smart_hosts") or wanted["smart_hosts"] or published))


def _nobody(wanted: dict[str, Any], region: Region | None) -> Server:
    """Whoever runs the role cares for the mail servers; their smart hosts are tried out all the same."""
    return _server({"product": POSTFIX}, wanted, region)


def _recognition(wanted: dict[str, Any], servers: list[Server]) -> Iterator[str]:
    """By what the service knows that the customer may send."""
    addresses = wanted["addresses"].get("addresses") or {}
    declared = addresses.get("add") or addresses.get("set") or wanted["addresses"].get("state") == "exists"
    if not declared and not wanted["username"] and not (servers and all(one.product in CLOUDS for one in servers)):
        yield ("nothing says by what the service recognises the mail servers: give outbound_addresses, or outbound_username and outbound_password for "
               "servers without an address of their own")
    if bool(wanted["username"]) != bool(wanted["password"]):
        yield "outbound_username and outbound_password go together: give both or none"
    if wanted["username"] and wanted["tls"] == "none":
        yield "outbound_tls is none, and no password may be sent in clear text: give strict or relaxed"


def _of_server(one: Server, wanted: dict[str, Any], region: Region | None) -> Iterator[str]:
    if not one.smart_hosts and not region:
        yield "nothing says which smart hosts {0} sends through: give outbound_region, or outbound_smart_hosts".format(one.label)
    elif region and not one.smart_hosts:
        yield "no smart hosts of region {0} are published for {1}: give those that the account shows as outbound_smart_hosts".format(region.code, one.label)
    if one.product == POSTFIX and not one.hosts:
        yield "nothing says where Postfix runs: give its hosts of the inventory (hosts of outbound_servers)"
    if one.product == EXCHANGE_ONLINE and not one.tenant_domain:
        yield ("the tenant at Microsoft is missing, which the service reads from Microsoft's certificate: give tenant_domain of outbound_servers, such as "
               "example.onmicrosoft.com")
    if one.tenant_domain.lower().endswith(HYBRID_ROUTING):
        yield "tenant_domain is {0}, which is for routing within a hybrid: give the tenant's own name, such as {1}".format(
            one.tenant_domain, one.tenant_domain.lower().replace(HYBRID_ROUTING, ".onmicrosoft.com"))
    if one.windows_host and one.product != EXCHANGE:
        yield "windows_host does not go with {0}: leave it out".format(one.label)


def _spf(wanted: dict[str, Any], region: Region | None) -> Iterator[str]:
    if not wanted["spf"] or wanted["dns"].get("spf_include"):
        return
    if not region:
        yield "nothing says what SPF includes: give outbound_region, or spf_include of outbound_dns, or switch outbound_spf off"
    elif not region.spf_include:
        yield "no SPF include of region {0} is published: give what the account shows as spf_include of outbound_dns".format(region.code)


def _records(wanted: dict[str, Any]) -> dict[str, Any]:
    dns = wanted["dns"]
    region = {"region": wanted["region"]} if wanted["region"] else {}
    return {**region, **{option: value for option, value in dns.items() if dns.get("backend") != "nsupdate" or option not in FOREIGN}}


def _soak(wanted: dict[str, Any], now: datetime.datetime) -> Iterator[str]:
    try:
        checked(wanted["soak_days"], wanted["since"], now)
    except ValueError as error:
        yield str(error)


def _port(one: Server, wanted: dict[str, Any]) -> Any:
    """Exchange Online has no setting for it."""
    return 25 if one.product == EXCHANGE_ONLINE else wanted["port"]


def _checks(wanted: dict[str, Any], servers: list[Server]) -> dict[str, list[dict[str, Any]]]:
    own = {one.get("host"): one for one in wanted["checks"]}
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for one in servers:
        login = {"username": wanted["username"], "password": wanted["password"]} if wanted["username"] and one.product not in CLOUDS else {}
        for place in one.hosts or [""]:
            for host in one.smart_hosts:
                name = "from {0} to {1}".format(place or "here", host)
                check = {"name": name, "host": host, "port": _port(one, wanted), "tls": wanted["tls"], **login, **own.get(host, {})}
                found.setdefault(place, {})[host] = check
    return {place: list(checks.values()) for place, checks in found.items()}


def _rendering(one: Server, wanted: dict[str, Any]) -> dict[str, Any]:
    """The login stays out: a loop shows its items."""
    authentication = bool(wanted["username"]) and one.product not in CLOUDS
    return {
        "product": one.product, "version": one.version, "windows_host": one.windows_host,
        "change": {"action": "update", "kind": "mail_server", "name": one.windows_host},
        "outbound": {"smart_hosts": one.smart_hosts, "port": _port(one, wanted), "tls": wanted["tls"], "authentication": authentication},
    }
