# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The account of a journey: what became of each step, from what its role has set. Pure, and the same in check mode.

A step has ended when its role has set ROLE_result and ROLE_handovers, which each role does last. Of those that have not, the first that nothing holds back runs
next; after a failure it is the one that failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers.journey import NOT_REACHED, ORDER, needs
from ansible_collections.mimecast.connect.plugins.module_utils._handover import ACKNOWLEDGED, EXPIRED, Acknowledgement

NOT_RUN = "it was not run"  # tags can leave a step out
DONE, CHANGED, WAITING, FAILED, OPEN = "done", "changed", "waiting", "failed", "open"
# Verdicts that a step has besides ROLE_proof.
PROOFS = {"inbound": ("inbound_mx_proof", "inbound_refused")}
# step -> the option that its role cannot do without, and what a customer file has for it
NEEDED = {
    "outbound": ("outbound_domains", "domains"),
    "inbound": ("inbound_delivery_routes", "delivery_routes"),
    "firewall_lockdown": ("firewall_lockdown_ranges", "account_code, region or firewall.ranges"),
}
# What tasks of a step have written that has not come to its end, by the names of their results.
BEGUN = {
    "outbound": ("outbound_authorised", "outbound_records", "outbound_routed"),
    "recipient_validation": ("recipient_validation_connectors", "recipient_validation_recipients"),
    "journaling": ("journaling_registered", "journaling_services_applied", "journaling_postfix"),
    "inbound": ("inbound_routes", "inbound_mx_result"),
    "tls_policies": ("tls_policies_result",),
    "server_connections": ("server_connections_result",),
    "firewall_lockdown": ("firewall_lockdown_applied",),
}
# Handovers of these are for the record; nobody has to wait for them.
NEVER_WAITS = ("acceptance",)
# Domains are registered before the first of these, and are in its row.
NEED_DOMAINS = ("outbound", "recipient_validation", "journaling", "inbound")
# They look past what an earlier step has not written in check mode. The others could only say that it is not there.
FORETOLD = ("outbound", "recipient_validation", "journaling", "inbound", "tls_policies", "server_connections")


class Facts:
    """What the roles have set, and the switches of the customer file."""

    def __init__(self, variables: Mapping[str, Any], check_mode: bool, today: str) -> None:
        self._variables, self.check_mode, self.today = variables, check_mode, today
        self._words = {_title(one.get("title")): one for one in self.get("acknowledged", [])}

    def get(self, name: str, default: Any) -> Any:
        """A variable of the form of the default; else the default, which is what skipped tasks leave."""
        value = self._variables.get(name)
        return value if isinstance(value, (list, tuple) if isinstance(default, list) else Mapping if isinstance(default, dict) else object) else default

    def ended(self, step: str) -> bool:
        return isinstance(self._variables.get(step + "_handovers"), (list, tuple)) and self._variables.get(step + "_result") is not None

    def changes(self, step: str) -> list[Any]:
        return list(self.get(step + "_result", {}).get("changes") or []) if self.ended(step) else self._written(BEGUN.get(step, ()))

    def changed(self, step: str) -> bool:
        return bool(self.get(step + "_result", {}).get("changed"))

    def proof(self, step: str) -> list[Any]:
        return [verdict for name in (step + "_proof", *PROOFS.get(step, ())) for verdict in self.get(name, {}).get("verdicts") or []]

    def handovers(self, found: list[Any]) -> list[dict[str, Any]]:
        """With what the customer file says of them, by title."""
        return [self._acknowledged(dict(one)) for one in found]

    def _acknowledged(self, handover: dict[str, Any]) -> dict[str, Any]:
        word = self._words.get(_title(handover.get("title")))
        if word is None or handover.get("state") == ACKNOWLEDGED:
            return handover
        known = Acknowledgement(str(word["by"]), str(word.get("on", word.get("since"))), str(word["until"]))
        held = known.holds(self.today)
        return {**handover, "state": ACKNOWLEDGED if held else EXPIRED, "acknowledged": {"by": known.by, "on": known.on, "until": known.until}}

    def registered(self) -> list[str]:
        """Domains that the journey has begun to register, or in check mode would; the service does not know yet that they are the customer's."""
        found = self.get("inbound_registered", {}).get("results") or []
        return [str(one.get("item")) for one in found if one.get("changed")]

    def domain_changes(self) -> list[Any]:
        """What was done so that the service knows whose the domains are."""
        return self._written(("inbound_codes", "inbound_registered", "inbound_verified"))

    def _written(self, names: Iterable[str]) -> list[Any]:
        """The changes of tasks and of their loops."""
        results = [self.get(name, {}) for name in names]
        return [change for result in results for one in (result, *(result.get("results") or [])) for change in one.get("changes") or []]

    def domains_pending(self) -> list[Any]:
        """Handovers of the records that show whose the domains are: inbound has them before it has done anything else."""
        return [] if self.ended("inbound") else self.get("inbound_handovers", [])

    def on(self, key: str, switch: str) -> bool:
        """Whether a switch of the customer file is set."""
        return str(self.get(key, {}).get(switch, "")).lower() in ("true", "yes", "on", "1", "y", "t")


