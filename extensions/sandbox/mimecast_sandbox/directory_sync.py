# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directory synchronisation: a row for every run that was asked for. Addresses are really read if the setting sync_reads says so."""
from __future__ import annotations

import datetime
import time

from . import ldap_probe
from .call import Call
from .groups_model import USERS, domain_of, internal_domains
from .resources import Body, Resource, register

FROM_DIRECTORY = "created_by_directory"  # assumption: no source says how the service calls it
_ACTIVE_DIRECTORY = "active_directory_integrations"

# startedAt and endsAt are seconds since 1970, integrations the refs of those that were enabled.
SYNCS = register(Resource(kind="directory_syncs", number=48, list_key="syncs",
                          fields=frozenset({"startedAt", "endsAt", "integrations"})))


def running(call: Call) -> bool:
    now = time.time()
    return any(body["endsAt"] > now for _ref, body in call.state.store.rows(call.tenant, SYNCS.kind))


async def start(call: Call, refs: list[int]) -> None:
    if call.settings["sync_reads"]:
        await _read(call, refs)
    now = time.time()
    call.insert(SYNCS.kind, {"startedAt": now, "endsAt": now + call.settings["sync_duration_ms"] / 1000,
                             "integrations": refs})


def last_sync(call: Call, ref: int, body: Body) -> Body:
    """syncRunning, and lastSyncDateTime when a run has ended or the stored body says one."""
    now = time.time()
    ends = [run["endsAt"] for _ref, run in call.state.store.rows(call.tenant, SYNCS.kind) if ref in run["integrations"]]
    done = [end for end in ends if end <= now]
    facts: Body = {"syncRunning": len(done) < len(ends)}
    if done:
        facts["lastSyncDateTime"] = f"{datetime.datetime.fromtimestamp(max(done), datetime.timezone.utc):%Y-%m-%dT%H:%M:%S%z}"
    elif "lastSyncDateTime" in body:
        facts["lastSyncDateTime"] = body["lastSyncDateTime"]
    return facts


async def _read(call: Call, refs: list[int]) -> None:
    """Make users of the addresses in the directories; nobody is removed. A directory that cannot be read brings nobody."""
    for ref in refs:
        stored = call.state.store.get(call.tenant, _ACTIVE_DIRECTORY, ref)
        found = await ldap_probe.addresses(call.state, stored) if stored else {}
        domains = set(stored["domains"]) if stored and stored["domains"] else internal_domains(call)
        new = [{**USERS.defaults, "emailAddress": address, "name": name, "type": FROM_DIRECTORY} for address, name in found.items()
               if domain_of(address) in domains and call.state.store.find(call.tenant, USERS.kind, address) is None]
        call.insert_all(USERS.kind, [USERS.complete(user) for user in new])
