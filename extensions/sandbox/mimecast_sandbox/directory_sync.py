# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directory synchronisation: a row for every run that was asked for. Nothing is really copied."""
from __future__ import annotations

import datetime
import time

from .call import Call
from .resources import Body, Resource, register

# startedAt and endsAt are seconds since 1970, integrations the refs of those that were enabled.
SYNCS = register(Resource(kind="directory_syncs", number=48, list_key="syncs",
                          fields=frozenset({"startedAt", "endsAt", "integrations"})))


def running(call: Call) -> bool:
    now = time.time()
    return any(body["endsAt"] > now for _ref, body in call.state.store.rows(call.tenant, SYNCS.kind))


def start(call: Call, refs: list[int]) -> None:
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
