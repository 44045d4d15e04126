# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Envelopes, strict requests, and the contract document itself (API notes, section 2)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import CODE, ROUTES, SANDBOX, one

from mimecast_sandbox import contract
from mimecast_sandbox.contract import Contract
from mimecast_sandbox.errors import legacy_page
from mimecast_sandbox.operations import HANDLERS

DEFINITIONS = f"{ROUTES}/definitions"
ACCOUNT = "/api/account/get-account"
GOOD = {"description": "HQ", "hostname": "mx.example.com", "port": 25}
LOGIN = {"authMechanisms": ["LOGIN"], "username": "u", "password": "p"}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"colour": 1}, "err_validation_unknown_field", "colour"),
        ({"smtpAuthentication": {**LOGIN, "realm": "x"}}, "err_validation_unknown_field", "smtpAuthentication.realm"),
        (
            {"smtpAuthentication": {"authMechanisms": ["LOGIN"], "username": "u"}},
            "err_validation_null",
            "smtpAuthentication.password",
        ),
        (
            {"smtpAuthentication": {**LOGIN, "authMechanisms": [1]}},
            "err_validation",
            "smtpAuthentication.authMechanisms[0]",
        ),
        ({"description": ""}, "err_validation_blank", "description"),
        ({"description": "x" * 256}, "err_validation", "description"),
        ({"description": None}, "err_validation_null", "description"),
        ({"port": 0}, "err_validation", "port"),
        ({"port": 65536}, "err_validation", "port"),
        ({"port": "25"}, "err_validation", "port"),
        ({"port": True}, "err_validation", "port"),
        ({"hostname": ""}, "err_validation_blank", "hostname"),
        ({"hostname": "mx example.com"}, "err_validation", "hostname"),
        ({"hostname": "mäil.example.com"}, "err_validation", "hostname"),
        ({"alternateRouteId": "nonsense"}, "err_validation", "alternateRouteId"),
    ],
)
def test_definition_refused(box, api, change, code, field):
    reply = api.call("POST", DEFINITIONS, {**GOOD, **change})
    assert (reply.status, reply.error) == (400, (code, field))
    assert box.objects(CODE, "delivery_route_definitions") == []


@pytest.mark.parametrize("missing", ["description", "hostname", "port"])
def test_definition_needs(api, missing):
    body = {name: value for name, value in GOOD.items() if name != missing}
    assert api.call("POST", DEFINITIONS, body).error == ("err_validation_null", missing)


@pytest.mark.parametrize("host", ["mx.example.com", "MX", "192.0.2.1", "2001:db8::1", "xn--mil-pla.example"])
def test_hostname_accepted(api, host):
    api.definition(hostname=host)


@pytest.mark.parametrize(
    ("target", "code", "field"),
    [
        ({"type": "nobody"}, "err_validation_value_not_allowed", "to.type"),
        ({}, "err_validation_null", "to.type"),
        ({"type": "email_domain"}, "err_validation_null", "to.domain"),
        ({"type": "email_domain", "domain": "no domain"}, "err_validation", "to.domain"),
        ({"type": "everyone", "domain": "example.com"}, "err_validation_value_not_allowed", "to.domain"),
        ({"type": "profile_group", "groupId": "nonsense"}, "err_validation", "to.groupId"),
        ({"type": "profile_group", "group": {"id": "x"}}, "err_validation_unknown_field", "to.group"),
        ({"type": "individual_email_address", "emailAddress": "nobody"}, "err_validation", "to.emailAddress"),
    ],
)
def test_policy_target_refused(api, target, code, field):
    body = {"description": "P", "definitionId": api.definition(), "from": {"type": "everyone"}, "to": target}
    reply = api.call("POST", f"{ROUTES}/policies", body)
    assert (reply.status, reply.error) == (400, (code, field))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"definitionId": "nonsense"}, "definitionId"),
        ({"sourceIPs": ["192.0.2.1"]}, "sourceIPs[0]"),
        ({"sourceIPs": ["192.0.2.0/24", "x/8"]}, "sourceIPs[1]"),
        ({"fromDateTime": "2026-13-01"}, "fromDateTime"),
        ({"toDateTime": "2026-01-01T00:00:00Z"}, "toDateTime"),
        ({"enabled": "yes"}, "enabled"),
    ],
)
def test_policy_field_refused(api, change, field):
    body = {
        "description": "P",
        "definitionId": api.definition(),
        "from": {"type": "everyone"},
        "to": {"type": "everyone"},
        **change,
    }
    assert api.call("POST", f"{ROUTES}/policies", body).error == ("err_validation", field)


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("pageSize=0", "err_validation", "pageSize"),
        ("pageSize=101", "err_validation", "pageSize"),
        ("pageSize=ten", "err_validation", "pageSize"),
        ("pageSize=5&pageSize=6", "err_validation", "pageSize"),
        ("pagesize=5", "err_validation_unknown_field", "pagesize"),
        ("pageToken=x", "err_validation", "pageToken"),
        ("pageToken=", "err_validation_blank", "pageToken"),
    ],
)
def test_query_refused(api, query, code, field):
    reply = api.get(f"{DEFINITIONS}?{query}")
    assert (reply.status, reply.error) == (400, (code, field))


