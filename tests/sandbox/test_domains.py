# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains from registration to internal, and what the DNS says (API notes, section 4)."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from conftest import CODE
from dns_server import dns_server

ROOT = "/domain/cloud-gateway/v1"
INTERNAL, PENDING = f"{ROOT}/internal-domains", f"{ROOT}/pending-domains"
ONE, TWO = "eu-smtp-inbound-1.mimecast.com.", "eu-smtp-inbound-2.mimecast.com."
MX_CASES = {
    "ok.test": ([f"10 {ONE}", f"10 {TWO}"], "mx_ok"),
    "zero.test": ([f"0 {ONE}", f"0 {TWO}"], "mx_ok"),
    "offshore.test": (["1 je-smtp-inbound-1.mimecast-offshore.com.", "1 je-smtp-inbound-2.mimecast-offshore.com."], "mx_ok"),
    "single.test": ([f"10 {ONE}"], "mx_single_host"),
    "differ.test": ([f"10 {ONE}", f"20 {TWO}"], "mx_priority_mismatch"),
    "high.test": ([f"40000 {ONE}", f"40000 {TWO}"], "mx_invalid_priority"),
    "other.test": ([f"10 {ONE}", "20 mail.other.test."], "mx_non_mimecast"),
    "smart.test": (["10 eu-smtp-outbound-1.mimecast.com.", f"10 {ONE}"], "mx_non_mimecast"),
    "null.test": (["0 ."], "mx_missing"),
}


def item(where, made):
    return f"{where}/{quote(made, safe='')}"


def register(api, domain, **more):
    return api.call("POST", PENDING, {"domain": domain, **more})


def internal(api):
    return {row["domain"]: row for row in api.get(INTERNAL).json["domains"]}


@pytest.fixture
def own(box, api):
    box.insert(CODE, "internal_domains", {"domain": "example.com"})
    return item(INTERNAL, internal(api)["example.com"]["id"])


def test_internal_domain(api, own):
    assert api.get(own).json == internal(api)["example.com"]
    assert api.call("PATCH", own, {"inboundType": "smtp_null"}).status == 204
    assert api.get(own).json["inboundType"] == "smtp_null"
    for change, error in (
        ({"inboundType": "all"}, ("err_validation_value_not_allowed", "inboundType")),
        ({"inboundType": "any", "local": False}, ("err_validation_unknown_field", "local")),
        ({}, ("err_validation_null", "inboundType")),
    ):
        assert api.call("PATCH", own, change).error == error
    assert api.call("DELETE", own).status == 405


def test_registration(box, api):
    reply = register(api, "New.Test", inboundType="any")
    assert reply.status == 201 and reply.json["domain"] == "new.test"
    assert re.fullmatch("[0-9a-f]{13}", reply.json["token"])
    path = item(PENDING, reply.json["id"])
    assert api.get(path).json == {**reply.json, "inboundType": "any", "local": True, "sendOnly": False}
    assert api.get(PENDING).json["domains"] == [api.get(path).json]
    assert register(api, "new.test").error == ("err_domain_pending", "domain")
    assert (internal(api), box.objects(CODE, "anti_spoofing_policies")) == ({}, [])
    assert [api.call("DELETE", path).status, api.get(path).status, register(api, "new.test").status] == [204, 404, 201]


@pytest.mark.parametrize("domain", ["example.com", "EXAMPLE.com", "taken.test", "sub.taken.test", "a.b.taken.test"])
def test_domains_of_any_account_are_refused(box, api, own, domain):
    box.tenant(code="OTHER", internal_domains=["taken.test"])
    reply = register(api, domain)
    assert (reply.status, reply.error) == (409, ("err_domain_in_use", "domain"))


def test_subdomain_is_internal_at_once(box, api, own):
    reply = register(api, "Sub.Example.com", inboundType="ldap")
    assert reply.status == 201 and set(reply.json) == {"id", "domain"}
    assert internal(api)["sub.example.com"]["inboundType"] == "ldap"
    assert api.get(item(INTERNAL, reply.json["id"])).json["domain"] == "sub.example.com"
    (policy,) = box.objects(CODE, "anti_spoofing_policies")
    assert (policy["option"], policy["from"]) == ("apply", {"type": "email_domain", "domain": "sub.example.com"})
    assert api.get(PENDING).json["domains"] == []


@pytest.mark.parametrize("body", [{"domain": ""}, {"domain": "192.0.2.1"}, {"domain": "x y"}, {}, {"domains": ["a.test"]}])
def test_bad_names(api, body):
    assert api.call("POST", PENDING, body).status == 400


