# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The jobs of firewall_allowlist and firewall_allowlist_info, which run on the machine whose firewall it is."""

from __future__ import annotations

import os
import time
from typing import Any, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall import confirm, guards, plan, run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.choose import AUTO, NAMES, choose
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import Backend, FileEdit, Paths
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.change import carry_out, prepare, unloaded
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import MODES, Allowlist, Live, Service, shown
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import parse
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

PATHS = ("nftables_main", "nftables_own", "ipset_sets", "iptables_rules", "ip6tables_rules")


def work(context: Context) -> dict[str, Any]:
    """Bring the services to their declared state, or predict it."""
    _use(context)
    try:
        return _work(context.params, context.dry)
    except FirewallError as error:
        raise ConnectError(str(error)) from None


def _use(context: Context) -> None:
    if context.run_command:
        run.use(context.run_command)


def _work(params: dict[str, Any], dry: bool) -> dict[str, Any]:
    removing = params["state"] == "absent"
    told = [] if params["confirm_end"] else confirm.settle(dry)
    backend, live = choose(params["backend"], removing)
    if params["confirm_end"]:
        return _ended(params, backend, live)
    desired, notes = _removed(params, live) if removing else _wished(params, live)
    change = prepare(backend, live, desired, _paths(params), params["persist"])
    warnings = told + plan.warnings(desired, live) + (list(unloaded(backend)) if params["persist"] and desired.services else [])
    sentences = plan.changes(live.allowlist, desired, live.drift) + [_file(edit) for edit in change.files]
    if change.steps and not sentences:
        sentences = ["remove what an interrupted run left"]
    waits = None
    if params["confirm_timeout"] and change.steps and not dry:
        waits = confirm.begin(change, params["confirm_timeout"], sentences)
    elif not dry:
        carry_out(change)
    sides = plan.diff(live.allowlist, desired)
    for edit in change.files:
        sides["before"]["file " + edit.path] = "there is none" if edit.before is None else "brings something else back"
        sides["after"]["file " + edit.path] = "there is none" if edit.after is None else "brings the services back after a reboot"
    return {
        "changed": bool(change.steps or change.files), "backend": backend.name, "changes": sentences, "diff": sides,
        "normalised": notes, "warnings": warnings, "services": [_summary(one) for one in desired.services],
        **({"waits": waits} if waits else {}),
    }


def _paths(params: dict[str, Any]) -> Paths:
    return {name: path for name, path in (params["paths"] or {}).items() if path}


def _ended(params: dict[str, Any], backend: Backend, live: Live) -> dict[str, Any]:
    """The second half of a change that had to be confirmed: for good, or taken back."""
    end = params["confirm_end"]
    if not end["keep"]:
        return {"changed": True, "told": confirm.revert(end["name"])}
    confirm.keep(end["name"], prepare(backend, live, live.allowlist, _paths(params), params["persist"]).files)
    return {"changed": True, "told": "kept"}


def _file(edit: FileEdit) -> str:
    return "{0} {1}".format("remove" if edit.after is None else "write" if edit.before is None else "update", edit.path)


def _removed(params: dict[str, Any], live: Live) -> tuple[Allowlist, list[str]]:
    names = frozenset(one["name"] for one in params["services"] or ())
    return (live.allowlist.with_([], names) if names else Allowlist()), []


def _wished(params: dict[str, Any], live: Live) -> tuple[Allowlist, list[str]]:
    now = int(time.time())
    services, notes = plan.wishes(params["services"], live.allowlist, now)
    refused = guards.refusals(services, live.allowlist, _limits(params, now))
    if refused:
        raise FirewallError("Refused, and nothing was changed. {0}".format(". ".join(refused)))
    return live.allowlist.with_(services), notes


def _limits(params: dict[str, Any], now: int) -> guards.Limits:
    named = {name: frozenset(params[name] or ()) for name in ("allow_empty", "allow_few", "allow_removals", "allow_unobserved")}
    try:
        wide, _notes = parse(params["allow_wide"] or (), "allow_wide")
    except ValueError as error:
        raise InputError(str(error)) from None
    return guards.Limits(
        params["min_addresses"], params["max_removal_percent"], params["min_observe_hours"], wide=wide,
        management_ports=_management_ports(), now=now, booted=_booted(), **named)


def _management_ports() -> frozenset[int]:
    """SSH, and the port by which this run came in (sshd sets SSH_CONNECTION, though sudo may take it away)."""
    parts = os.environ.get("SSH_CONNECTION", "").split()
    return frozenset({guards.SSH} | ({int(parts[3])} if len(parts) == 4 and parts[3].isdigit() else set()))


def _booted() -> int:
    """When the machine was started, in seconds since 1970 (proc(5)); 0 if it does not say."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("btime ")), 0)
    except OSError:
        return 0


def _summary(service: Service) -> dict[str, Any]:
    whole = shown(service)
    return {**whole, "sources": len(whole["sources"]), "observed_since": _time(service.since)}


def _time(seconds: int) -> Optional[str]:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else None


def tell(context: Context) -> dict[str, Any]:
    """What the firewall holds of ours, with counters and strangers."""
    params = context.params
    _use(context)
    try:
        backend, live = choose(params["backend"])
    except FirewallError as error:
        raise ConnectError(str(error)) from None
    strangers = sorted(live.strangers, key=lambda one: (-one.count, -one.last_seen, one.address, one.port))
    return {
        "changed": False, "backend": backend.name, "drift": list(live.drift), "notes": list(live.notes) + confirm.settle(dry=True),
        "services": [_told(one, live) for one in live.allowlist.services],
        "strangers": [{
            "service": one.service, "address": one.address, "port": one.port, "count": one.count,
            "first_seen": _time(one.first_seen), "last_seen": _time(one.last_seen),
        } for one in strangers[:params["max_strangers"]]],
        "strangers_total": len(strangers),
    }


def _told(service: Service, live: Live) -> dict[str, Any]:
    hours = round((time.time() - max(service.since, _booted())) / 3600, 1) if service.since else 0.0
    return {**shown(service), "observed_since": _time(service.since), "observed_hours": hours, "connections": live.counters[service.name]}


NAMES_LIST = {"type": "list", "elements": "str"}
BACKEND = {"type": "str", "default": AUTO, "choices": [AUTO, *NAMES]}
JOB = Job(
    {
        "services": {"type": "list", "elements": "dict", "options": {
            "name": {"type": "str", "required": True},
            "ports": {"type": "list", "elements": "int"},
            "sources": {"type": "list", "elements": "str"},
            "mode": {"type": "str", "choices": list(MODES)},
        }},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "backend": BACKEND,
        "persist": {"type": "bool", "default": True},
        "paths": {"type": "dict", "options": {name: {"type": "path"} for name in PATHS}},
        "confirm_timeout": {"type": "int"},
        "confirm_checks": {"type": "list", "elements": "dict"},
        "confirm_end": {"type": "dict", "options": {"name": {"type": "str", "required": True}, "keep": {"type": "bool", "required": True}}},
        "min_addresses": {"type": "int", "default": 256},
        "max_removal_percent": {"type": "int", "default": 25},
        "min_observe_hours": {"type": "float", "default": 24},
        **{name: NAMES_LIST for name in ("allow_empty", "allow_few", "allow_removals", "allow_unobserved", "allow_wide")},
    },
    work,
    {"required_if": [["state", "present", ["services"]]]},
)
INFO_JOB = Job({"backend": BACKEND, "max_strangers": {"type": "int", "default": 1000}}, tell)
