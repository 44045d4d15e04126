# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done with stored integrations: tests, synchronisation, and the older calls."""
from __future__ import annotations

from functools import partial
from typing import Any

from . import directory_sync, ldap_probe, legacy
from .call import Call
from .connectors import CONNECTORS
from .errors import Answer, invalid, legacy_page
from .ids import PAGE
from .integrations import ACTIVE_DIRECTORY, GOOGLE, M365, TYPES, max_unlink, status
from .resources import Body, Handler, Resource, found

_SERVER_TYPES = {"active_directory": "active_directory", "google": "google", "m365": "office_365"}
_LEGACY_COPIES = ("description", "info", "enabled", "acknowledgeDisabledAccounts", "deleteUsers", "syncGuestUsers",
                  "syncContacts")


def _stored(call: Call, resource: Resource) -> Body:
    return found(call.state.store.visible(call.tenant, resource.kind, call.path_ref(resource.number)))


async def _test_directory(call: Call, stage: str) -> Answer:
    stored = _stored(call, ACTIVE_DIRECTORY)
    success, message = await ldap_probe.probe(call.state, stored, stage)
    return Answer(200, {"success": success, "message": message})


def _test_cloud(call: Call, resource: Resource, name: str) -> Answer:
    """What testResults says about the test; otherwise it succeeds."""
    stored = _stored(call, resource)
    answer: Body = {"success": True, "message": "the sandbox asks no cloud service"}
    if resource is GOOGLE and name == "authorisation":
        answer = {"success": True, "permissions": []}
    elif name == "connector":
        connector = call.state.store.get(call.tenant, CONNECTORS.kind, stored.get("connectorId", 0)) or {}
        state = connector.get("status", "error")
        answer = {"success": state == "connected", "status": state}
    return Answer(200, {**answer, **stored.get("testResults", {}).get(name, {})})


def _rows(call: Call) -> list[tuple[int, str, Body]]:
    """Every integration: (ref, type, stored body), in the order in which they were made."""
    rows = [(ref, name, body) for name, resource in TYPES.items()
            for ref, body in call.state.store.rows(call.tenant, resource.kind)]
    return sorted(rows, key=lambda row: row[0])


async def _sync(call: Call) -> Answer:
    refs = [ref for ref, _name, body in _rows(call) if body["enabled"]]
    outcome = "sync_requested"
    if not refs:
        outcome = "no_integrations_enabled"
    elif directory_sync.running(call):
        outcome = "already_in_progress"
    else:
        await directory_sync.start(call, refs)
    return Answer(200, {"status": outcome, "mseStatus": None})


async def _execute_sync(call: Call) -> Answer:
    enabled = [(ref, name) for ref, name, body in _rows(call) if body["enabled"]]
    outcome = "already_in_progress"
    if not directory_sync.running(call):
        outcome = "started"
        if enabled:
            await directory_sync.start(call, [ref for ref, _name in enabled])
            if call.settings["execute_sync_504"]:
                return Answer(504)
    return legacy.answer([{"syncStatus": outcome, "type": _SERVER_TYPES[name]} for _ref, name in enabled])


def _connections(call: Call) -> Answer:
    rows = _rows(call)
    return legacy_page([_connection(call, *row) for row in rows], call.body, _offset(call), partial(call.id_of, PAGE))


def _offset(call: Call) -> int:
    asked: Any = ((call.body or {}).get("meta") or {}).get("pagination") or {}
    if "pageToken" not in asked:
        return 0
    kind, offset = call.state.ids.decode(asked["pageToken"]) or (None, 0)
    if kind != PAGE:
        raise invalid("meta.pagination.pageToken", "the page token is not one of ours")
    return offset


def _connection(call: Call, ref: int, name: str, body: Body) -> Body:
    facts = directory_sync.last_sync(call, ref, body)
    row = {"id": call.id_of(TYPES[name].number, ref), "serverType": _SERVER_TYPES[name],
           **{key: body[key] for key in _LEGACY_COPIES if key in body}, "status": status(body),
           "syncRunning": facts["syncRunning"], "domains": ", ".join(body["domains"]),
           "maxUnlink": f"unlink_{max_unlink(body)}"}
    if "lastSyncDateTime" in facts:
        row["lastSync"] = facts["lastSyncDateTime"]
    if name == "active_directory":
        row["ldapSettings"] = {key: body[key] for key in ("rootDn", "hostname", "encryptionMode", "port", "userDn")}
    elif name == "m365":
        row["office365Settings"] = {key: body[key] for key in ("tenantDomain", "clientId") if key in body}
    return row


HANDLERS: dict[str, Handler] = {
    "testActiveDirectoryEgressConnectivity": partial(_test_directory, stage="connectivity"),
    **{f"testActiveDirectory{stage.title()}": partial(_test_directory, stage=stage) for stage in ldap_probe.STAGES},
    **{f"testGoogle{name.title()}": partial(_test_cloud, resource=GOOGLE, name=name)
       for name in ("authentication", "authorisation", "connectivity", "email")},
    **{f"testM365{name.title()}": partial(_test_cloud, resource=M365, name=name)
       for name in ("authentication", "authorisation", "connectivity", "connector", "email")},
    "requestDirectorySync": _sync,
    "legacyGetDirectoryConnections": _connections,
    "legacyExecuteSync": _execute_sync,
}