def test_body_must_be_json(api):
    bad = api.send("POST", DEFINITIONS, "{", {**api.headers, "Content-Type": "application/json"})
    assert (bad.status, bad.error) == (400, ("err_deserialise", None))
    assert api.send("POST", DEFINITIONS, "{}", {**api.headers, "Content-Type": "text/plain"}).status == 415


def test_statuses_of_writes(api):
    path = one("definitions", api.definition())
    patch, delete = api.call("PATCH", path, {"port": 26}), api.call("DELETE", path)
    assert [(r.status, r.raw, "content-length" in r.headers) for r in (patch, delete)] == [(204, b"", False)] * 2


def test_bad_ids_in_paths(box, api):
    good = api.definition()
    group = box.insert(CODE, "groups", {"description": "G"}) and api.get("/directory/cloud-gateway/v1/groups").json
    for cut in (good[:40], good[:-4], "x", good[:60] + "AAAA" + good[64:]):
        reply = api.get(one("definitions", cut))
        assert (reply.status, reply.raw) == (400, b"")
    assert api.get(one("definitions", group["groups"][0]["id"])).error == ("xdk_failure", None)
    api.call("DELETE", one("definitions", good))
    assert api.get(one("definitions", good)).status == 404


@pytest.mark.parametrize("path", [ACCOUNT, "/api/account/get-support-info"])
@pytest.mark.parametrize("body", [None, {}, {"data": []}, {"data": [{}]}, {"meta": {"pagination": {"pageSize": 5}}}])
def test_legacy_reads(api, path, body):
    answer = api.call("POST", path, body)
    assert answer.status == 200 and len(answer.json["data"]) == 1 and answer.json["fail"] == []
    assert answer.json["meta"]["status"] == 200


def test_account_facts(api):
    account = api.call("POST", ACCOUNT).json["data"][0]
    assert (account["accountCode"], account["accountName"], account["region"]) == (CODE, "Example", "eu")
    gateway = api.get("/email/cloud-gateway/v1/gateway-details").json
    assert (gateway["accountCode"], gateway["region"]) == (CODE, "eu") and gateway["outboundHostnames"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"data": [None]}, "err_deserialise"),
        ({"data": None}, "err_deserialise"),
        ({"data": [{"x": 1}]}, "err_validation"),
        ({"page": 1}, "err_validation_unknown_field"),
    ],
)
def test_legacy_failures_have_status_200(api, body, code):
    answer = api.call("POST", ACCOUNT, body)
    assert (answer.status, answer.json["meta"]["status"], answer.json["data"]) == (200, 200, [])
    assert answer.json["fail"][0]["errors"][0]["code"] == code


def test_legacy_lists_are_cut_at_999():
    """No operation of this version is a long legacy list, so the envelope is asked directly."""
    rows = list(range(1200))
    assert len(legacy_page(rows, None, 0, str).body["data"]) == 999
    paged = legacy_page(rows, {"meta": {"pagination": {"pageSize": 500}}}, 1000, str).body
    assert (len(paged["data"]), paged["meta"]["pagination"]) == (200, {"pageSize": 500, "totalCount": 1200})
    assert legacy_page(rows, {"meta": {"pagination": {}}}, 0, str).body["meta"]["pagination"]["next"] == "25"


def test_every_operation_is_served():
    assert set(Contract().operations) == {*HANDLERS, "getToken"}


def test_quick_check_agrees_with_jsonschema():
    """The quick check may only say yes where jsonschema does."""
    values = [
        None,
        True,
        1,
        -1,
        1.5,
        "",
        "x",
        [],
        {},
        [{}],
        {"id": "x"},
        {"id": 1},
        {"id": "x", "y": 1},
        {"policyId": "x"},
        {"errors": []},
        {"errors": [{"code": "a", "message": "b"}]},
        {"groups": [], "meta": {}},
        {"groups": [{"id": "a", "description": "b", "source": "cloud"}], "meta": {"nextPage": "x"}},
        {"groups": [{"id": "a", "description": "b", "source": True}], "meta": {}},
        {"access_token": "x", "token_type": "Bearer", "expires_in": -1},
        {"access_token": "x", "token_type": "Bearer", "expires_in": True},
    ]
    checks = [check for operation in Contract().operations.values() for check in operation.answers.values() if check]
    wrong = [
        (value, check.thorough.schema)
        for check in checks
        for value in values
        if check.quick(value) and not check.thorough.is_valid(value)
    ]
    assert wrong == []
    assert any(check.quick(value) for check in checks for value in values)


def test_docs_list_every_assumption():
    tree = contract.document()
    found = set()

    def walk(node, place):
        if isinstance(node, dict):
            place = node.get("operationId", place)
            texts = node.get("x-assumption", [])
            found.update((place, text) for text in ([texts] if isinstance(texts, str) else texts))
            for value in node.values():
                walk(value, place)

    walk({key: value for key, value in tree.items() if key not in ("paths", "components")}, "all operations")
    walk(tree["paths"], "paths")
    for group in tree["components"]:
        for name, node in tree["components"][group].items():
            walk(node, name)
    page = Path(SANDBOX.parents[1], "docs", "sandbox.md").read_text(encoding="utf-8")
    section = page.split("## Assumptions")[1]
    rows = {tuple(row) for row in re.findall(r"^\| (?!where |---)(.+?) \| (.+?) \|$", section, re.M)}
    assert rows == found
