# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain from registration to internal, with a real DNS, and everything that can stand in its way."""

from __future__ import annotations

import contextlib
import datetime
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import DOMAINS, Tenant

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import domains as _domains
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.domain_texts import moment, mx_check

sys.path.append(str(Path(__file__).resolve().parents[1] / "sandbox"))
from dns_server import Table, dns_server

NEW = "new.example.net"
ONE, TWO = "eu-smtp-inbound-1.mimecast.com.", "eu-smtp-inbound-2.mimecast.com."


def domain(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_domain", check, **{"name": NEW, **options})


def stored(tenant: Tenant, name: str = NEW) -> tuple[str, str | None]:
    """State and inbound type, seen from behind."""
    for state, kind in (("internal", "internal_domains"), ("pending", "pending_domains")):
        for row in tenant.objects(kind):
            if row["domain"] == name:
                return state, row["inboundType"]
    return "absent", None


def in_days(days: float) -> str:
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S%z")


def expire(tenant: Tenant, days: float) -> None:
    tenant.sandbox.patch(tenant.code, "pending_domains", tenant.objects("pending_domains")[0]["ref"], expiryDateTime=in_days(days))


@pytest.fixture
def table(tenant: Tenant) -> Iterator[Table]:
    """The records of a DNS that the service asks."""
    records: Table = {}
    stack = contextlib.ExitStack()
    tenant.sandbox.settings(resolver=stack.enter_context(dns_server(records)))
    yield records
    stack.close()


def test_from_absent_to_internal(tenant: Tenant, table: Table) -> None:
    """Each step predicted by check mode, except what only the DNS knows."""
    predicted = domain(tenant, True, inbound_type="any")
    assert predicted["domain"] == {"name": NEW, "state": "pending", "inbound_type": "any"} and predicted["record"] == {}
    assert stored(tenant) == ("absent", None)
    made = domain(tenant, inbound_type="any", verify=True)
    assert [made[part] == predicted[part] for part in ("changed", "changes", "diff", "domain")] == [True] * 4, made
    token = tenant.objects("pending_domains")[0]["token"]
    assert made["record"] == {"name": NEW, "type": "TXT", "value": token, "expires": tenant.objects("pending_domains")[0]["expiryDateTime"]}
    assert not made["verification"]["verified"] and "Publish a TXT record 'new.example.net' with the value '{0}'".format(token) in \
        made["verification"]["message"]
    assert domain(tenant, inbound_type="any")["changed"] is False
    table[NEW, "txt"] = ['"{0}"'.format(token)]
    tenant.requests()
    checked = domain(tenant, True, verify=True)
    assert checked["changed"] is False and "check mode" in checked["verification"]["message"] and tenant.requests(writes=True) == []
    verified = domain(tenant, verify=True)
    assert verified["changed"] and verified["verification"]["verified"] and verified["record"] == {}
    assert verified["diff"] == {"before": {"domain 'new.example.net'": {"state": "pending"}}, "after": {"domain 'new.example.net'": {"state": "internal"}}}
    assert verified["domain"] == {"name": NEW, "state": "internal", "inbound_type": "any"}
    again = domain(tenant, verify=True, renew_token=True, state="present")
    assert again["changed"] is False and again["verification"]["verified"] and again["api"]["requests"] == 2  # with the token


def test_the_recipient_check_of_a_pending_domain_comes_with_its_verification(tenant: Tenant, table: Table) -> None:
    token = domain(tenant, inbound_type="known")["record"]["value"]
    assert domain(tenant, inbound_type="ldap")["changed"] is False
    table[NEW, "txt"] = ['"{0}"'.format(token)]
    assert domain(tenant, inbound_type="ldap", verify=True)["domain"]["inbound_type"] == "ldap"
    assert stored(tenant) == ("internal", "ldap")


@pytest.mark.parametrize("name, canonical", [("NEW.Example.NET.", NEW), ("B\u00fccher.example.net", "xn--bcher-kva.example.net")])
def test_spellings_of_one_domain(tenant: Tenant, name: str, canonical: str) -> None:
    assert domain(tenant, name=name)["domain"]["name"] == canonical
    assert domain(tenant, name=canonical)["changed"] is False and domain(tenant, name=name, state="absent")["changed"]
    assert stored(tenant, canonical)[0] == "absent"


def test_a_subdomain_is_internal_at_once(tenant: Tenant) -> None:
    predicted = domain(tenant, True, name="sub.example.com", inbound_type="ldap", verify=True)
    made = domain(tenant, name="sub.example.com", inbound_type="ldap", verify=True)
    assert made["domain"] == predicted["domain"] == {"name": "sub.example.com", "state": "internal", "inbound_type": "ldap"}
    assert made["diff"] == predicted["diff"] and made["changes"] == predicted["changes"] and made["record"] == {}
    assert predicted["verification"]["verified"] and made["verification"]["verified"]


@pytest.mark.parametrize("name", ["taken.test", "sub.taken.test"])
def test_a_domain_of_another_account(tenant: Tenant, name: str) -> None:
    Tenant(tenant.sandbox, internal_domains=["taken.test"])
    result = domain(tenant, name=name)
    assert result["failed"] and not result["changed"] and result["changes"] == []
    assert result["msg"].startswith("Cannot register domain '{0}'".format(name)) and "ask the support of the service to release it" in result["msg"]


def test_removal(tenant: Tenant) -> None:
    domain(tenant, inbound_type="any")
    for check in (True, False):
        result = domain(tenant, check, state="absent")
        assert result["changed"] and result["domain"] == {} and result["record"] == {}
        assert result["diff"]["before"] == {"domain 'new.example.net'": {"name": NEW, "state": "pending", "inbound_type": "any"}}
    assert stored(tenant)[0] == "absent" and domain(tenant, state="absent")["changed"] is False


@pytest.mark.parametrize("check", [True, False])
def test_an_internal_domain_stays(tenant: Tenant, check: bool) -> None:
    tenant.requests()
    result = domain(tenant, check, name="example.com", state="absent")
    assert result["failed"] and "no call of the API removes an internal domain. Nothing was changed" in result["msg"]
    assert "console, or ask the support" in result["msg"] and tenant.requests(writes=True) == []


def test_exists_means_internal(tenant: Tenant) -> None:
    assert "none of that name" in domain(tenant, state="exists")["msg"]
    token = domain(tenant)["record"]["value"]
    pending = domain(tenant, state="exists")
    assert pending["failed"] and "it is pending and not internal yet" in pending["msg"] and token in pending["msg"]
    assert domain(tenant, name="Example.COM.", state="exists", inbound_type="known")["changed"] is False
    assert "inbound_type is 'known' instead of 'any'" in domain(tenant, name="example.com", state="exists", inbound_type="any")["msg"]


@pytest.mark.parametrize("days, renewed", [(-1, True), (6, True), (8, False)])
def test_codes_that_are_renewed(tenant: Tenant, days: float, renewed: bool) -> None:
    domain(tenant)
    expire(tenant, days)
    old = tenant.objects("pending_domains")[0]["expiryDateTime"]
    assert domain(tenant)["changed"] is False
    predicted, real = domain(tenant, True, renew_token=True), domain(tenant, renew_token=True)
    assert real["changed"] is renewed and real["diff"] == predicted["diff"] and real["changes"] == predicted["changes"]
    assert (real["record"]["expires"] != old) is renewed and domain(tenant, renew_token=True)["changed"] is False
    assert domain(tenant, renew_token=True, renew_days=29)["changed"] is not renewed


def test_a_date_in_an_unknown_form_is_not_judged(tenant: Tenant) -> None:
    domain(tenant)
    tenant.sandbox.patch(tenant.code, "pending_domains", tenant.objects("pending_domains")[0]["ref"], expiryDateTime="soon")
    result = domain(tenant, renew_token=True)
    assert result["changed"] is False and "does not tell in a known form" in result["warnings"][0]


def test_an_expired_code_is_said(tenant: Tenant, table: Table) -> None:
    domain(tenant)
    expire(tenant, -1)
    found = domain(tenant, verify=True)["verification"]
    assert "The code has expired: set renew_token" in found["message"] and "err_domain_token_expired" in found["answer"]


def test_waiting_for_a_record(tenant: Tenant, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_domains, "PAUSE", 0.1)
    token = domain(tenant)["record"]["value"]
    table["other.example.net", "txt"] = ['"x"']
    late = domain(tenant, verify=True, wait_timeout=1)
    assert late["failed"] and not late["changed"] and "still pending after 1 s" in late["msg"] and token in late["msg"]
    asked = [one for one in tenant.requests() if one["operation"] == "verifyPendingDomains"]
    assert len(asked) > 2
    timer = threading.Timer(0.3, lambda: table.update({(NEW, "txt"): ['"{0}"'.format(token)]}))
    timer.start()
    found = domain(tenant, verify=True, wait_timeout=10)
    timer.join()
    assert found["verification"]["verified"] and stored(tenant)[0] == "internal"


def test_what_was_written_before_an_error_is_told(tenant: Tenant, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_domains, "PAUSE", 0.1)
    result = domain(tenant, verify=True, wait_timeout=1)
    assert result["failed"] and result["changed"] and result["changes"] == [{"action": "create", "kind": "domains", "name": NEW}]


MX = {
    "mx_ok": [f"10 {ONE}", f"10 {TWO}"], "mx_missing": [], "mx_single_host": [f"10 {ONE}"], "mx_priority_mismatch": [f"10 {ONE}", f"20 {TWO}"],
    "mx_invalid_priority": [f"40000 {ONE}", f"40000 {TWO}"], "mx_non_mimecast": [f"10 {ONE}", "20 mx.example.com."], "mx_error": None,
}


@pytest.mark.parametrize("shape", ["results", "domains", "list"])
@pytest.mark.parametrize("status", MX)
def test_mx_records(tenant: Tenant, table: Table, status: str, shape: str) -> None:
    tenant.sandbox.settings(mx_verify_shape=shape, **({} if MX[status] is not None else {"resolver": None}))
    table["example.com", "mx" if MX[status] else "a"] = MX[status] or ["192.0.2.1"]
    tenant.requests()
    for check in (True, False):
        result = domain(tenant, check, name="example.com", check_mx=True)
        assert result["mx"]["status"] == status and result["changed"] is False and result["api"]["retries"] == 0
        assert result["mx"]["verdict"] in ("ok", "degraded", "failed", "unknown") and len(result["mx"]["message"]) > 40
        assert len(result["mx"]["records"]) == len(MX[status] or [])
    assert tenant.requests(writes=True) == []


def test_mx_of_what_is_not_internal(tenant: Tenant) -> None:
    for check in (True, False):
        assert "this one is pending" in domain(tenant, check, check_mx=True)["mx"]["message"]
    assert "verifyInternalDomainsMx" not in {one["operation"] for one in tenant.requests()}


@pytest.mark.parametrize("answer, verdict, words", [
    ({"status": "mx_ok", "mxRecords": []}, "ok", "nothing is to be done"),
    ({"results": [{"status": "mx_ok", "domain": "other.test"}]}, "unknown", "says nothing about this domain"),
    ({"results": [{"status": "mx_new", "domain": "A.test"}]}, "unknown", "'mx_new', a word that is not published"),
    ({}, "unknown", "says nothing"),
])
def test_answers_in_other_forms(answer: dict[str, Any], verdict: str, words: str) -> None:
    found = mx_check(answer, "a.test")
    assert found["verdict"] == verdict and words in found["message"]


@pytest.mark.parametrize("text, hour", [
    ("2030-01-31T09:00:00+0000", 9), ("2030-01-31T09:00:00Z", 9), ("2030-01-31T10:00:00.123+01:00", 9), ("2030-01-31T09:00:00", 9),
    ("31.1.2030", None), (None, None),
])
def test_times_of_the_service(text: str | None, hour: int | None) -> None:
    found = moment(text)
    assert (found.astimezone(datetime.timezone.utc).hour if found else None) == hour


@pytest.mark.parametrize("options, words", [
    ({"name": "no domain"}, "it is not a domain name such as example.com"),
    ({"name": "@example.com"}, "write the domain without @"),
    ({"state": "exists", "verify": True}, "state exists does not go with verify"),
    ({"state": "absent", "verify": True, "renew_token": True, "check_mx": True}, "state absent does not go with verify and renew_token and check_mx"),
    ({"wait_timeout": 5}, "needs verify"),
    ({"wait_timeout": -1, "verify": True}, "it must be a number of seconds"),
    ({"renew_days": 30, "renew_token": True}, "give a number from 1 to 29"),
    ({"inbound_type": "all"}, "value of inbound_type must be one of: any, smtp, ldap, known, backup_mx, smtp_null"),
])
def test_options_that_make_no_sense(tenant: Tenant, options: dict[str, Any], words: str) -> None:
    result = domain(tenant, **options)
    assert result["failed"] and words in result["msg"], result
    assert tenant.requests() == []


FAULTS = [{"kind": "drop_before"}, {"kind": "drop_after"}, {"kind": "cut_body"}, {"kind": "status", "status": 503}]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["kind"])
@pytest.mark.parametrize("operation, options", [
    ("createPendingDomain", {}), ("deletePendingDomain", {"state": "absent"}), ("generatePendingDomainToken", {"renew_token": True}),
    ("verifyPendingDomains", {"verify": True}),
])
def test_lost_answers(tenant: Tenant, table: Table, quick: None, operation: str, options: dict[str, Any], fault: dict[str, Any]) -> None:
    """The run reaches its end, or a sentence after which another run does; never a second registration."""
    if options:
        table[NEW, "txt"] = ['"{0}"'.format(domain(tenant)["record"]["value"])]
        expire(tenant, 3)
    tenant.sandbox.faults([{"operation": operation, "times": 1, **fault}])
    first = domain(tenant, **options)
    tenant.sandbox.clear_faults()
    assert not first.get("failed") or "run again" in first["msg"], first
    assert not domain(tenant, **options).get("failed")
    assert domain(tenant, **options)["changed"] is False
    assert stored(tenant)[0] == {"createPendingDomain": "pending", "deletePendingDomain": "absent",
                                 "generatePendingDomainToken": "pending", "verifyPendingDomains": "internal"}[operation]
    assert len(tenant.objects("pending_domains")) <= 1


