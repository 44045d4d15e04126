# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mimecast_server_connection: what is connected, what a person has to do in the console, and removal."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_state import State, look
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_wish import CONNECTION_RULES, CONNECTION_SPEC, Wish, warnings_of, wish_of
from ansible_collections.mimecast.connect.plugins.module_utils._engine.apply import Applier
from ansible_collections.mimecast.connect.plugins.module_utils._engine.manage import outcome
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Plan, make_plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import wishes
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import SERVER_CONNECTIONS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

PAUSE = 5.0  # seconds between looks while a person is at work in the console


def _declared(params: dict[str, Any]) -> Wish:
    problems: list[str] = []
    wish = wish_of(params, params["account_code"] or "", problems)
    if params["wait_timeout"] < 0:
        problems.append("Server connection: wait_timeout is {0}: give a number of seconds, not less than 0".format(params["wait_timeout"]))
    if wish is None or problems:
        raise InputError("Nothing was changed, the input is wrong. {0}.".format("; ".join(problems)))
    return wish


def _work(context: Context) -> dict[str, Any]:
    wish = _declared(context.params)
    world = World(context.client, CATALOGUE)
    result = _absent(context, world, wish) if wish.state == "absent" else _connected(context, world, wish)
    warnings = warnings_of(wish)
    return {**result, "warnings": warnings} if warnings else result


def _connected(context: Context, world: World, wish: Wish) -> dict[str, Any]:
    state = look(world, wish)
    known = wish.acknowledged is not None and wish.acknowledged.holds()
    if wish.state == "present":
        state.require_values()
    seconds = 0 if context.dry or known else context.params["wait_timeout"]
    if state.lacking and seconds:
        state = _await(world, wish, seconds)
    if wish.state == "exists":
        state.require_listed()
    handover = state.handover()
    if handover is None:
        return _result(state.found)
    if seconds:
        raise ConnectError("Cannot see {0} connected after {1} s: {2}. Do what follows, and run again. {3}".format(
            wish, seconds, state.lacking, handover.as_text()))
    return _pending(state.found, handover)


def _await(world: World, wish: Wish, seconds: int) -> State:
    deadline = time.monotonic() + seconds
    while True:
        time.sleep(max(0.0, min(PAUSE, deadline - time.monotonic())))
        world.forget(SERVER_CONNECTIONS.kind)
        state = look(world, wish)
        if not state.lacking or time.monotonic() >= deadline:
            return state


def _absent(context: Context, world: World, wish: Wish) -> dict[str, Any]:
    state = look(world, wish)
    handover = state.removal()
    if handover:
        return _pending(state.found, handover)
    plan = make_plan(world, wishes(CATALOGUE, {SERVER_CONNECTIONS.kind: [{"name": wish.name, "state": "absent"}]}))
    if not context.dry:
        Applier(world).apply(plan)
    return _result({}, plan)


def _result(found: dict[str, Any], plan: Plan | None = None) -> dict[str, Any]:
    return {**outcome(plan or Plan([])), "pending": False, "server_connection": found}


def _pending(found: dict[str, Any], handover: Handover) -> dict[str, Any]:
    message = "Nothing was changed. To be done by hand ({0}): {1}".format(handover.state(), handover.title)
    return {**_result(found), "pending": True, "handover": handover.as_dict(), "msg": message}


JOB = Job({**API_SPEC, **CONNECTION_SPEC, "wait_timeout": {"type": "int", "default": 0}}, _work, CONNECTION_RULES)
