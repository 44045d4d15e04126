# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""From the record of what there was, and what is declared and there now, to what leads back. One step owns its kinds, and nothing else moves."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._rollback import firewall, postfix
from ansible_collections.mimecast.connect.plugins.module_utils._rollback.objects import Back, domains_back, kinds_back, outbound_back

# step -> the keys of the tenant document that it owns
KINDS: dict[str, tuple[str, ...]] = {
    "outbound": ("outbound_addresses",),
    "recipient_validation": ("active_directory_connectors", "microsoft_365_connectors", "google_workspace_connectors", "domains"),
    "journaling": ("journaling_services",),
    "inbound": ("delivery_routes",),
    "tls_policies": (),
    "firewall_lockdown": (),
}
STEPS = tuple(KINDS)
DNS_TYPES = {"outbound": "TXT", "inbound": "MX"}
POSTFIX_STEPS = ("outbound", "journaling")
TLS_GROUPS = {"strict": "Enforced TLS strict", "relaxed": "Enforced TLS relaxed"}
# Guards of the tenant document; a rollback raises them to what it needs and no further.
MAX_REMOVALS, MAX_PERCENT = 10, 30
WHO = "whoever runs the mail servers of the customer"


class RollbackError(Exception):
    """Why there is no way back, as a sentence."""


def document(record: Mapping[str, Any], declared: Mapping[str, Any], step: str) -> dict[str, Any]:
    """What to apply for one step.

    record: tenant, dns (rrsets), firewall (services by gateway) and postfix (before by host), as the files of the record hold them; None for a file that
    there is not. declared: keys of the customer file; tls_policies; and now, with firewall and postfix as they are.
    Its account_code must be that of the tenant.
    The result: tenant, max_removals, max_removal_percent, restore (RRsets), postfix (by host), firewall (by gateway), tls, waits, handovers.
    """
    if step not in STEPS:
        raise RollbackError("there is no step {0!r} that can be rolled back: give one of {1}".format(step, ", ".join(STEPS)))
    _need_own(record.get("tenant") or {}, declared)
    missing = _missing(record, declared, step)
    if missing:
        raise RollbackError("there is no record of {0}, so nobody knows what there was before {1}".format(" and ".join(missing), step))
    if step == "inbound":
        _need_mx(record, declared)
    back = _tenant(record.get("tenant") or {}, declared, step)
    found = {
        "tenant": back.document,
        "max_removals": max(MAX_REMOVALS, back.removals),
        "max_removal_percent": max([MAX_PERCENT, *back.percents]),
        "restore": _restore(record.get("dns") or [], declared, step),
        "postfix": _postfix(record, declared, step),
        "firewall": firewall.back(record["firewall"], declared) if step == "firewall_lockdown" and _gateways(declared) else {},
        "tls": _tls(record, declared) if step == "tls_policies" else {},
    }
    by_hand = _by_hand(declared, step, found)
    # Who still sends to the service must not be refused there: SPF, addresses and services stay until the mail servers are back.
    waits = any(one.for_whom == WHO for one in by_hand)
    return {**found, "waits": waits, "handovers": [one.as_dict() for one in (*back.handovers, *by_hand)]}


def _missing(record: Mapping[str, Any], declared: Mapping[str, Any], step: str) -> list[str]:
    needs = {
        "the tenant": ("tenant", bool(KINDS[step]) or step == "tls_policies"),
        "the DNS": ("dns", step in DNS_TYPES and bool(declared.get("domains"))),
        "Postfix": ("postfix", step in POSTFIX_STEPS and bool(_now(declared, "postfix"))),
        "the firewall": ("firewall", step == "firewall_lockdown" and bool(_gateways(declared))),
    }
    return [what for what, (part, needed) in needs.items() if needed and record.get(part) is None]


def _need_own(tenant: Mapping[str, Any], declared: Mapping[str, Any]) -> None:
    """A record that says whose it is must be that of this customer."""
    whose, mine = (str(one.get("account_code") or "").strip().upper() for one in (tenant, declared))
    if whose and mine and whose != mine:
        raise RollbackError("the record is that of account {0}, and this customer is {1}; give the folder with the record of this one".format(whose, mine))


def _need_mx(record: Mapping[str, Any], declared: Mapping[str, Any]) -> None:
    """Mail of a domain whose MX records stay comes to the service, and without the routes that go it would be lost there."""
    if (declared.get("firewall") or {}).get("enforce"):
        raise RollbackError("firewall.enforce is set, so whoever brings mail by the recorded MX records is shut out; roll firewall_lockdown back first, and "
                            "take the switch out of the customer file")
    names = _names(declared)
    if not names:
        raise RollbackError("no domains are declared, so nobody knows whose MX records lead to the service, and without delivery routes their mail is lost")
    unknown = sorted(names - {one["name"] for one in record.get("dns") or [] if one["type"] == "MX"})
    if unknown:
        raise RollbackError("the record has no MX records of {0}, which came later; write into its dns.yml what they shall be, since mail that still comes to "
                            "the service is lost without the delivery routes".format(", ".join(unknown)))


