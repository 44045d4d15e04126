# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The plan of tests: which cases there are for a customer, in which order, and what a machine has to do for them.

The vendor's plan has numbered mandatory and optional cases, outbound first, then directory, then inbound; their texts are not public
(reference/service-facts.md, section 10). The cases here are this collection's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import region_of

OUTBOUND, DIRECTORY, INBOUND = PARTS = ("outbound", "directory", "inbound")
PREFIX = "acceptance_"
# What a case is decided by.
TENANT, CHECKS, MESSAGE, SIGHT, PERSON = "tenant", "checks", "message", "sight", "person"
# What a message is sent by. A loop shows its items, so whatever else is declared, such as a password, stays out.
TOLD = ("source", "host", "port", "address", "tls", "ca_path", "helo", "from", "to", "username", "case", "expect")
CONNECTORS = ("active_directory_connectors", "microsoft_365_connectors", "google_workspace_connectors")


@dataclass(frozen=True)
class Case:
    """One case. ``by`` says what decides it, ``steps`` what a person does where no machine can."""

    id: str
    part: str
    title: str
    mandatory: bool
    by: str
    steps: tuple[str, ...]


CASES = (
    Case("OUT1", OUTBOUND, "The service takes mail from the customer's addresses", True, TENANT,
         ("Compare the authorised outbounds in the console with the addresses that send.",)),
    Case("OUT2", OUTBOUND, "The SPF record of each domain includes the service", True, CHECKS,
         ("Look up the SPF record of each domain, and compare its include with the one that the account shows.",)),
    Case("OUT3", OUTBOUND, "A message from inside leaves through the service", True, SIGHT,
         ("Send a message from a mailbox of the customer to one outside.", "See that it arrives, and find it in Track and Trace as outbound.")),
    Case("OUT4", OUTBOUND, "That message came to the service encrypted", False, SIGHT,
         ("In Track and Trace open the message, and see that its transmission was encrypted.",)),
    Case("OUT5", OUTBOUND, "Whatever else sends mail sends it through the service", False, PERSON,
         ("List scanners, applications and web sites that send mail of the domains.", "Send one message from each.", "Find each in Track and Trace.")),
    Case("DIR1", DIRECTORY, "The directories can be read and have addresses of the domains", True, CHECKS,
         ("In the console test the connection of each directory connector.",)),
    Case("DIR2", DIRECTORY, "The tenant has the connectors, and takes mail for whom is declared", True, TENANT,
         ("Compare the connectors and the inbound check of each domain in the console with what is agreed.",)),
    Case("DIR3", DIRECTORY, "A message for somebody who does not exist is refused", True, MESSAGE,
         ("From outside send a message to an address of the domain that does not exist.", "See that it is refused, and find it under Rejected.")),
    Case("DIR4", DIRECTORY, "A new user gets mail after the next synchronisation", False, PERSON,
         ("Make a new user in the directory, or import one.", "After the synchronisation send a message to it from outside.", "See that it arrives.")),
    Case("IN1", INBOUND, "Each delivery route can take mail", True, CHECKS,
         ("In the console verify each delivery route.",)),
    Case("IN2", INBOUND, "The MX records of each domain lead to the service", True, CHECKS,
         ("Look up the MX records of each domain: both hosts of the region, no others.",)),
    Case("IN3", INBOUND, "A message from outside comes in through the service", True, SIGHT,
         ("Send a message from outside to a mailbox of the customer.", "Find it in Track and Trace as inbound.")),
    Case("IN4", INBOUND, "The service takes mail encrypted from who offers it", True, MESSAGE,
         ("Send a message from outside by a server that offers TLS.", "In Track and Trace see that it was received encrypted.")),
    Case("IN5", INBOUND, "Nobody else takes mail of the domains any more", True, CHECKS,
         ("Try to send to an address of each domain directly at the old provider. It has to refuse.",)),
    Case("IN6", INBOUND, "Somebody has read the message that came in", True, PERSON,
         ("Open the mailbox that the message from outside was sent to.", "See that it is there and can be answered.")),
)


def plan(given: Mapping[str, Any], tags: Sequence[str] = ()) -> dict[str, Any]:
    """What to do for the parts that the tags name, all of them without such a tag. ``given`` has the options of the role without its name."""
    named = [part for part in PARTS if PREFIX + part in tags] or list(PARTS)
    parts = [part for part in named if part == DIRECTORY or given["service"] != "archiving"]
    tenant = _tenant(given, parts)
    checks, routes, connectors = _checks(given, parts)
    messages = _messages(given, parts)
    decided = _decided(given, tenant, checks, routes, connectors, messages)
    cases = [case for case in CASES if case.part in parts and _applies(case, given)]
    return {
        "parts": parts,
        "cases": [{"id": case.id, "by": case.by if case.id in decided else PERSON} for case in cases],
        "tenant": tenant, "checks": checks, "delivery_routes": routes, "directory_connectors": connectors,
        "domains": given["domains"], "messages": messages,
    }


