# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Export and apply are each other's inverse: for generated tenants, and for each kind alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import DEFINITIONS, DOMAINS, GROUPS, POLICIES, Tenant
from hypothesis import HealthCheck, Phase, given, settings
from test_kinds import KINDS, Kind
from whole_documents import PARTS, SECRET, documents, new_tenant

CASES = settings(max_examples=60, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))


def export(tenant: Tenant, **options: Any) -> dict[str, Any]:
    """The document, each placeholder filled in as a vault would."""
    result = tenant.call("mimecast_export", **options)
    assert not result.get("failed"), result
    text = json.dumps(result["document"])
    assert set(re.findall(r"{{ (\w+) }}", text)) == set(result["secrets"])
    return json.loads(re.sub(r"{{ \w+ }}", SECRET, text))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_each_kind_comes_back(sandbox: Any, kind: Kind) -> None:
    one, other = Tenant(sandbox), Tenant(sandbox)
    assert kind.call(one)["changed"]
    found = export(one)
    assert kind.kind in found
    again = one.call("mimecast_tenant", **found)
    assert again.get("changed") is False, again
    made = other.call("mimecast_tenant", **found)
    assert made.get("changed"), made
    assert export(other) == found


def test_generated_tenants_come_back(running_sandbox: Any) -> None:
    seen: set[str] = set()

    @CASES
    @given(first=documents, second=documents)
    def comes_back(first: dict[str, Any], second: dict[str, Any]) -> None:
        one, other = new_tenant(running_sandbox), new_tenant(running_sandbox, groups=[])
        try:
            for document in (first, second):
                # Each kind by itself too, so that one that is refused does not leave the tenant empty.
                for part in (document, *({kind: document[kind]} for kind in document)):
                    one.call("mimecast_tenant", **part)
            found = export(one)
            seen.update(found)
            again = one.call("mimecast_tenant", **found)
            assert again.get("changed") is False and again["api"]["writes"] == 0, again
            # Routes that are each other's alternate cannot be created at once, only one after the other.
            routes = [{**route, "alternate_route": ""} for route in found.get("delivery_routes", [])]
            for document in ({**found, "delivery_routes": routes}, found):
                made = other.call("mimecast_tenant", **document)
                assert not made.get("failed"), made
            assert export(other) == found
        finally:
            for tenant in (one, other):
                running_sandbox.drop_tenant(tenant.code)

    comes_back()
    assert seen >= set(PARTS), "a kind was never there to be exported"


def test_what_cannot_be_declared_is_said(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, DEFINITIONS, [{"description": "Twin", "hostname": "a.example.com", "port": 25}] * 2)
    tenant.sandbox.insert(tenant.code, "groups", {"description": "Staff", "source": "ldap"})
    result = tenant.call("mimecast_export")
    assert result["notes"] == [
        "group 'Staff': its members follow the directory",
        "delivery route 'Twin': there are 2 of that name; rename all but one",
    ]
    assert "delivery_routes" not in result["document"]


def test_a_file_for_people(tenant: Tenant, tmp_path: Path) -> None:
    log_on = {"mechanisms": ["LOGIN"], "username": "u", "password": SECRET}
    tenant.document([{"name": "B\u00fcro 1", "hostname": "mx1.example.com", "smtp_authentication": log_on,
                      "policies": [{"name": "In", "to": {"type": "domain", "domain": DOMAINS[0]}}]}])
    path = tmp_path / "customer.yml"
    for check, changed, exists in ((True, True, False), (False, True, True), (False, False, True)):
        assert tenant.call("mimecast_export", check, kinds=["delivery_routes"], dest=str(path))["changed"] is changed
        assert path.exists() is exists
    text = path.read_text(encoding="utf-8")
    assert SECRET not in text and "#   vault_delivery_route_b_ro_1_smtp_authentication_password" in text
    assert yaml.safe_load(text) == {"delivery_routes": [{
        "name": "B\u00fcro 1", "hostname": "mx1.example.com",
        "smtp_authentication": {**log_on, "password": "{{ vault_delivery_route_b_ro_1_smtp_authentication_password }}"},
        "policies": [{"name": "In", "to": {"type": "domain", "domain": DOMAINS[0]}}],
    }]}


def test_a_file_that_cannot_be_written(tenant: Tenant, tmp_path: Path) -> None:
    for check in (True, False):
        result = tenant.call("mimecast_export", check, dest=str(tmp_path / "missing" / "x.yml"))
        assert result["failed"] and "there is no folder" in result["msg"]


def test_it_reads_only(tenant: Tenant) -> None:
    tenant.requests()
    tenant.call("mimecast_export")
    assert tenant.requests(writes=True) == [] and tenant.objects(POLICIES) == [] and tenant.names("groups") == sorted(GROUPS)