def _title(text: Any) -> str:
    return " ".join(str(text or "").split()).lower()


def rows(plan: dict[str, Any], facts: Facts, failure: str = "") -> list[dict[str, Any]]:
    """A row for each step of the plan, in order. The state ``open`` is that of a step which can run now."""
    found: dict[str, dict[str, Any]] = {}
    stopped = plan["problem"]
    first = next((row["step"] for row in plan["steps"] if row["step"] in NEED_DOMAINS), "")
    for planned in plan["steps"]:
        step = planned["step"]
        row = {"step": step, "why": planned["why"], "proof": facts.proof(step), "changes": facts.changes(step), "handovers": []}
        if step == first:
            row["changes"] = facts.domain_changes() + row["changes"]
        if facts.ended(step):
            row.update(_ended(step, facts, row["changes"]))
            if failure and facts.get(step + "_failed", []):
                row.update(state=FAILED, why=failure)  # it tells its result before it fails
        else:
            held = stopped or _held(step, found, facts)
            row.update({"state": NOT_REACHED, "why": held} if held else _begun(step, facts, failure))
        if row["state"] == FAILED:
            stopped = "{0} failed, and nothing was done after it".format(step)
        elif row.pop("last", False):
            stopped = "{0} comes first".format(step)
        found[step] = row
    if not facts.check_mode and any(row["changes"] for row in found.values()):
        for row in found.values():
            row["why"] = row["why"].replace("Nothing was changed", "Nothing more was changed")  # a role speaks of itself alone
    return list(found.values())


def _begun(step: str, facts: Facts, failure: str) -> dict[str, Any]:
    """A step that nothing holds back, and that has not come to its end."""
    option, keys = NEEDED.get(step, ("", ""))
    if option and facts.get(option, None) is None:
        return {"state": FAILED, "why": "Nothing was changed: the customer file says nothing of {0}, which this step needs.".format(keys)}
    pending = facts.domains_pending()
    if failure and pending:
        handovers = facts.handovers(pending)
        return {"state": WAITING, "why": _for_whom(handovers), "handovers": handovers, "last": True}
    if failure:
        return {"state": FAILED, "why": failure}
    if facts.check_mode and facts.registered() and step != "rfi":
        why = "{0} would be registered; the rest can be foretold once the service knows that it is the customer's".format(", ".join(facts.registered()))
        return {"state": CHANGED, "why": why, "last": True}
    return {"state": OPEN}


def _held(step: str, found: dict[str, dict[str, Any]], facts: Facts) -> str:
    """Why a step cannot run yet; '' if it can."""
    shuts_out = step == "firewall_lockdown" and facts.on("firewall", "enforce")
    for name in [*needs(step, found), *(["acceptance"] if shuts_out and "acceptance" in found else [])]:
        row = found[name]
        if row["state"] in (WAITING, NOT_REACHED, FAILED):
            return "it builds on {0}, which {1}".format(name, "waits" if row["state"] == WAITING else "is not done")
        if row["state"] == OPEN:
            return "{0} comes first".format(name)
        foretold = step in FORETOLD or (step == "firewall_lockdown" and not shuts_out)
        if facts.check_mode and row["state"] == CHANGED and name != "rfi" and not foretold:
            return "it can be foretold once {0} is applied".format(name)
    return ""


