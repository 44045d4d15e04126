# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The journey of one customer: which steps, in which order, and why. Pure; what a step finds out is in account.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import MATRIX, OPTIONAL
from ansible_collections.mimecast.connect.plugins.module_utils._customers.words import near

ORDER = (
    "rfi", "outbound", "recipient_validation", "journaling", "inbound", "tls_policies", "server_connections", "acceptance", "firewall_lockdown",
)
# step -> those that it builds on, where they are part of the journey. All build on the first: before it there is no account.
NEEDS: dict[str, tuple[str, ...]] = {
    **{step: ("rfi",) for step in ORDER[1:]},
    "inbound": ("rfi", "outbound", "recipient_validation"),
    "tls_policies": ("rfi", "inbound"),
    "acceptance": ("rfi", "inbound"),
    "firewall_lockdown": ("rfi", "inbound"),
}
NOT_PART, NOT_REACHED = "not_part", "not_reached"
# Tags of the parts of roles. Without all of them nothing is proved before it is changed, or nothing changed that is said to be done.
PARTS = ("requires", "verify", "apply", "evidence")


def plan(customer: Mapping[str, Any], only: Any = (), until: str = "", tags: Iterable[str] = (), skipped: Iterable[str] = ()) -> dict[str, Any]:
    """steps: those to run, in their order, each with why; others: the rest, each with its state and why; problem: one sentence, what is wrong
    with the wishes ('' if nothing is).

    customer: the variables of its host. only: names of steps, as a list or a text with commas; until: the last step to run.
    tags and skipped: those of the command line.
    """
    service = str(customer.get("service") or "")
    wished = [name.strip() for name in only.split(",") if name.strip()] if isinstance(only, str) else [str(name) for name in only]
    until = str(until or "").strip()
    problem = _problem(customer, service, wished, until) or _parts(wished, tags, skipped)
    steps, others = [], []
    for step in ORDER:
        row = {"step": step, "why": _why(step, service, wished)}
        left = _left_out(step, customer, service) or ({} if problem else _not_wished(step, wished, until))
        if left:
            others.append({**row, **left})
        elif problem:
            others.append({**row, "state": NOT_REACHED, "why": problem})
        else:
            steps.append(row)
    return {"steps": steps, "others": others, "problem": problem}


def _why(step: str, service: str, wished: list[str]) -> str:
    if step in wished:
        return "connect_only names it"
    return "the customer file declares {0}".format(step) if step in OPTIONAL else "it is part of service {0}".format(service)


def _left_out(step: str, customer: Mapping[str, Any], service: str) -> dict[str, str]:
    if step in OPTIONAL:
        return {} if customer.get(step) else {"state": NOT_PART, "why": "the customer file does not declare {0}".format(step)}
    return {} if step in MATRIX.get(service, ()) else {"state": NOT_PART, "why": "service {0} has no such step".format(service or "(none)")}


def _not_wished(step: str, wished: list[str], until: str) -> dict[str, str]:
    if wished and step not in wished:
        return {"state": NOT_REACHED, "why": "connect_only leaves it out"}
    if until and ORDER.index(step) > ORDER.index(until):
        return {"state": NOT_REACHED, "why": "connect_until ends before it"}
    return {}


def _problem(customer: Mapping[str, Any], service: str, wished: list[str], until: str) -> str:
    """Nothing was asked or changed before, so each sentence says that."""
    if service not in MATRIX:
        return _sentence("service {0} is none of {1}; correct the customer file".format(service or "(none)", ", ".join(MATRIX)))
    for option, names in (("connect_only", wished), ("connect_until", [until] if until else [])):
        for name in names:
            wrong = _wrong(option, name, customer, service)
            if wrong:
                return _sentence(wrong)
    late = [name for name in wished if until and ORDER.index(name) > ORDER.index(until)]
    if late:
        return _sentence("connect_only names {0}, which comes after connect_until ({1}); leave one of both out".format(late[0], until))
    return ""


def _parts(wished: list[str], tags: Iterable[str], skipped: Iterable[str]) -> str:
    left = [name for name in PARTS if name in skipped]
    alone = [] if wished or "apply" in tags else [name for name in PARTS if name in tags]
    for option, names in (("--skip-tags", left), ("--tags", alone)):
        if names:
            return _sentence("{0} names {1}, and a journey runs no part of a step without the others; name steps, or run it with --check".format(
                option, names[0]))
    return ""


def _wrong(option: str, name: str, customer: Mapping[str, Any], service: str) -> str:
    if name not in ORDER:
        return "{0} names {1!r}, which is no step{2}".format(option, name, near(name, ORDER))
    if not _left_out(name, customer, service):
        return ""
    if name in OPTIONAL:
        return "{0} names {1}, but the customer file declares no {1}".format(option, name)
    return "{0} names {1}, which is no step of service {2}; its steps are {3}".format(option, name, service, ", ".join(MATRIX[service]))


def _sentence(text: str) -> str:
    return "Nothing was changed: {0}{1}".format(text, "" if text.endswith("?") else ".")


def needs(step: str, planned: Iterable[str]) -> list[str]:
    """The steps of this run that a step builds on."""
    return [name for name in NEEDS.get(step, ()) if name in planned]
