# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Checks of directories as connectors declare them, and what the service says of the same connectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connector_tests import run_tests
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import wishes
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict, sentence
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import ACTIVE_DIRECTORY

_DEFAULTS = {option: ACTIVE_DIRECTORY.row(option).default for option in ("port", "encryption")}
# option of a check -> that of a connector
_SAME = {"port": "port", "tls": "encryption", "username": "user_dn", "base_dn": "root_dn"}


def connectors(declared: list[dict[str, Any]] | None, internal: Iterable[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """By name of the connector: what it says of a check, once for each of its hosts.

    A connector without domains is for all internal ones; here those of ``internal`` that no other connector names.
    """
    wanted = [wish for wish in wishes(CATALOGUE, {ACTIVE_DIRECTORY.kind: declared}) if wish.state != "absent"]
    named = {domain for wish in wanted for domain in _domains(wish.values)}
    rest = sorted(set(internal) - named)
    return {wish.name: _checks({**_DEFAULTS, **wish.values}, wish.secrets.get("password", {}), rest) for wish in wanted}


def _domains(values: dict[str, Any]) -> list[str]:
    domains = values.get("domains") or {}
    return sorted(domains.get("set") or domains.get("add") or ())


def _checks(values: dict[str, Any], secrets: dict[str, str], rest: list[str]) -> list[dict[str, Any]]:
    known = {
        **{option: values[key] for option, key in _SAME.items() if values.get(key)},
        **secrets,
        "internal_domains": _domains(values) or rest,
    }
    hosts = [values[key] for key in ("hostname", "alternate_hostname") if values.get(key)]
    return [{**known, "host": host} for host in hosts]


def service_view(client: Client, name: str, ours: Verdict) -> Verdict:
    """What the service says of the connector of this name, and which domains of the directory are not the tenant's."""
    target = ACTIVE_DIRECTORY.describe(name)
    world = World(client, CATALOGUE)
    try:
        existing = world.find(ACTIVE_DIRECTORY.kind, name)
        if not existing:
            reason = "the tenant has no such connector yet"
            return Verdict("unknown", "service_refused", sentence("service_refused", {"target": target, "reason": reason}))
        tests = run_tests(client, "active_directory", existing[0].id)
        evidence = {"tests": tests, "domains_unknown_to_tenant": _unknown_domains(world, ours)}
    except ApiError as error:
        return Verdict("unknown", "service_refused", sentence("service_refused", {"target": target, "reason": error}))
    bad = [one["test"] for one in tests if one["verdict"] != "ok"]
    failed = any(one["verdict"] == "failed" for one in tests)
    code = "service_tests_failed" if bad else "service_tests_passed"
    verdict = "failed" if failed else "unknown" if bad else "ok"
    return Verdict(verdict, code, sentence(code, {"target": target, "tests": ", ".join(bad)}), evidence)


def _unknown_domains(world: World, ours: Verdict) -> list[str]:
    shown = [one["domain"] for one in ours.evidence.get("coverage", {}).get("domains", [])]
    if not shown:
        return []
    known = {item.name for item in world.objects("domains")}
    return [domain for domain in shown if domain not in known]
