# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""From what was seen to the result of each case, and to the handovers of those that are left for a person."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from ansible_collections.mimecast.connect.plugins.module_utils._acceptance.plan import CASES, CONNECTORS, PERSON, Case
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover

SEVERITY = ("ok", "degraded", "unknown", "failed")
# States of a message in the words of the service.
GONE = ("bounced", "rejected", "deferred", "held")
THERE = ("archived", "accepted", "delivery")
BY_ID = {case.id: case for case in CASES}
TENANT_KINDS = {"OUT1": ("outbound_addresses",), "DIR2": (*CONNECTORS, "domains")}
Said = tuple[str, str, Any]  # verdict, message, evidence


def judged(plan: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The result of all cases.

    found: tenant (result of mimecast_tenant), verdicts (of connectivity_check), sent and seen (results of mail_message and mimecast_message_info, in
    the order of the plan's messages). The result: cases, verdicts, failed (sentences about mandatory cases), handovers.
    """
    sent = {one["case"]: result for one, result in zip(plan["messages"], found.get("sent") or [])}
    seen = {one["case"]: result for one, result in zip(plan["messages"], found.get("seen") or [])}
    cases, handovers = [], []
    for row in plan["cases"]:
        case = BY_ID[row["id"]]
        if row["by"] == PERSON:
            said: Said = ("unknown", "It is left for a person", {})
            handovers.append(_handover(case, plan, sent))
        else:
            said = _said(case, found, sent, seen)
        cases.append({
            "id": case.id, "part": case.part, "title": case.title, "mandatory": case.mandatory, "by": "person" if row["by"] == PERSON else "machine",
            "verdict": said[0], "message": said[1], "evidence": said[2],
        })
    bad = [one for one in cases if one["mandatory"] and one["by"] == "machine" and (one["verdict"] == "failed" or _undecided(one))]
    return {
        "cases": cases, "verdicts": found.get("verdicts") or [], "failed": ["{id} ({title}): {message}".format(**one) for one in bad],
        "handovers": [one.as_dict() for one in handovers],
    }


def _undecided(case: Mapping[str, Any]) -> bool:
    return case["verdict"] == "unknown" and case["evidence"] != {"check_mode": True}


def _said(case: Case, found: Mapping[str, Any], sent: Mapping[str, Any], seen: Mapping[str, Any]) -> Said:
    if case.id in TENANT_KINDS:
        return _of_tenant(case, found.get("tenant") or {})
    if case.id in ("OUT3", "OUT4"):
        return _of_message(case, "outbound", sent.get("OUT3") or {}, seen.get("OUT3") or {})
    if case.id in ("IN3", "IN4"):
        return _of_message(case, "inbound", sent.get("IN3") or {}, seen.get("IN3") or {})
    if case.id == "DIR3":
        return _of_sent(sent.get("DIR3") or {})
    return _of_checks(case, found.get("verdicts") or [])


def _of_tenant(case: Case, result: Mapping[str, Any]) -> Said:
    changes = [one for one in result.get("changes") or [] if one["kind"] in TENANT_KINDS[case.id]]
    if not changes:
        return "ok", "The tenant is as declared", {}
    names = ", ".join("{0} {1}".format(one["kind"], one["name"]).strip() for one in changes[:5])
    return "failed", "The tenant differs from what is declared ({0}); run the step again that makes it so".format(names), {"changes": changes}


def _of_checks(case: Case, verdicts: Iterable[Mapping[str, Any]]) -> Said:
    kinds = {"DIR1": "ldap", "IN1": "smtp"}
    mine = [one for one in verdicts if _is_of(case, one, kinds.get(case.id))]
    if not mine:
        return "unknown", "Nothing was checked", {}
    gravest = max(mine, key=lambda one: SEVERITY.index(one["verdict"]))
    others = [one for one in mine if one["verdict"] == gravest["verdict"] and one is not gravest] if gravest["verdict"] != "ok" else []
    message = "{0}{1}".format(gravest["message"], ", and {0} more like that".format(len(others)) if others else "")
    return gravest["verdict"], message, {"checks": [{part: one[part] for part in ("name", "verdict", "code", "message")} for one in mine]}


def _is_of(case: Case, verdict: Mapping[str, Any], kind: Any) -> bool:
    if kind is None:
        return str(verdict["name"]).startswith((case.id + ":", case.id + " "))
    return verdict["type"] == kind and not str(verdict["name"]).startswith("IN5 ")


def _of_sent(sent: Mapping[str, Any]) -> Said:
    if sent.get("code") == "message_not_sent":
        return "unknown", sent["message"], {"check_mode": True}
    evidence = {name: sent.get(name) for name in ("message_id", "reply", "encrypted", "code")}
    return str(sent.get("verdict") or "unknown"), str(sent.get("message") or sent.get("msg") or "Nothing was sent"), evidence


def _of_message(case: Case, route: str, sent: Mapping[str, Any], seen: Mapping[str, Any]) -> Said:
    said = _of_sent(sent)
    if not sent.get("accepted"):
        return said
    if case.id == "IN4":
        return ("ok", "The service took it encrypted", said[2]) if sent.get("encrypted") else ("failed", "The service took it in clear text", said[2])
    messages = seen.get("messages") or []
    if not messages:
        verdict = ("degraded", "Nothing is known of its way") if case.id == "OUT4" else (
            "failed", "The mail server took it, and the service does not show it: it went another way, or needs longer than acceptance_search_timeout")
        return (*verdict, said[2])
    message = messages[0]
    evidence = {**said[2], **{name: message.get(name) for name in ("status", "route", "sender_ip", "legs")}}
    return (*(_encrypted(message) if case.id == "OUT4" else _arrived(message, route)), evidence)


def _encrypted(message: Mapping[str, Any]) -> tuple[str, str]:
    legs = [one.get("encrypted") for one in message.get("legs") or [] if one.get("direction") == "in"]
    if any(one is False for one in legs):
        return "failed", "The service got it in clear text; enable TLS towards the smart hosts"
    return ("ok", "The service got it encrypted") if legs and all(legs) else ("degraded", "The service does not tell whether it was encrypted")


def _arrived(message: Mapping[str, Any], route: str) -> tuple[str, str]:
    status = str(message.get("status") or "").lower()
    if str(message.get("route") or "").lower() != route:
        return "failed", "The service shows it as {0}, and not as {1}".format(message.get("route"), route)
    if status in GONE:
        return "failed", "The service shows it as {0}; see why in Track and Trace".format(status)
    return ("ok", "The service shows it as {0}, {1}".format(route, status)) if status in THERE else (
        "degraded", "The service shows it as {0}, and still as {1}".format(route, status or "without a state"))


def _handover(case: Case, plan: Mapping[str, Any], sent: Mapping[str, Any]) -> Handover:
    known = ""
    if case.id == "IN6" and sent.get("IN3", {}).get("accepted"):
        to = next(one["to"] for one in plan["messages"] if one["case"] == "IN3")
        known = "It was sent to {0} with the message id {1}.".format(to, sent["IN3"]["message_id"])
    return Handover(
        "{0}: {1}".format(case.id, case.title), "who accepts the service for the customer", (*((known,) if known else ()), *case.steps),
        "This case is {0}, and no machine can tell, or nothing is declared that it could be told by.".format(
            "mandatory" if case.mandatory else "optional"),
        "It is acknowledged, or a run with acceptance_messages and the options for it decides the case.")
