# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL in the middle of a tenant document, then the same again: it finishes, and nobody can see that it was killed.

Five kills here; `make soak` makes thirty. MIMECAST_SOAK_SEED chooses other places.
"""

from __future__ import annotations

from typing import Any

import pytest
from conftest import DEFINITIONS, Tenant
from mimecast_sandbox.control import Sandbox
from soak import KILLS, MOMENTS, SEED, Kill, Process, killed, kills, places_of_writes, state, twins
from test_kinds import KINDS, SECRET

MANY = 1500
TO = {"type": "domain", "domain": "example.com"}


def group(name: str, numbers: range) -> dict[str, Any]:
    return {"name": name, "members": {"set": ["{0}{1}.example".format(name.lower(), number) for number in numbers]}}


def route(number: int, **more: Any) -> dict[str, Any]:
    return {"name": "R{0}".format(number), "hostname": "mx{0}.example.com".format(number),
            "policies": [{"name": "P{0}".format(number), "to": TO}], **more}


def joined(*documents: dict[str, Any]) -> dict[str, Any]:
    """One document with the objects of all."""
    found: dict[str, Any] = {}
    for document in documents:
        for kind, items in document.items():
            found[kind] = [*found.get(kind, []), *items] if isinstance(items, list) else items
    return found


DECLARED = joined(*(kind.document() for kind in KINDS), {
    "delivery_routes": [route(1, alternate_route="R2"), route(2), route(3), route(4, alternate_route="HQ")],
    "groups": [group("Large", range(MANY)), group("Wide", range(MANY))],
})
# Every kind changes, two routes and a group go, a group swaps a third of its members, and something is new.
CHANGED = joined(*(kind.document(**kind.change) for kind in KINDS), {
    "delivery_routes": [route(1, alternate_route="R5"), {"name": "R2", "state": "absent"}, {"name": "R3", "state": "absent"}, route(5)],
    "groups": [group("Large", range(500, MANY + 500)), {"name": "Wide", "state": "absent"}, group("New", range(MANY))],
    "blocked_senders_policies": [{"name": "New", "action": "block_sender", "from": {"type": "group", "group": "New"}}],
})
STARTS = {"an empty tenant": ({}, DECLARED), "another state": (DECLARED, CHANGED)}


@pytest.fixture(scope="module")
def undisturbed(running_sandbox: Sandbox) -> dict[str, tuple[list[int], dict[str, list[str]]]]:
    """For each start: where the writes are among the requests, and the state that a run reaches which nobody kills."""
    found = {}
    for start, (before, document) in STARTS.items():
        tenant = prepared(running_sandbox, before)
        result = tenant.call("mimecast_tenant", **document)
        assert not result.get("failed") and len(result["changes"]) >= 24, result
        found[start] = (places_of_writes(tenant), state(tenant))
    return found


def prepared(sandbox: Sandbox, before: dict[str, Any]) -> Tenant:
    tenant = Tenant(sandbox)
    if before:
        assert tenant.call("mimecast_tenant", **before)["changed"]
    sandbox.clear_requests()
    return tenant


def test_the_documents_hold_every_kind() -> None:
    assert set(DECLARED) == set(CHANGED) == {kind.kind for kind in KINDS}


@pytest.mark.parametrize("kill", kills(tuple(STARTS)), ids=str)
def test_a_killed_run_is_finished_by_the_next(
    running_sandbox: Sandbox, undisturbed: dict[str, tuple[list[int], dict[str, list[str]]]], kill: Kill,
) -> None:
    print("seed {0}, kill {1}".format(SEED, kill))
    before, document = STARTS[kill.start]
    writes, wanted = undisturbed[kill.start]
    tenant = prepared(running_sandbox, before)
    seen = killed(tenant, document, writes, kill)
    finished, again = Process(tenant.connection, document, runs=2).results()
    assert not finished.get("failed"), finished["msg"]
    assert finished["changed"] or seen == len(writes)
    after = state(tenant)
    assert twins(after) == [] and after == wanted
    assert again["changed"] is False and again["api"]["writes"] == 0 and again["diff"] == {"before": {}, "after": {}}
    assert SECRET not in str(finished) + str(again)
    running_sandbox.drop_tenant(tenant.code)


def test_each_moment_has_its_share() -> None:
    chosen = kills(tuple(STARTS))
    assert len(chosen) == KILLS and (KILLS < len(MOMENTS) or {kill.moment for kill in chosen} == set(MOMENTS))


def test_twins_would_be_seen(tenant: Tenant) -> None:
    """The judge of this file is judged: two routes of one name, and two members of one group."""
    assert tenant.call("mimecast_tenant", delivery_routes=[route(1)], groups=[group("G", range(1))])["changed"]
    assert twins(state(tenant)) == []
    tenant.sandbox.insert(tenant.code, DEFINITIONS, {"description": "R1", "hostname": "mx9.example.com"})
    (member,) = tenant.objects("group_members")
    tenant.sandbox.insert(tenant.code, "group_members", {key: value for key, value in member.items() if key != "ref"})
    assert [key[0] for key in twins(state(tenant))] == [DEFINITIONS, "group_members"]