def _ended(step: str, facts: Facts, changes: list[Any]) -> dict[str, Any]:
    handovers = facts.handovers(facts.get(step + "_handovers", []))
    row: dict[str, Any] = {"handovers": handovers}
    soak = facts.get("outbound_soak", {}) if step == "outbound" else {}
    if soak.get("since") or soak.get("until"):
        row["soak"] = {"since": soak.get("since"), "until": soak.get("until")}
    why = _waits_for(step, facts, handovers, soak)
    if why:
        return {**row, "state": WAITING, "why": why}
    if facts.changed(step) or changes:
        return {**row, "state": CHANGED, "why": "it would be changed" if facts.check_mode else "this run changed it"}
    return {**row, "state": DONE, "why": "all is as declared"}


def _waits_for(step: str, facts: Facts, handovers: list[dict[str, Any]], soak: Mapping[str, Any]) -> str:
    """A person, what the mail servers wait for, the soak, or a switch; '' if nothing."""
    reasons = [] if step in NEVER_WAITS else [_for_whom(handovers)]
    if step == "outbound":
        reasons += [str(text) for text in facts.get("outbound_waiting", [])]
        reasons.append("" if soak.get("passed", True) else "the days with outbound mail alone: {0}".format(soak.get("why") or "they have not passed"))
    if step == "inbound" and not facts.on("mx", "cut_over") and not facts.get("inbound_mx_changed", False):
        reasons.append("the switch mx.cut_over: mail comes in as before until the customer file sets it")
    if step == "firewall_lockdown" and not facts.on("firewall", "enforce"):
        reasons.append("the switch firewall.enforce: nobody is shut out until the customer file sets it")
    return "; ".join(reason.rstrip(".") for reason in reasons if reason)


def _for_whom(handovers: list[dict[str, Any]]) -> str:
    left = [one for one in handovers if one.get("state") != ACKNOWLEDGED]
    return "; ".join("{0}: {1}".format(one.get("for_whom") or "a person", one.get("title")) for one in left)


def account(
    name: str, variables: Mapping[str, Any], plan: dict[str, Any], failure: str = "", check_mode: bool = False, today: str = "",
) -> dict[str, Any]:
    """The whole journey as one value, with all steps in their order, its ``state``, and what is ``next`` in one sentence."""
    facts = Facts(variables, check_mode, today)
    failure = " ".join(failure.split())
    known = {row["step"]: row for row in rows(plan, facts, failure)}
    for row in known.values():
        if row["state"] == OPEN:
            row.update(state=NOT_REACHED, why=NOT_RUN)
    known.update({row["step"]: {**row, "proof": [], "changes": [], "handovers": []} for row in plan["others"]})
    steps = [known[step] for step in ORDER]
    state, sentence = _next(steps, plan["problem"] or failure, check_mode)
    infrastructure = facts.get("infrastructure", {})
    return {
        "customer": name, "account_code": str(variables.get("account_code") or ""), "region": str(variables.get("customer_region") or ""),
        "service": str(variables.get("service") or ""), "infrastructure": str(infrastructure.get("type") or ""), "day": today,
        "steps": steps, "state": state, "next": sentence,
    }


def _next(steps: list[dict[str, Any]], failure: str, check_mode: bool) -> tuple[str, str]:
    for row in steps:
        if row["state"] == FAILED:
            return FAILED, "{0}: {1}".format(row["step"], row["why"])
    waiting = ["{0} waits for {1}".format(row["step"], row["why"]) for row in steps if row["state"] == WAITING]
    waiting += ["{0}: {1}".format(row["step"], row["why"]) for row in steps if row["why"] == NOT_RUN]
    if failure and not waiting:
        return FAILED, failure
    if waiting:
        return WAITING, "; ".join(waiting) + "."
    changed = [row["step"] for row in steps if row["state"] == CHANGED]
    if changed:
        return CHANGED, "{0} {1}.".format(", ".join(changed), "would be changed" if check_mode else "changed in this run; nothing is left to do")
    return DONE, "Nothing is left to do."


def runs(variables: Mapping[str, Any], plan: dict[str, Any], step: Any, check_mode: bool = False, today: str = "") -> bool:
    """Whether a step, or one of several, is planned and nothing holds it back."""
    wanted = [step] if isinstance(step, str) else list(step)
    return any(row["state"] == OPEN and row["step"] in wanted for row in rows(plan, Facts(variables, check_mode, today)))
