# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules do so that roles need no logic: checks of whole documents, coverage before a domain changes, tests before a synchronisation."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Tenant

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import connectivity as _connectivity, directory as _directory
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict
from ansible_collections.mimecast.connect.plugins.module_utils._runner import secrets_in

DIRECTORY = {"name": "A", "hostname": "dc1.example.com", "user_dn": "cn=svc", "password": "s3cret", "root_dn": "dc=example"}
EXCHANGE = {
    "name": "Exchange", "type": "exchange_web_services", "url": "https://mail.example.com/EWS/Exchange.asmx", "security_mode": "relaxed",
    "master_mailbox": "svc@example.com", "master_mailbox_password": "s3cret", "mailbox_check": "check@example.com",
}
OFFICE = {"name": "Sync", "type": "office_365", "application_id": "1", "tenant_domain": "example.onmicrosoft.com", "mailbox_check": "check@example.com"}
USER = {"email": "ada@example.com", "name": "Ada"}


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The checks that would have been made, none of which is."""
    made: list[Any] = []

    def run(checks: list[Any], _workers: int) -> list[Verdict]:
        made.extend(checks)
        return [Verdict("ok", "ok_dns", "nothing to do") for _check in checks]

    monkeypatch.setattr(_connectivity, "run_checks", run)
    monkeypatch.setattr(_connectivity, "find_spec", bool)
    return made


def labels(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["name"], one["type"]) for one in result["verdicts"]]


def test_connections_are_checked_as_they_are_declared(tenant: Tenant, probed: list[Any]) -> None:
    result = tenant.call("connectivity_check", server_connections=[EXCHANGE, OFFICE, {"name": "Old", "state": "absent"}])
    assert labels(result) == [("Exchange", "ews")], "nobody but the service can look at Microsoft 365"
    (check,) = probed
    assert (check.url, check.tls, check.username, check.password) == (EXCHANGE["url"], "relaxed", "svc@example.com", "s3cret")
    assert (check.mailbox, check.impersonate) == ("check@example.com", True)


def test_a_connection_without_a_password_is_not_logged_in_to(tenant: Tenant, probed: list[Any]) -> None:
    connection = {**EXCHANGE, "master_mailbox_password": None}
    tenant.call("connectivity_check", server_connections=[connection], checks=[{"type": "ews", "connection": "Exchange", "tls": "strict"}])
    assert [(check.username, check.password, check.mailbox, check.tls) for check in probed] == [(None, None, None, "strict")]


@pytest.mark.parametrize(("connectors", "expected"), [
    ([DIRECTORY], {"A": ["example.com", "example.org"]}),
    ([DIRECTORY, {**DIRECTORY, "name": "B", "domains": {"set": ["example.org"]}}], {"A": ["example.com"], "B": ["example.org"]}),
    ([{**DIRECTORY, "domains": {"add": ["example.org"]}}], {"A": ["example.org"]}),
])
def test_a_connector_without_domains_has_to_cover_what_no_other_names(
    tenant: Tenant, probed: list[Any], connectors: list[dict[str, Any]], expected: dict[str, list[str]]
) -> None:
    domains = [{"name": "Example.com"}, {"name": "example.org", "inbound_type": "ldap"}, {"name": "other.example", "inbound_type": "known"}]
    result = tenant.call("connectivity_check", directory_connectors=connectors, domains=domains)
    assert {one["name"]: check.internal_domains for one, check in zip(result["verdicts"], probed)} == expected


def test_a_dns_check_without_a_domain_is_one_of_each(tenant: Tenant, probed: list[Any]) -> None:
    checks = [{"type": "dns", "region": "eu", "records": ["mx"]}, {"type": "dns", "domain": "example.net", "name": "one"}]
    result = tenant.call("connectivity_check", checks=checks, domains=[{"name": "example.com"}, {"name": "example.org"}])
    assert [check.domain for check in probed] == ["example.com", "example.org", "example.net"]
    assert labels(result) == [("example.com", "dns"), ("example.org", "dns"), ("one", "dns")]
    assert tenant.call("connectivity_check", checks=checks[:1])["msg"] == "Check 'number 1': give domain"


def test_all_mail_servers_as_strictly_as_wished(tenant: Tenant, probed: list[Any]) -> None:
    routes = [{"name": "HQ", "hostname": "mx1.example.com"}]
    checks = [{"host": "mx2.example.com", "tls": "none"}, {"type": "tcp", "host": "mx3.example.com", "port": 25}]
    assert not tenant.call("connectivity_check", checks=checks, delivery_routes=routes, tls="relaxed").get("failed")
    assert [getattr(check, "tls", "-") for check in probed] == ["relaxed", "-", "relaxed"]


@pytest.mark.parametrize(("connection", "words"), [
    ({**EXCHANGE, "url": "http://mail.example.com/"}, "Server connection 'Exchange': url: it must begin with https://"),
    ({**EXCHANGE, "name": ""}, "Server connection number 1: name: "),
])
def test_a_connection_that_is_wrong(tenant: Tenant, connection: dict[str, Any], words: str) -> None:
    result = tenant.call("connectivity_check", server_connections=[connection])
    assert result["failed"] and words in result["msg"] and "s3cret" not in result["msg"]


def test_a_list_without_a_check_is_said(tenant: Tenant) -> None:
    assert tenant.call("connectivity_check", checks=[])["warnings"] == ["Nothing was checked: checks is empty"]
    assert "warnings" not in tenant.call("connectivity_check", checks=[], server_connections=[OFFICE]), "nobody but the service can look at it"


def test_a_port_in_the_host_name_is_explained(tenant: Tenant) -> None:
    (verdict,) = tenant.call("connectivity_check", checks=[{"host": "mx1.example.com:25"}])["verdicts"]
    assert (verdict["code"], "a port has an option of its own" in verdict["message"]) == ("host_name_invalid", True)


def test_a_secret_under_a_misspelt_name_is_not_shown() -> None:
    assert secrets_in(_connectivity.JOB.argument_spec, {"clientsecret": "s3cret", "checks": [{"host": "a", "pasword": "p4ss", "prt": 25}]}) >= {"s3cret"}


def test_a_password_in_a_url_is_not_shown() -> None:
    spec = _connectivity.JOB.argument_spec
    checks = [{"type": "ews", "url": "https://svc:s3cret@mail.example.com/EWS"}, {"type": "ews", "url": "https://mail.example.com:443/a@b"}]
    assert secrets_in(spec, {"checks": checks}) == {"s3cret"}


def domains(tenant: Tenant, kind: str, *names: str, **options: Any) -> dict[str, Any]:
    wanted = [{"name": name, "inbound_type": kind} for name in names]
    return tenant.call("mimecast_tenant", domains=wanted, **{"require_recipients": True, **options})


def test_domains_change_only_where_somebody_is_known(tenant: Tenant) -> None:
    assert domains(tenant, "any", "example.com", "example.org")["changed"], "nobody has to be known for any address"
    tenant.requests()
    result = domains(tenant, "ldap", "example.com", "example.org")
    assert result["failed"] and tenant.requests(writes=True) == []
    assert result["msg"].startswith(
        "Nothing was changed: domain 'example.com' (inbound_type ldap) and domain 'example.org' (inbound_type ldap) would lose all mail")
    # Users of the same document are known before its domains change.
    assert domains(tenant, "known", "example.com", users=[USER])["changed"]
    assert domains(tenant, "ldap", "example.com")["changed"], "one who is known already counts"
    assert domains(tenant, "known", "example.com", "example.org", require_recipients=False)["changed"]


def test_only_a_change_is_asked_about(tenant: Tenant) -> None:
    domains(tenant, "known", "example.com", "example.org", require_recipients=False)
    tenant.requests()
    assert domains(tenant, "known", "example.com", "example.org")["changed"] is False
    assert [one["operation"] for one in tenant.requests()] == ["listInternalDomains"]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_directory, "PAUSE", 0.05)


def test_tests_come_before_a_synchronisation(tenant: Tenant, patient: None) -> None:
    tenant.call("mimecast_directory_connector", type="active_directory", **DIRECTORY)
    tenant.call("mimecast_directory_connector", type="microsoft_365", name="Cloud", tenant_domain="example.onmicrosoft.com")
    tenant.requests()
    for check in (True, False):
        result = tenant.call("mimecast_directory_sync", check, test=True)
        assert result["failed"] and result["msg"].startswith("No synchronisation was started: tests of the service fail for A (connectivity, ")
        assert [one["connector"] for one in result["tests"]] == ["A", "Cloud"]
    assert tenant.requests(writes=True) == []
    assert tenant.call("mimecast_directory_sync")["changed"], "without the tests it is started"


def test_tests_without_a_synchronisation(tenant: Tenant) -> None:
    tenant.call("mimecast_directory_connector", type="google_workspace", name="G", user="admin@example.com", key="k")
    tenant.requests()
    result = tenant.call("mimecast_directory_sync", test=True, start=False, wait=True)
    assert (result["changed"], result["status"], result["msg"]) == (False, "not_started", "No synchronisation was started")
    assert {test["verdict"] for one in result["tests"] for test in one["tests"]} == {"ok"} and tenant.requests(writes=True) == []
