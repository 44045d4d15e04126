# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans for a whole tenant: guards, purge, and plans as files that are carried out exactly or refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from conftest import DEFINITIONS, Tenant

PASSWORD = "pw-of-the-route"
ROUTES = [
    {"name": "A", "hostname": "a.example.com", "alternate_route": "B", "policies": [{"name": "In", "to": {"type": "domain", "domain": "example.com"}}]},
    {"name": "B", "hostname": "b.example.com", "smtp_authentication": {"mechanisms": ["LOGIN"], "username": "u", "password": PASSWORD}},
]


def routes(*numbers: int) -> list[dict[str, Any]]:
    return [{"name": "R{0}".format(number), "hostname": "mx{0}.example.com".format(number)} for number in numbers]


def run(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_tenant", check, **options)


def refused(tenant: Tenant, words: str, **options: Any) -> None:
    """Refused in the same words by check mode and by a real run, and nothing written."""
    tenant.requests()
    for check in (True, False):
        result = run(tenant, check, **options)
        assert result["failed"] and words in result["msg"], result
    assert tenant.requests(writes=True) == []


def test_purge_removes_what_is_not_declared_and_only_of_that_kind(tenant: Tenant) -> None:
    run(tenant, delivery_routes=routes(1, 2, 3))
    run(tenant, greylisting_policies=[{"name": "G", "action": "apply"}])
    assert run(tenant, delivery_routes=routes(1))["changed"] is False, "by default nothing is purged"
    result = run(tenant, delivery_routes=routes(1), purge=["delivery_routes"])
    assert [change["name"] for change in result["changes"]] == ["R2", "R3"]
    assert tenant.names() == ["R1"] and tenant.names("greylisting_policies") == ["G"]
    assert run(tenant, delivery_routes=[], purge=["delivery_routes"])["changed"] and tenant.names() == []


def test_purge_respects_what_is_used_elsewhere(tenant: Tenant) -> None:
    run(tenant, delivery_routes=[{**routes(1)[0], "alternate_route": "R2"}, *routes(2)])
    refused(tenant, "Cannot delete delivery route 'R2': delivery route 'R1' uses it as alternate_route",
            delivery_routes=[{"name": "R1"}], purge=["delivery_routes"])


@pytest.mark.parametrize("options, words, override", [
    ({"max_removals": 2}, "the plan removes 3 objects, more than max_removals, which is 2", {"max_removals": 3}),
    ({"max_removal_percent": 20}, "removes 3 of 12 delivery routes, more than max_removal_percent, which is 20", {"max_removal_percent": 25}),
    ({"protect": ["R10"]}, "the plan removes delivery route 'R10', which protect names", {"protect": ["R1"]}),
])
def test_guards(tenant: Tenant, options: dict[str, Any], words: str, override: dict[str, Any]) -> None:
    run(tenant, delivery_routes=routes(*range(12)))
    wish = {"delivery_routes": routes(*range(9)), "purge": ["delivery_routes"]}
    refused(tenant, words, **wish, **options)
    assert run(tenant, **wish, **override)["changed"] and len(tenant.names()) == 9


def test_purge_of_a_kind_that_is_not_declared(tenant: Tenant) -> None:
    refused(tenant, "purge names groups, which the document does not declare", delivery_routes=[], purge=["groups"])


def test_a_plan_is_a_file_and_is_carried_out(tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    planned = run(tenant, True, delivery_routes=ROUTES, plan_file=str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and PASSWORD not in path.read_text()
    assert [change["name"] for change in json.loads(path.read_text())["changes"]] == ["B", "A", "In"]
    applied = run(tenant, delivery_routes=ROUTES, apply_plan=str(path))
    assert applied["changes"] == planned["changes"] and tenant.names() == ["A", "B"]
    again = run(tenant, delivery_routes=ROUTES, apply_plan=str(path))
    assert again["changed"] is False, "nothing of it is left to do"


def test_what_an_interrupted_run_has_left_is_carried_out(tenant: Tenant, tmp_path: Path, quick: None) -> None:
    path = str(tmp_path / "plan.json")
    run(tenant, True, delivery_routes=ROUTES, plan_file=path)
    tenant.sandbox.faults([{"operation": "createDeliveryRoutePolicy", "kind": "status", "status": 403}])
    assert run(tenant, delivery_routes=ROUTES, apply_plan=path)["failed"]
    tenant.sandbox.clear_faults()
    assert [change["name"] for change in run(tenant, delivery_routes=ROUTES, apply_plan=path)["changes"]] == ["In"]


def test_a_tenant_that_has_moved_is_not_touched(tenant: Tenant, tmp_path: Path) -> None:
    run(tenant, delivery_routes=ROUTES)
    wish = [{**ROUTES[0], "hostname": "new.example.com"}, ROUTES[1]]
    path = str(tmp_path / "plan.json")
    run(tenant, True, delivery_routes=wish, plan_file=path)
    row = next(row for row in tenant.objects() if row["description"] == "A")
    tenant.sandbox.patch(tenant.code, DEFINITIONS, row["ref"], hostname="moved.example.com")
    refused(tenant, "update delivery route 'A' differs in before. Make a new plan", delivery_routes=wish, apply_plan=path)
    refused(tenant, "create delivery route 'R1' is not in the plan", delivery_routes=routes(1), apply_plan=path)


@pytest.mark.parametrize("change", [lambda text: text.replace("new.example.com", "evil.example.com"), lambda text: "{}", lambda text: "no JSON"])
def test_a_plan_that_was_tampered_with(tenant: Tenant, tmp_path: Path, change: Any) -> None:
    path = tmp_path / "plan.json"
    wish = [{"name": "A", "hostname": "new.example.com"}]
    run(tenant, True, delivery_routes=wish, plan_file=str(path))
    path.write_text(change(path.read_text()))
    refused(tenant, "is no plan, or was changed after it was made", delivery_routes=wish, apply_plan=str(path))


def test_files_that_cannot_be_used(tenant: Tenant, tmp_path: Path) -> None:
    refused(tenant, "No such file or directory", delivery_routes=ROUTES, apply_plan=str(tmp_path / "missing.json"))
    refused(tenant, "Cannot write plan_file", delivery_routes=ROUTES, plan_file=str(tmp_path / "no" / "plan.json"))