def _now(declared: Mapping[str, Any], part: str) -> dict[str, Any]:
    return (declared.get("now") or {}).get(part) or {}


def _gateways(declared: Mapping[str, Any]) -> list[str]:
    return (declared.get("firewall") or {}).get("gateways") or []


def _tenant(tenant: Mapping[str, Any], declared: Mapping[str, Any], step: str) -> Back:
    back = Back(dict(declared.get("secrets") or {}))
    for kind in KINDS[step]:
        if kind == "outbound_addresses":
            outbound_back(back, tenant, declared)
        elif kind == "domains":
            domains_back(back, tenant, declared)
        else:
            kinds_back(back, kind, tenant, declared)
    return back


def _names(declared: Mapping[str, Any]) -> set[str]:
    """As the record has them; a name that no DNS can have was refused before."""
    return {values.domain(one["name"]) for one in declared.get("domains") or []}


def _restore(rrsets: list[dict[str, Any]], declared: Mapping[str, Any], step: str) -> list[dict[str, Any]]:
    """The RRsets that the step writes, of the customer's own domains."""
    kind, names = DNS_TYPES.get(step), _names(declared)
    return [{part: one[part] for part in ("name", "type", "ttl", "records")} for one in rrsets if one["type"] == kind and one["name"] in names]


def _postfix(record: Mapping[str, Any], declared: Mapping[str, Any], step: str) -> dict[str, Any]:
    if step not in POSTFIX_STEPS:
        return {}
    hosts = _now(declared, "postfix")
    return {host: postfix.back(record["postfix"][host], now, step) for host, now in hosts.items() if host in (record.get("postfix") or {})}


def _tls(record: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """Options of mimecast_tls_policy. Its state absent is that of both modes, so one that was there keeps the other, without domains."""
    groups = {one["name"]: one for one in (record.get("tenant") or {}).get("groups") or []}
    given = {mode: options for mode, options in (declared.get("tls_policies") or {}).items() if mode in TLS_GROUPS and options}
    if not given:
        return {}
    recorded = {mode: groups.get(options.get("group") or TLS_GROUPS[mode]) for mode, options in given.items()}
    state = "present" if any(recorded.values()) else "absent"
    found: dict[str, Any] = {"state": state, "strict": None, "relaxed": None}
    for mode, options in given.items():
        found[mode] = {part: options[part] for part in ("group", "policy", "acknowledged") if options.get(part)}
        if state == "present":
            found[mode]["set"] = ((recorded[mode] or {}).get("members") or {}).get("set") or []
    removals = sum(len(options.get(part) or []) for options in given.values() for part in ("add", "set"))
    return {**found, "max_removals": max(MAX_REMOVALS, removals)}


def _by_hand(declared: Mapping[str, Any], step: str, found: Mapping[str, Any]) -> list[Handover]:
    made = []
    product = (declared.get("infrastructure") or {}).get("type")
    if step in POSTFIX_STEPS and product and product != "postfix":
        what = "the send connector to the service's smart hosts" if step == "outbound" else "the rule or connector that sends copies to the journal address"
        made.append(Handover(
            "Take the mail servers back to before {0}".format(step), WHO,
            ("Remove {0} from {1}, and enable what was there before.".format(what, product),), "This collection does not change {0}.".format(product),
            "Messages of the customer no longer come to the service that way."))
    if step in POSTFIX_STEPS:
        made += [Handover("Take Postfix on {0} back to before {1}".format(host, step), WHO, ("Compare main.cf with a backup of yours.",),
                          "The record was made before this host was one of the mail servers.", "The host is in no list of mail servers.")
                 for host in _now(declared, "postfix") if host not in found["postfix"]]
    if step == "recipient_validation" and (declared.get("users") or declared.get("users_src")):
        made.append(Handover(
            "Decide about the recipients that were imported", "an administrator of the service",
            ("Open the list of internal addresses.", "Remove the imported ones that are not wanted any more."),
            "No list of the API tells which of them were imported.", "It is acknowledged."))
    if step == "firewall_lockdown" and (declared.get("firewall") or {}).get("vendor"):
        made.append(Handover(
            "Take the firewall of the vendor back", "whoever runs the firewall",
            ("Remove the rules of the group that firewall_rendering made.", "Enable the rules for port 25 that were there before."),
            "The record holds firewalls of Linux hosts only.", "The mail server is reached from where it was reached before."))
    return made