def _applies(case: Case, given: Mapping[str, Any]) -> bool:
    """Microsoft 365 has no addresses to authorise, a fresh domain no old provider, an import no directory."""
    needed = {
        "OUT1": bool(given["outbound_addresses"]),
        "DIR1": any(given[kind] for kind in CONNECTORS),
        "IN5": bool(given["refusals"]) or bool(given["dns_check"].get("old_mx")),
        "DIR3": given["service"] != "archiving",
    }
    return needed.get(case.id, True)


def _tenant(given: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Any]:
    wanted = {}
    if OUTBOUND in parts:
        wanted["outbound_addresses"] = given["outbound_addresses"]
    if DIRECTORY in parts:
        wanted.update({kind: given[kind] for kind in (*CONNECTORS, "domains")})
    return {kind: value for kind, value in wanted.items() if value}


def _checks(given: Mapping[str, Any], parts: Sequence[str]) -> tuple[list[dict[str, Any]], list[Any], list[Any]]:
    """The checks, each with a name that begins with its case; routes and connectors whose verdicts are named like themselves."""
    checks: list[dict[str, Any]] = []
    asked = bool(given["dns_check"]) and bool(given["domains"])
    dns = {"type": "dns", **{name: value for name, value in given["dns_check"].items() if name not in ("domain", "records", "name", "type")}}
    if OUTBOUND in parts and asked:
        checks.append({**{name: value for name, value in dns.items() if name not in ("mx_hosts", "old_mx")}, "records": ["spf"], "name": "OUT2"})
    routes, connectors = [], []
    if DIRECTORY in parts and given["verify"]:
        connectors = given["active_directory_connectors"]
        checks += given["directory_checks"] if connectors else []
    if INBOUND in parts:
        if given["verify"] and given["delivery_routes"]:
            routes = given["delivery_routes"]
            checks += given["checks"]
        if asked:
            checks.append({**{name: value for name, value in dns.items() if name != "spf_include"}, "records": ["mx"], "name": "IN2"})
        checks += [{**one, "name": "IN5 {0}".format(one.get("host") or one.get("domain") or number)} for number, one in enumerate(given["refusals"], 1)]
    return checks, routes, connectors


def _messages(given: Mapping[str, Any], parts: Sequence[str]) -> list[dict[str, Any]]:
    if not given["messages"]:
        return []
    found = []
    inside, outside = given["inside"], given["outside"]
    if OUTBOUND in parts and inside:
        found.append({**inside, "case": "OUT3", "expect": "accepted"})
    host = outside.get("host") or _mx(given)
    if host and outside:
        to, unknown = ({**outside, "host": host, "to": outside.get(name)} for name in ("to", "unknown"))
        found += [{**unknown, "case": "DIR3", "expect": "refused"}] if DIRECTORY in parts and unknown["to"] else []
        found += [{**to, "case": "IN3", "expect": "accepted"}] if INBOUND in parts else []
    whole = [one for one in found if all(one.get(name) for name in ("host", "from", "to"))]
    return [{"source": "", **{name: one[name] for name in TOLD if one.get(name) is not None}} for one in whole]


def _mx(given: Mapping[str, Any]) -> str:
    hosts = given["dns_check"].get("mx_hosts") or []
    region = given["dns_check"].get("region")
    try:
        hosts = hosts or (region_of(region).mx_hosts if region else [])
    except ValueError:
        pass  # the check of the DNS says so
    return hosts[0] if hosts else ""


def _decided(
    given: Mapping[str, Any], tenant: Mapping[str, Any], checks: Sequence[Mapping[str, Any]], routes: Sequence[Any], connectors: Sequence[Any],
    messages: Sequence[Mapping[str, Any]],
) -> set[str]:
    """Ids of the cases that a machine can decide."""
    found = {one["name"][:4].rstrip(" :") for one in checks if str(one.get("name", "")).startswith(("OUT2", "IN2", "IN5"))}
    found |= {case for case, kinds in (("OUT1", ("outbound_addresses",)), ("DIR2", (*CONNECTORS, "domains"))) if any(kind in tenant for kind in kinds)}
    found |= {case for case, listed in (("DIR1", connectors), ("IN1", routes)) if listed}
    sent = {one["case"] for one in messages}
    return found | sent | ({"OUT4"} if "OUT3" in sent else set()) | ({"IN4"} if "IN3" in sent and given["outside"].get("tls") != "none" else set())
