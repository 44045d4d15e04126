# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mimecast_tls_policy: enforced domains as members of groups, proved before they are added, and what a person does besides."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._engine.manage import carry_out, outcome
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import item_spec
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._handover import ACKNOWLEDGED, Handover
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.delivery_routes import DELIVERY_ROUTES
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_checks import (
    Judged, Route, Settings, against_routes, declared_routes, domain_checks, route_checks, routes_of,
)
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_console import creation, removal
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_domains import GROUPS, MODES, Declared, Line, Mode, declared, mode_spec, some
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_evidence import EVIDENCE_SPEC, TYPES, Sight, conditions, look, most_messages
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_plan import (
    TLS_CATALOGUE, Side, guard, kept_groups, make_plan, objections, removal_plan, require_declared, side_of,
)


def work(context: Context) -> dict[str, Any]:
    """All that is wrong with the lines first, then the proofs, then the writes."""
    given = context.params
    wish = declared(given)
    _require_sense(given, wish)
    routes = declared_routes(given["delivery_routes"])
    if wish.wrong:
        return _refused(wish, wish.wrong)
    world = World(context.client, TLS_CATALOGUE)
    return _absent(context, world, wish) if given["state"] == "absent" else _present(context, world, wish, routes)


def _require_sense(given: dict[str, Any], wish: Declared) -> None:
    problem = ""
    if given["state"] == "absent":
        named = [name for name, mode in wish.modes.items() if mode.words]
        problem = "state absent takes the whole policy, so {0} must name no domains".format(" and ".join(named)) if named else ""
    elif not wish.modes:
        problem = "give strict or relaxed, or both"
    for option, least in (("max_removals", 0), ("check_timeout", 1)):
        if given[option] < least:
            problem = "{0} is {1}: give a number from {2}".format(option, given[option], least)
    if given["evidence"]:
        conditions(given["evidence"])
        try:
            most_messages(given["evidence"]["max_messages"])
        except ValueError as error:
            problem = "evidence.max_messages is {0}: {1}".format(given["evidence"]["max_messages"], error)
    if problem:
        raise InputError("Nothing was changed, the input is wrong. {0}".format(problem[:1].upper() + problem[1:]))


def _refused(wish: Declared, wrong: list[Line]) -> dict[str, Any]:
    return {
        "failed": True, "changed": False, "changes": [],
        "msg": "Nothing was changed: {0} of the domains cannot be taken. {1}".format(len(wrong), some(wrong)),
        "wrong": [line.as_dict() for line in wrong], "repeated": [line.as_dict() for line in wish.repeated],
    }


def _present(context: Context, world: World, wish: Declared, declared_here: list[Route] | None) -> dict[str, Any]:
    given = context.params
    sides = [side_of(world, mode, read=given["evidence"] is not None) for mode in wish.modes.values()]
    if given["state"] == "exists":
        require_declared(sides)
    wrong = objections(world, sides)
    if wrong:
        return _refused(wish, wrong)
    guard(sides, given["max_removals"])

    routes = _routes(context, world, sides, declared_here)
    against = against_routes(routes, [side.mode.name for side in sides if side.added])
    if against:
        return {"failed": True, "changed": False, "changes": [], "msg": against, "routes": routes}
    judged = _external(context, sides)
    plan = make_plan(world, sides)
    sights = _sights(context, sides)
    handovers = _handovers(given, sides, sights)

    if not context.dry:
        carry_out(world, plan)
    result = _result(plan, handovers, wish)
    result["summary"] = {side.mode.name: side.counts(sum(line.mode == side.mode.name for line in wish.repeated)) for side in sides}
    result.update(routes=routes, checked=[one.as_dict() for one in judged if one.verdict.verdict != "ok"], evidence=[one.as_dict() for one in sights])
    warnings = ["TLS is not enforced as it should be: {0}".format(one.said()) for one in sights if one.contradicted]
    if warnings:
        result["warnings"] = [*result.get("warnings", []), *warnings]
    bad = [one for one in judged if not one.passed]
    if bad:
        result.update(failed=True, msg="{0} of {1} new domains were left out, because their mail servers did not pass. {2}".format(
            len(bad), len(judged), some(["{0}: {1}".format(one.domain, one.verdict.message) for one in bad])))
    return result


