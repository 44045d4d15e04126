# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a task may make, counted at the service, and how much memory a large tenant may take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import DEFINITIONS, POLICIES, Tenant

HERE = Path(__file__).parent
ONE = {"name": "R1", "hostname": "mx1.example.com", "policies": [{"name": "P", "to": {"type": "domain", "domain": "example.com"}}]}
MANY = 5000
PAGES = MANY // 100


def routes(count: int) -> list[dict[str, Any]]:
    return [{**ONE, "name": "R{0}".format(number)} for number in range(count)]


def store(tenant: Tenant, count: int) -> None:
    """Routes R0, R1, ... with one policy each, as declared by routes()."""
    sandbox = tenant.sandbox
    refs = sandbox.insert(tenant.code, DEFINITIONS, [
        {"description": item["name"], "hostname": item["hostname"], "port": 25} for item in routes(count)])
    sandbox.insert(tenant.code, POLICIES, [
        {"description": "P", "definitionId": ref, "from": {"type": "everyone"}, "to": {"type": "email_domain", "domain": "example.com"}}
        for ref in refs])


def warm(tenant: Tenant, folder: Path) -> None:
    """A token in the run's folder, as after the first task."""
    tenant.call("mimecast_info", folder=str(folder), gather_subset=["whoami"])
    tenant.sandbox.clear_requests()


@pytest.mark.parametrize("count", [1, 3, 100])
def test_nothing_to_change_takes_two_requests(tenant: Tenant, tmp_path: Path, count: int) -> None:
    store(tenant, count)
    warm(tenant, tmp_path)
    single = tenant.call("mimecast_delivery_route", folder=str(tmp_path), **{**ONE, "name": "R0"})
    assert single["changed"] is False and single["api"]["requests"] == 2
    assert [one["operation"] for one in tenant.sandbox.requests()] == ["listDeliveryRouteDefinitions", "listDeliveryRoutePolicies"]
    whole = tenant.call("mimecast_tenant", folder=str(tmp_path), delivery_routes=routes(count))
    assert whole["changed"] is False and whole["api"]["requests"] == 2
    assert len(tenant.sandbox.requests()) == 4, "the token of the first task was used"


def test_creation_costs_one_write_for_each_object(tenant: Tenant) -> None:
    tenant.requests()
    result = tenant.document(routes(20))
    found = tenant.requests()
    assert len(result["changes"]) == sum(one["wrote"] for one in found) == 40
    reads = [one["operation"] for one in found if not one["wrote"]]
    # Two to plan, one to know the tenant's domains, and each list once more as proof.
    assert sorted(reads) == ["listDeliveryRouteDefinitions"] * 2 + ["listDeliveryRoutePolicies"] * 2 + ["listInternalDomains"]


def test_a_change_costs_a_write_and_a_look_at_the_object(tenant: Tenant) -> None:
    store(tenant, 250)
    tenant.requests()
    result = tenant.document([{"name": "R7", "hostname": "mx2.example.com"}])
    found = tenant.requests()
    assert result["changed"] and [one["operation"] for one in found] == [
        *["listDeliveryRouteDefinitions"] * 3, "updateDeliveryRouteDefinition", "getDeliveryRouteDefinition"]


def test_what_a_single_read_leaves_out_is_gone(tenant: Tenant) -> None:
    store(tenant, 250)
    assert tenant.document([{"name": "R7", "alternate_route": "R8"}])["changed"]
    result = tenant.document([{"name": "R7", "alternate_route": ""}])
    assert result["changed"], result["msg"]
    assert "alternateRouteId" not in next(row for row in tenant.objects() if row["description"] == "R7")


LARGE = """
import json, resource, sys
from conftest import Tenant
from test_budget import ONE, routes
tenant = Tenant.__new__(Tenant)
tenant.connection = json.loads(sys.argv[1])
wish = routes(int(sys.argv[2]))
wish[77] = {**ONE, "name": "R77", "hostname": "mx9.example.com"} if sys.argv[3] == "change" else wish[77]
result = tenant.call("mimecast_tenant", delivery_routes=wish)
kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"changed": result["changed"], "api": result["api"], "mib": kib / 1024}))
"""


@pytest.mark.parametrize("what", ["nothing", "change"])
def test_five_thousand_routes(tenant: Tenant, what: str) -> None:
    """50 pages for each collection and no more; a change adds its write and a look at the changed object."""
    store(tenant, MANY)
    tenant.requests()
    # A process of its own, whose peak is that of a worker.
    command = [sys.executable, "-c", LARGE, json.dumps(tenant.connection), str(MANY), what]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    requests = tenant.requests()
    reads, writes = [one for one in requests if not one["wrote"]], [one for one in requests if one["wrote"]]
    assert found["changed"] is (what == "change") and len(writes) == (what == "change")
    assert len(reads) == 2 * PAGES + len(writes)
    assert found["mib"] < 150