def test_a_registration_that_shows_late(tenant: Tenant) -> None:
    tenant.sandbox.faults([{"operation": "createPendingDomain", "kind": "lag", "delay_ms": 700}])
    assert domain(tenant)["domain"]["state"] == "pending"


@pytest.mark.parametrize("operation, options, words", [
    ("createPendingDomain", {}, "Cannot register domain 'new.example.net'"),
    ("verifyPendingDomains", {"verify": True}, "Cannot verify domain 'new.example.net'"),
    ("listPendingDomains", {}, "Cannot read pending domains"),
    ("verifyInternalDomainsMx", {"name": "example.com", "check_mx": True}, "Cannot check the MX records of domain 'example.com'"),
])
def test_a_missing_permission(tenant: Tenant, operation: str, options: dict[str, Any], words: str) -> None:
    tenant.sandbox.faults([{"operation": operation, "kind": "status", "status": 403, "times": 9}])
    result = domain(tenant, **options)
    assert result["failed"] and words in result["msg"] and "domainmanagement" in result["msg"], result
    assert result["changed"] is (operation == "verifyPendingDomains")
    assert tenant.connection["client_secret"] not in json.dumps(result)


def test_two_pending_ones_of_one_name(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, "pending_domains", {"domain": NEW}, {"domain": NEW})
    result = domain(tenant)
    assert result["failed"] and "the tenant has 2 pending ones of that name" in result["msg"]


def test_policies_see_internal_domains_only(tenant: Tenant) -> None:
    domain(tenant)
    route = {"name": "R", "hostname": "mx.example.net", "policies": [{"name": "P", "to": {"type": "domain", "domain": NEW}}]}
    assert NEW in tenant.route(**route)["msg"]
    assert [item["name"] for item in tenant.call("mimecast_info", gather_subset=["domains"])["domains"]] == DOMAINS


def test_the_document_changes_internal_domains_and_no_others(tenant: Tenant) -> None:
    domain(tenant)
    tenant.requests()
    for name in (NEW, "absent.example"):
        result = tenant.call("mimecast_tenant", domains=[{"name": name, "inbound_type": "any"}])
        assert result["failed"] and "Register it with the module mimecast_domain" in result["msg"] and not result["changed"]
    assert tenant.requests(writes=True) == []
    result = tenant.call("mimecast_tenant", domains=[{"name": "B\u00dcCHER.example", "inbound_type": "backup_mx"}])
    assert result["changed"] and stored(tenant, "xn--bcher-kva.example") == ("internal", "backup_mx")
    assert "value of state must be one of: present, exists" in tenant.call(
        "mimecast_tenant", domains=[{"name": "example.com", "state": "absent"}])["msg"]
