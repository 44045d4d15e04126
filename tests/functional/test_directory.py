# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directory connectors beyond their life as objects: tests, warnings, a list that tells little, synchronisation."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Tenant

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import directory as _directory

M365 = {"type": "microsoft_365", "name": "365", "tenant_domain": "example.onmicrosoft.com"}
LDAP = {"type": "active_directory", "name": "AD", "hostname": "ldap.example.com", "user_dn": "cn=svc", "password": "pw", "root_dn": "dc=example"}


def connector(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_directory_connector", check, **options)


def test_every_test_of_a_type_is_run(tenant: Tenant) -> None:
    result = connector(tenant, **M365, test=True)
    assert [one["test"] for one in result["tests"]] == ["connectivity", "authentication", "authorisation", "connector", "email"]
    # Nobody has given consent yet, and the service says so.
    assert [one["test"] for one in result["tests"] if one["verdict"] != "ok"] == ["connector"]


def test_a_server_that_is_not_there_fails_its_tests(tenant: Tenant) -> None:
    result = connector(tenant, **LDAP, test=True)
    found = {one["test"]: one["verdict"] for one in result["tests"]}
    assert len(found) == 6 and found["connectivity"] == "failed", result["tests"]


def test_in_check_mode_what_does_not_exist_is_not_tested(tenant: Tenant) -> None:
    assert "tests" not in connector(tenant, True, **M365, test=True)


@pytest.mark.parametrize("change", [{"enabled": False}, {"status": "error"}])
def test_a_connector_in_trouble_is_a_warning(tenant: Tenant, change: dict[str, Any]) -> None:
    connector(tenant, **LDAP)
    assert "warnings" not in connector(tenant, **M365)
    row = tenant.objects("active_directory_integrations")[0]
    tenant.sandbox.patch(tenant.code, "active_directory_integrations", row["ref"], **change)
    warning = connector(tenant, **M365)["warnings"][0]
    assert "Active Directory connector 'AD'" in warning and "removes and changes nothing" in warning


def test_a_list_without_names(tenant: Tenant) -> None:
    """The list's fields are not published; where it has no names, each connector of the type is read singly."""
    connector(tenant, **M365)
    connector(tenant, **LDAP)
    tenant.sandbox.settings(integrations_shape="opaque")
    assert connector(tenant, **M365)["changed"] is False and connector(tenant, **{**LDAP, "port": 389, "encryption": "none"})["changed"]
    assert len(tenant.objects("m365_integrations")) == len(tenant.objects("active_directory_integrations")) == 1


def test_the_password_is_needed_to_create(tenant: Tenant) -> None:
    result = connector(tenant, **{**LDAP, "password": None})
    assert result["failed"] and "it does not exist yet and needs password" in result["msg"]


def test_synchronisation(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_directory, "PAUSE", 0.05)
    tenant.sandbox.settings(sync_duration_ms=400)
    nothing = tenant.call("mimecast_directory_sync")
    assert nothing["failed"] and "no directory connector is enabled" in nothing["msg"]
    connector(tenant, **M365)
    tenant.requests()
    assert tenant.call("mimecast_directory_sync", True)["changed"] and tenant.requests(writes=True) == []
    assert tenant.call("mimecast_directory_sync")["status"] == "sync_requested"
    again = tenant.call("mimecast_directory_sync", wait=True, wait_timeout=5)
    assert (again["status"], again["changed"]) == ("already_in_progress", False) and again["msg"].endswith("and has ended")
    late = tenant.call("mimecast_directory_sync", wait=True, wait_timeout=1)
    assert late["changed"], late


def test_a_504_may_have_started_it(tenant: Tenant) -> None:
    connector(tenant, **M365)
    tenant.sandbox.faults([{"operation": "requestDirectorySync", "kind": "status", "status": 504, "before_commit": False}])
    assert tenant.call("mimecast_directory_sync")["changed"]
    assert tenant.call("mimecast_directory_sync")["status"] == "already_in_progress"
