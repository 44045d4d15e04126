# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""connectivity_check of directories as connectors declare them, beside what the service says of the same connectors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Tenant

pytest.importorskip("ldap3", reason="the ldap probe needs it")
pytest.importorskip("trustme", reason="trustme makes the certificates of the directories")

import slapd_server
from ansible_collections.mimecast.connect.plugins.module_utils._jobs import connectivity as _connectivity
from mimecast_sandbox.mail_pki import Pki
from slapd_server import BASE, READER, READER_PASSWORD, Slapd, people, slapd

needs_slapd = pytest.mark.skipif(bool(slapd_server.why_not()), reason=slapd_server.why_not() or "-")
CONNECTOR = {
    "name": "Head office", "hostname": "localhost", "user_dn": READER, "password": READER_PASSWORD, "root_dn": BASE, "domains": {"set": ["example.com"]},
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Slapd, str]]:
    pki = Pki(tmp_path_factory.mktemp("pki"), ["dc1.example.com"])
    with slapd(people(20), pki.pem("rsa")) as running:
        yield running, str(pki.ca_path)


def connector(running: Slapd, **changes: Any) -> dict[str, Any]:
    return {**CONNECTOR, "port": int(running.secure.rpartition(":")[2]), **changes}


def codes(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["name"], one["code"]) for one in result["verdicts"]]


@needs_slapd
def test_a_connector_is_checked_as_it_is_declared(tenant: Tenant, directory: tuple[Slapd, str]) -> None:
    running, roots = directory
    declared = [connector(running)]
    check = {"type": "ldap", "connector": "Head office", "implicit_tls": True, "ca_path": roots}
    result = tenant.call("connectivity_check", checks=[check], directory_connectors=declared)
    assert codes(result) == [("Head office", "ok_directory")]
    assert result["verdicts"][0]["evidence"]["coverage"]["unknown"] == ["old.example.com"]
    assert READER_PASSWORD not in json.dumps(result)
    changed = tenant.call("connectivity_check", checks=[{**check, "internal_domains": ["example.net"]}], directory_connectors=declared)
    assert codes(changed) == [("Head office", "domains_uncovered")]


@needs_slapd
def test_the_alternate_host_is_a_second_check(tenant: Tenant, directory: tuple[Slapd, str]) -> None:
    running, _roots = directory
    port = int(running.plain.rpartition(":")[2])
    declared = [connector(running, port=port, encryption="none", alternate_hostname="dc2.example.invalid")]
    result = tenant.call("connectivity_check", directory_connectors=declared)
    (first, code), (second, other) = codes(result)
    assert (first, code) == ("Head office", "clear_bind")
    assert second == "Head office, alternate host" and other in ("name_not_found", "name_resolution_failed")
    only = tenant.call("connectivity_check", checks=[{"type": "ldap", "connector": "Head office", "host": "127.0.0.1"}], directory_connectors=declared)
    assert codes(only) == [("Head office", "clear_bind")]


@needs_slapd
def test_the_service_is_asked_about_the_same_connector(tenant: Tenant, directory: tuple[Slapd, str]) -> None:
    running, roots = directory
    declared = connector(running)
    options = {
        "checks": [{"type": "ldap", "connector": "Head office", "implicit_tls": True, "ca_path": roots}],
        "directory_connectors": [declared], "ask_service": True,
    }
    before = tenant.call("connectivity_check", **options)["verdicts"][0]
    assert before["verdict"] == "ok" and before["service"]["code"] == "service_refused"
    assert "has no such connector yet" in before["service"]["message"]
    tenant.call("mimecast_directory_connector", type="active_directory", **declared)
    tenant.requests()
    after = tenant.call("connectivity_check", True, **options)["verdicts"][0]
    # The sandbox connects to what its address book names only, so that its view differs from ours.
    assert (after["code"], after["service"]["code"], after["service"]["verdict"]) == ("ok_directory", "service_tests_failed", "failed")
    assert [one["test"] for one in after["service"]["evidence"]["tests"]][:2] == ["connectivity", "egress-connectivity"]
    assert after["service"]["evidence"]["domains_unknown_to_tenant"] == ["old.example.com"]
    assert tenant.requests(writes=True) == []


@needs_slapd
def test_both_sides_agree_on_a_good_directory(tenant: Tenant, directory: tuple[Slapd, str]) -> None:
    """The sandbox tests a stored connector by connections of its own."""
    running, _roots = directory
    declared = connector(running, port=int(running.plain.rpartition(":")[2]), encryption="none", hostname="dc1.example.com")
    tenant.sandbox.address_book({f"dc1.example.com:{declared['port']}": running.plain})
    tenant.call("mimecast_directory_connector", type="active_directory", **declared)
    found = tenant.call(
        "connectivity_check", checks=[{"type": "ldap", "connector": "Head office", "address": running.plain}],
        directory_connectors=[declared], ask_service=True)["verdicts"][0]
    assert (found["code"], found["service"]["code"]) == ("clear_bind", "service_tests_passed"), found["service"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checks": [{"type": "ldap", "connector": "Other"}], "directory_connectors": [CONNECTOR]},
         "Check 'Other': connector 'Other' is not among directory_connectors (these are: 'Head office')"),
        ({"checks": [{"type": "tcp", "connector": "Head office", "port": 1}], "directory_connectors": [CONNECTOR]},
         "Check 'Head office': connector goes with type ldap only"),
        ({"checks": [{"type": "ldap", "base_dn": "dc=example"}]}, "Check 'number 1': give host, or a connector of directory_connectors"),
        ({"checks": [{"type": "ldap", "host": "dc1.example.com", "helo": "me"}]}, "Check 'dc1.example.com': helo does not go with type ldap"),
        ({"directory_connectors": [{**CONNECTOR, "hostname": "no host!"}]}, "Active Directory connector 'Head office': hostname is 'no host!'"),
    ],
)
def test_input_that_makes_no_sense(tenant: Tenant, options: dict[str, Any], message: str) -> None:
    result = tenant.call("connectivity_check", **options)
    assert result["failed"] and message in result["msg"]
    assert READER_PASSWORD not in result["msg"]


def test_without_ldap3_nothing_is_asked(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_connectivity, "find_spec", lambda name: None)
    probed: list[Any] = []
    monkeypatch.setattr(_connectivity, "run_checks", lambda checks, workers: probed.append(checks))
    result = tenant.call("connectivity_check", checks=[{"type": "ldap", "host": "dc1.example.com"}])
    assert result["failed"] and probed == []
    assert result["msg"].startswith("Check 'dc1.example.com': Failed to import the required Python library (ldap3)")


def test_a_connector_to_be_removed_is_not_checked(tenant: Tenant) -> None:
    assert tenant.call("connectivity_check", directory_connectors=[{"name": "Old", "state": "absent"}])["verdicts"] == []