def test_generate_token(box, api):
    token = register(api, "new.test").json["token"]
    (stored,) = box.objects(CODE, "pending_domains")
    box.patch(CODE, "pending_domains", stored["ref"], expiryDateTime="2020-01-01T00:00:00+0000")
    body = {"domains": ["new.test", "other.test"]}
    assert api.call("POST", f"{PENDING}/generate-token", body).json["results"] == [
        {"domain": "new.test", "token": token, "status": "extended"},
        {"domain": "other.test", "status": "failed"},
    ]
    assert box.objects(CODE, "pending_domains")[0]["expiryDateTime"] > "2026"
    for domains in ([], ["a.test"] * 51):
        assert api.call("POST", f"{PENDING}/generate-token", {"domains": domains}).status == 400


def test_verify_reads_the_txt_record(box, api):
    def verify(domain="new.test", **more):
        return api.call("POST", f"{PENDING}/verify", {"domain": domain, **more})

    token = register(api, "new.test").json["token"]
    assert (verify().status, verify().error[0]) == (503, "err_dns_unavailable")
    table = {("new.test", "a"): ["192.0.2.1"]}
    with dns_server(table) as resolver:
        box.settings(resolver=resolver)
        assert verify().error == ("err_domain_not_verified", "domain")
        table["new.test", "txt"] = ['"v=spf1 -all"', f'"x{token}"']
        assert verify().error == ("err_domain_not_verified", "domain")
        table["new.test", "txt"] = ['"v=spf1 -all"', f'"{token[:5]}" "{token[5:]}"']
        (stored,) = box.objects(CODE, "pending_domains")
        box.patch(CODE, "pending_domains", stored["ref"], expiryDateTime="2020-01-01T00:00:00+0000")
        assert verify().error == ("err_domain_token_expired", "domain")
        api.call("POST", f"{PENDING}/generate-token", {"domains": ["new.test"]})
        reply = verify("NEW.test", inboundType="any")
        assert verify().status == 404
    assert reply.json == {**internal(api)["new.test"], "inboundType": "any"}
    assert api.get(PENDING).json["domains"] == []
    (policy,) = box.objects(CODE, "anti_spoofing_policies")
    assert policy["from"]["domain"] == "new.test"
    assert api.get("/policy-management/cloud-gateway/v1/anti-spoofing/policies").status == 200


@pytest.mark.parametrize("shape", ["results", "domains", "list"])
def test_mx_states(box, api, shape):
    table = {(name, "mx"): rows for name, (rows, _state) in MX_CASES.items()} | {("bare.test", "a"): ["192.0.2.1"]}
    wanted = {name: state for name, (_rows, state) in MX_CASES.items()}
    wanted |= {"bare.test": "mx_missing", "none.test": "mx_missing", "broken.test": "mx_error"}
    with dns_server(table, broken="broken.test") as resolver:
        box.settings(resolver=resolver, mx_verify_shape=shape)
        answer = api.call("POST", f"{INTERNAL}/verify", {"domains": list(wanted)}).json
    results = answer if shape == "list" else answer[shape]
    assert {row["domain"]: row["status"] for row in results} == wanted
    assert results[0]["mxRecords"] == [
        {"hostname": "eu-smtp-inbound-1.mimecast.com", "priority": 10},
        {"hostname": "eu-smtp-inbound-2.mimecast.com", "priority": 10},
    ]


def test_mx_without_a_resolver(api):
    reply = api.call("POST", f"{INTERNAL}/verify", {"domains": ["ok.test"]})
    assert reply.json == {"results": [{"domain": "ok.test", "status": "mx_error", "mxRecords": []}]}


def test_dns_records(box, api, own):
    table = {
        ("example.com", "mx"): ["10 mx2.example.com.", "10 mx1.example.com."],
        ("example.com", "txt"): ['"one" "two"', '"v=spf1 -all"'],
        ("example.com", "a"): ["192.0.2.1"],
        ("example.com", "ns"): ["ns.example.com."],
    }
    wanted = {
        "mx": ["10 mx1.example.com", "10 mx2.example.com"],
        "txt": ["onetwo", "v=spf1 -all"],
        "a": ["192.0.2.1"],
        "ns": ["ns.example.com"],
        "aaaa": [],
        "cname": [],
    }
    assert api.get(f"{own}/dns-records/mx").status == 503
    with dns_server(table) as resolver:
        box.settings(resolver=resolver)
        for kind, records in wanted.items():
            reply = api.get(f"{own}/dns-records/{kind}")
            assert reply.json == {"domain": "example.com", "recordType": kind, "records": records}
    assert api.get(f"{own}/dns-records/soa").error == ("err_validation_value_not_allowed", "record_type")


def test_external_domains(box, api):
    box.insert(CODE, "external_domains", {"domain": "partner.test"}, {"domain": "bank.test"})
    answer = api.get(f"{ROOT}/external-domains?pageSize=1").json
    assert [row["domain"] for row in answer["domains"]] == ["partner.test"] and answer["meta"]["nextPage"]