def _routes(context: Context, world: World, sides: list[Side], declared_here: list[Route] | None) -> list[dict[str, Any]]:
    """The tenant's own routes, looked at only when a domain is to be added."""
    given = context.params
    if not given["check_routes"] or not any(side.added for side in sides):
        return []
    return route_checks(context.client, routes_of(world, declared_here, given["routes"]), _settings(given))


def _settings(given: dict[str, Any]) -> Settings:
    return Settings(given["check_ca_path"], given["check_timeout"], given["check_resolver"])


def _external(context: Context, sides: list[Side]) -> list[Judged]:
    """The new domains by their MX, if that is wished; those that do not pass are taken out of the sides."""
    given = context.params
    wanted = {side.mode.name: side.added for side in sides if side.added}
    if not given["check_domains"] or not wanted:
        return []
    found = domain_checks(wanted, _settings(given), context.client.progress)
    blocked = [one for one in found if not one.passed]
    for side in sides:
        side.block({one.domain for one in blocked if one.mode == side.mode.name}, {one.domain for one in blocked})
    return found


def _sights(context: Context, sides: list[Side]) -> list[Sight]:
    given = context.params["evidence"]
    if not given:
        return []
    found = [Sight(side.mode.name, kind, side.mode.policy, frozenset(side.after)) for side in sides for kind in TYPES]
    look(context.client, conditions(given), given["max_messages"], found)
    return found


def _handovers(given: dict[str, Any], sides: list[Side], sights: list[Sight]) -> list[Handover]:
    by_policy = {(sight.mode, sight.type): sight for sight in sights}
    found = []
    for side in sides:
        for kind in TYPES:
            sight = by_policy.get((side.mode.name, kind))
            if not (sight and sight.shown):
                found.append(creation(side.mode, kind, given["account_code"] or "", sight))
    return found


def _absent(context: Context, world: World, wish: Declared) -> dict[str, Any]:
    modes = [wish.modes.get(name) or Mode(name, GROUPS[name], GROUPS[name]) for name in MODES]
    sides = [side_of(world, mode, read=True) for mode in modes]
    for side in sides:
        side.removed = sorted(side.before)
    guard(sides, context.params["max_removals"])
    plan = removal_plan(world, sides)
    handovers = [removal(mode, context.params["account_code"] or "") for mode in kept_groups(sides)]
    if not context.dry:
        carry_out(world, plan)
    result = _result(plan, handovers, wish)
    return {**result, "summary": {side.mode.name: side.counts(0) for side in sides}}


def _result(plan: Plan, handovers: list[Handover], wish: Declared) -> dict[str, Any]:
    """An acknowledgement takes the place of evidence, which only mail in both directions brings."""
    pending = [handover for handover in handovers if handover.state() != ACKNOWLEDGED]
    result = {
        **outcome(plan), "pending": bool(pending), "handovers": [handover.as_dict() for handover in handovers],
        "repeated": [line.as_dict() for line in wish.repeated],
    }
    if wish.repeated:
        result["warnings"] = ["Some domains are given twice and count once. {0}".format(some(wish.repeated))]
    if pending:
        result["msg"] = "To be done by hand: {0}".format("; ".join("{0} ({1})".format(one.title, one.state()) for one in pending))
    return result


JOB = Job(
    {
        **API_SPEC,
        **{mode: mode_spec(mode) for mode in MODES},
        "allow_public_mail": {"type": "list", "elements": "str", "default": []},
        "check_routes": {"type": "bool", "default": True},
        "delivery_routes": {"type": "list", "elements": "dict", "options": item_spec(CATALOGUE, DELIVERY_ROUTES)},
        "routes": {"type": "list", "elements": "str"},
        "check_domains": {"type": "bool", "default": False},
        "check_ca_path": {"type": "path"},
        "check_resolver": {"type": "str"},
        "check_timeout": {"type": "int", "default": 10},
        "evidence": EVIDENCE_SPEC,
        "max_removals": {"type": "int", "default": 10},
        "state": {"type": "str", "choices": ["present", "absent", "exists"], "default": "present"},
    },
    work,
)
