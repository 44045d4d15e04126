# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The keys of a customer file as options of the roles, so that each role runs with nothing but the inventory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi import Declared

POSTFIX = "postfix"
UNKNOWN = "unknown"  # region of a customer of whom nothing says it
CONNECTORS = ("active_directory_connectors", "microsoft_365_connectors", "google_workspace_connectors")
# What mail runs on, in the words of mail_server_rendering.
PRODUCTS = {"exchange": "exchange", "microsoft_365": "exchange_online", "google_workspace": "google_workspace", "domino": "domino"}
# role -> its option -> the key of the customer file, with dots. What the file does not have keeps the role's default. Where both have one name,
# such as journaling_services and outbound_addresses, nothing is needed.
SAME: dict[str, dict[str, str]] = {
    "rfi": {
        **{key: key for key in (
            "service", "infrastructure", "account_code", "contacts", "emergency_contact", "outbound_addresses", "inbound_addresses", "additional_addresses",
            "domains", "forwarding_addresses", "smart_hosts", "directory", "journaling", "dns_owner",
        )},
        "done": "done.rfi", "resolver": "dns.resolver", "nameservers": "dns.nameservers",
    },
    "outbound": {
        "domains": "domains", "smart_hosts": "smart_hosts", "port": "outbound.port", "tls": "outbound.tls", "checks": "outbound.checks",
        "soak_days": "outbound.soak_days", "username": "outbound.authentication.username", "password": "outbound.authentication.password",
    },
    "recipient_validation": {**{key: key for key in (*CONNECTORS, "users", "users_src", "domains")}, "checks": "directory.checks"},
    "journaling": {
        **{key: "journaling." + key for key in ("method", "domain", "email")},
        "domains": "domains", "version": "infrastructure.version", "tenant_domain": "infrastructure.tenant_domain",
    },
    "inbound": {
        "delivery_routes": "delivery_routes", "checks": "route_checks", "domains": "domains", "mx_cut_over": "mx.cut_over",
        "mx_preference": "mx.preference", "refusals": "mx.refusals",
    },
    "tls_policies": {"delivery_routes": "delivery_routes", "checks": "route_checks"},
    "server_connections": {"connections": "server_connections"},
    "acceptance": {
        **{key: key for key in ("service", "domains", "outbound_addresses", "delivery_routes", *CONNECTORS)},
        "checks": "route_checks", "directory_checks": "directory.checks", "refusals": "mx.refusals", "gateways": "firewall.gateways", "dkim": "dkim",
    },
    "firewall_lockdown": {"domains": "domains", "refusals": "mx.refusals", "delivery_routes": "delivery_routes", "checks": "route_checks"},
}
# Keys whose own keys are the options of a role, without its name.
WHOLE = {"tls_policies": "tls_policies", "acceptance": "acceptance", "firewall": "firewall_lockdown"}
# Where the DNS is read, apart from how it is written.
READ = ("resolver", "nameservers")


def role_options(data: dict[str, Any], region: str) -> dict[str, Any]:
    """Variables named like the options of roles. ``data`` is a file without problems; templates and vault values stay what they are."""
    found = dict(_same(data))
    found.update(_made(data, region))
    for key, role in WHOLE.items():
        found.update({"{0}_{1}".format(role, option): value for option, value in data.get(key, {}).items()})
    return found


def _same(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for role, options in SAME.items():
        for option, place in options.items():
            value: Any = data
            for key in place.split("."):
                value = value.get(key) if isinstance(value, dict) else None
            if value is not None:
                yield "{0}_{1}".format(role, option), value


def _made(data: dict[str, Any], region: str) -> dict[str, Any]:
    """What is put together from several keys."""
    mx, dns = data.get("mx", {}), data.get("dns", {})
    named = {} if region == UNKNOWN else {"region": region}
    asked = {key: dns[key] for key in READ if key in dns}
    wanted = {**({"mx_hosts": mx["hosts"]} if "hosts" in mx else named), **({"old_mx": mx["old_hosts"]} if "old_hosts" in mx else {}), **asked}
    # A server that takes updates is asked itself, and takes no others.
    written = {key: value for key, value in dns.items() if key != "nameservers" or dns.get("backend") != "nsupdate"}
    found = {
        **{role + "_region": named.get("region", "") for role in ("rfi", "outbound", "journaling")},
        "inbound_register_domains": True,
        "inbound_mx": wanted,
        "firewall_lockdown_mx": wanted,
        "acceptance_dns_check": wanted,
        "outbound_dns": written,
        "inbound_dns": written,
        "acceptance_dns": {key: value for key, value in written.items() if key != "dest"},
    }
    if "directory" not in data:
        # The kind of the connectors, but not the connectors: the first step needs no secret.
        found["rfi_directory"] = {"type": Declared(data).directory}
    if named:
        found["firewall_lockdown_ranges"] = "{{{{ query('mimecast.connect.ranges', '{0}') }}}}".format(region)
    moved = _moved(data)
    if moved != data.get("domains"):
        found.update({name + "_domains": moved for name in ("inbound_mx", "firewall_lockdown", "acceptance")})
    found.update(_servers(data["infrastructure"]))
    enforced = data.get("firewall", {}).get("enforce")
    if enforced is not None:
        # Once others are shut out this machine is as well, and could prove nothing.
        for name in ("inbound_verify", "tls_policies_verify", "acceptance_verify"):
            found[name] = "{{ not (firewall.enforce | bool) }}"
    return found


def _moved(data: dict[str, Any]) -> Any:
    """The domains whose MX records can lead to the service: not those of Microsoft, and not the one that only journal mail goes to."""
    domains, journaling = data.get("domains"), data.get("journaling")
    if not isinstance(domains, list):
        return domains
    copies = journaling.get("domain") if isinstance(journaling, dict) else None
    return [row for row in domains if not (isinstance(row, dict) and (row.get("name") == copies or _of_microsoft(row.get("name"))))]


def _of_microsoft(name: Any) -> bool:
    return isinstance(name, str) and name.lower().rstrip(".").endswith(".onmicrosoft.com")


def _servers(infrastructure: dict[str, Any]) -> dict[str, Any]:
    """The mail servers. The hosts are those on premises; a cloud has none."""
    kind, hosts = infrastructure["type"], infrastructure.get("hosts", [])
    kinds = [kind] if kind in (*PRODUCTS, POSTFIX) else [infrastructure["on_premises"], infrastructure["cloud"]]
    first = hosts[0] if isinstance(hosts, list) and hosts else "{{ infrastructure.hosts | first }}" if hosts else ""
    servers = []
    for name in kinds:
        server = {"product": PRODUCTS.get(name, name)}
        wanted = {
            "version": infrastructure.get("version") if name in ("exchange", "domino") else "",
            "hosts": hosts if name in (POSTFIX, "domino") else [],
            "windows_host": first if name == "exchange" else "",
            "tenant_domain": infrastructure.get("tenant_domain") if name == "microsoft_365" else "",
        }
        servers.append({**server, **{key: value for key, value in wanted.items() if value}})
    found = {"outbound_servers": servers, "journaling_products": [PRODUCTS[name] for name in kinds if name in PRODUCTS]}
    if POSTFIX in kinds:
        found.update(journaling_mail_servers=hosts, acceptance_mail_servers=hosts)
    if "exchange" in kinds and first:
        found["journaling_windows_host"] = first
    return found
