# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The jobs of directory connectors: the connector with its tests, and a synchronisation that may be waited for."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError, OutcomeUnknown
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connector_tests import run_tests
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.objects import variants
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import CONNECTOR_TYPES, SYNC
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

PAUSE = 5.0  # seconds between looks at a running synchronisation

NOT_STARTED = "not_started"
_STARTED = {NOT_STARTED: "No synchronisation was started", "sync_requested": "A synchronisation was started", "already_in_progress": "One was running already"}


def _verdicts(context: Context, world: World, found: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    trouble = _trouble(world)
    if trouble:
        result["warnings"] = [
            "While a connector is disabled or failing, the service removes and changes nothing on any of them: " + ", ".join(trouble)]
    word = context.params["type"]
    existing = world.find(CONNECTOR_TYPES[word].kind, found["name"]) if found and context.params["test"] else []
    if existing:
        result["tests"] = run_tests(context.client, word, existing[0].id)
    return result


def _trouble(world: World) -> list[str]:
    # All types stand in one list, which was read already.
    rows = [item for resource in CONNECTOR_TYPES.values() for item in world.objects(resource.kind)]
    return [item.resource.describe(item.name) for item in rows if item.row.get("enabled") is False or item.row.get("status") == "error"]


CONNECTOR = variants("type", CONNECTOR_TYPES, "directory_connector", {"test": {"type": "bool", "default": False}}, _verdicts)


def _synchronise(context: Context) -> dict[str, Any]:
    given = context.params
    if given["wait_timeout"] < 1:
        raise InputError("wait_timeout is {0}: give a number of seconds, not less than 1".format(given["wait_timeout"]))
    world = World(context.client, CATALOGUE)
    enabled = [item for resource in CONNECTOR_TYPES.values() for item in world.objects(resource.kind) if item["enabled"]]
    if not enabled:
        raise ConnectError("Cannot synchronise directories: no directory connector is enabled. Declare or enable one first")
    found = {"tests": _tests(context, enabled)} if given["test"] else {}
    failed = _failed(found.get("tests", []))
    if failed:
        return {**found, "failed": True, "msg": "No synchronisation was started: tests of the service fail for {0}. Correct the connector or the "
                "directory, and open the firewall to the service's ranges".format("; ".join(failed))}
    status = NOT_STARTED if not given["start"] else "sync_requested" if context.dry else _start(context)
    if given["wait"] and not context.dry:
        _wait(enabled, given["wait_timeout"])
    message = _STARTED.get(status, "The service answers " + status)
    message += " and has ended" if given["wait"] and given["start"] and not context.dry else ""
    return {"changed": status == "sync_requested", "status": status, "msg": message, **found}


def _tests(context: Context, connectors: list[Any]) -> list[dict[str, Any]]:
    words = {resource.kind: word for word, resource in CONNECTOR_TYPES.items()}
    return [
        {"connector": item.name, "type": words[item.resource.kind], "tests": run_tests(context.client, words[item.resource.kind], item.id)}
        for item in connectors
    ]


def _failed(tests: list[dict[str, Any]]) -> list[str]:
    """Each connector with a failed test, and these tests."""
    names = [(one["connector"], [test["test"] for test in one["tests"] if test["verdict"] == "failed"]) for one in tests]
    return ["{0} ({1})".format(connector, ", ".join(bad)) for connector, bad in names if bad]


def _start(context: Context) -> str:
    what = "synchronise directories"
    try:
        status = str(context.client.write(SYNC, what, body={"action": "start"}).get("status"))
    except OutcomeUnknown as error:
        if "504" not in str(error):
            raise OutcomeUnknown("{0}. It may have been started all the same; run again, which starts no second one".format(error)) from None
        return "sync_requested"  # seen: the answer is lost on the way, the synchronisation starts all the same
    if status == "no_integrations_enabled":
        raise ConnectError("Cannot synchronise directories: the service knows no enabled directory connector")
    return status


def _wait(connectors: list[Any], seconds: int) -> None:
    deadline = time.monotonic() + seconds
    running = connectors
    while True:
        for item in running:
            item.refresh()
        running = [item for item in running if item.row.get("syncRunning")]
        if not running:
            return
        if time.monotonic() + PAUSE > deadline:
            raise ConnectError("The synchronisation still runs after {0} s ({1}); it goes on at the service. Raise wait_timeout, or look "
                               "again later".format(seconds, ", ".join(str(item.name) for item in running)))
        time.sleep(PAUSE)


SYNCHRONISATION = Job(
    {
        **API_SPEC,
        "start": {"type": "bool", "default": True},
        "test": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": 900},
    },
    _synchronise,
)
