# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions and policies: shapes, defaults, merging, references (API notes, section 4)."""

from __future__ import annotations

import pytest
from conftest import CODE, ROUTES, one

DEFINITIONS = f"{ROUTES}/definitions"
POLICIES = f"{ROUTES}/policies"
LOGIN = {"authMechanisms": ["LOGIN", "PLAIN"], "username": "relay", "password": "s3cret-pass", "domain": "EXAMPLE"}
FLAT = {"authMechanisms": ["LOGIN", "PLAIN"], "username": "relay", "domain": "EXAMPLE"}
PLAIN = {"description": "HQ", "hostname": "mx.example.com", "port": 25}
EVERYONE = {"type": "everyone"}


def test_single_read_is_flat_without_id_and_password(api):
    made = api.definition(smtpAuthentication=LOGIN)
    reply = api.get(one("definitions", made))
    assert reply.json == {**PLAIN, **FLAT}
    assert b"s3cret-pass" not in reply.raw + api.get(DEFINITIONS).raw


@pytest.mark.parametrize(("shape", "shown"), [("flat", FLAT), ("nested", {"smtpAuthentication": FLAT})])
def test_list_shape(box, api, shape, shown):
    box.settings(list_shape=shape)
    made = api.definition(smtpAuthentication=LOGIN)
    assert api.get(DEFINITIONS).json["definitions"] == [{"id": made, **PLAIN, **shown}]
    assert api.get(one("definitions", made)).json == {**PLAIN, **FLAT}


def test_blank_mechanism(box, api):
    box.settings(blank_auth_mechanism=True)
    made = api.definition(smtpAuthentication=LOGIN)
    assert api.get(one("definitions", made)).json["authMechanisms"] == ["LOGIN", "PLAIN", ""]


def test_names_need_not_be_unique(api):
    first, second = api.definition(), api.definition()
    assert [item["id"] for item in api.get(DEFINITIONS).json["definitions"]] == [first, second]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {**PLAIN, **FLAT}),
        ({"port": 2525}, {**PLAIN, **FLAT, "port": 2525}),
        (
            {"description": "New", "hostname": "192.0.2.1"},
            {"description": "New", "hostname": "192.0.2.1", "port": 25, **FLAT},
        ),
        (
            {"smtpAuthentication": {"authMechanisms": ["PLAIN"], "username": "u", "password": "p"}},
            {**PLAIN, "authMechanisms": ["PLAIN"], "username": "u"},
        ),
        ({"smtpAuthentication": {"authMechanisms": []}}, PLAIN),
    ],
)
def test_patch_definition(api, change, expected):
    made = one("definitions", api.definition(smtpAuthentication=LOGIN))
    assert api.call("PATCH", made, change).status == 204
    assert api.get(made).json == expected


@pytest.mark.parametrize("nothing", ["", None])
def test_alternate_route(api, nothing):
    spare = api.definition("Spare")
    main = one("definitions", api.definition(alternateRouteId=spare))
    assert api.get(main).json["alternateRouteId"] == spare
    api.call("PATCH", main, {"alternateRouteId": nothing})
    assert api.get(main).json == PLAIN


def test_patch_ignores(box, api):
    box.settings(patch_ignores=["port", "to"])
    made = one("definitions", api.definition())
    assert api.call("PATCH", made, {"port": 26, "hostname": "new.example.com"}).status == 204
    assert api.get(made).json == {**PLAIN, "hostname": "new.example.com"}


@pytest.mark.parametrize("key", ["id", "policyId"])
def test_policy_create_answer(box, api, key):
    box.settings(policy_id_key=key)
    body = {"description": "P", "definitionId": api.definition(), "from": EVERYONE, "to": EVERYONE}
    reply = api.call("POST", POLICIES, body)
    assert (reply.status, list(reply.json)) == (201, [key])
    assert api.get(one("policies", reply.json[key])).status == 200


def test_policy_defaults(api):
    definition = api.definition()
    made = api.policy(definition)
    expected = {
        "description": "HQ",
        "definitionId": definition,
        "from": EVERYONE,
        "to": EVERYONE,
        "enabled": True,
        "enforced": False,
        "override": False,
        "bidirectional": False,
        "fromEternal": True,
        "toEternal": True,
        "fromPart": "envelope_from",
        "sourceIPs": [],
    }
    assert api.get(one("policies", made)).json == expected
    assert api.get(POLICIES).json["policies"] == [{"id": made, **expected}]


@pytest.mark.parametrize(
    "target",
    [
        {"type": "internal_addresses"},
        {"type": "external_addresses"},
        {"type": "email_domain", "domain": "any-thing.test"},
        {"type": "individual_email_address", "emailAddress": "a@example.com"},
        {"type": "address_attribute_value", "attribute": {"id": "1", "value": "x"}},
    ],
)
def test_policy_targets(api, target):
    made = api.policy(api.definition(), to=target)
    assert api.get(one("policies", made)).json["to"] == target


def test_group_is_nested_in_reads(box, api):
    box.insert(CODE, "groups", {"description": "Sales"})
    (group,) = api.get("/directory/cloud-gateway/v1/groups").json["groups"]
    made = api.policy(api.definition(), **{"from": {"type": "profile_group", "groupId": group["id"]}})
    assert api.get(one("policies", made)).json["from"] == {
        "type": "profile_group",
        "group": {"id": group["id"], "description": "Sales"},
    }


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"fromDateTime": "2026-01-01"}], {"fromDateTime": "2026-01-01", "fromEternal": False, "toEternal": True}),
        ([{"toDateTime": "2026-02-01"}, {"toEternal": True}], {"fromEternal": True, "toEternal": True}),
        (
            [{"fromDateTime": "2026-01-01", "fromEternal": True}],
            {"fromDateTime": "2026-01-01", "fromEternal": False, "toEternal": True},
        ),
        (
            [{"toDateTime": "2026-02-01"}, {"enabled": False}],
            {"toDateTime": "2026-02-01", "fromEternal": True, "toEternal": False},
        ),
    ],
)
def test_dates_and_eternal_flags(api, steps, expected):
    made = one("policies", api.policy(api.definition()))
    for step in steps:
        assert api.call("PATCH", made, step).status == 204
    answer = api.get(made).json
    assert {name: answer[name] for name in answer if "Eternal" in name or "DateTime" in name} == expected


def test_patch_policy_replaces_targets_whole(api):
    made = one(
        "policies",
        api.policy(api.definition(), to={"type": "email_domain", "domain": "a.test"}, sourceIPs=["192.0.2.0/24"]),
    )
    api.call("PATCH", made, {"to": {"type": "everyone"}, "sourceIPs": [], "override": True})
    answer = api.get(made).json
    assert (answer["to"], answer["sourceIPs"], answer["override"], answer["from"]) == (EVERYONE, [], True, EVERYONE)


def test_missing_references_are_refused(box, api):
    gone = api.definition()
    box.insert(CODE, "groups", {"description": "G"})
    (group,) = api.get("/directory/cloud-gateway/v1/groups").json["groups"]
    api.call("DELETE", one("definitions", gone))
    kept = api.definition()
    cases = [
        ({"definitionId": gone}, "definitionId"),
        ({"definitionId": group["id"]}, "definitionId"),
        ({"from": {"type": "profile_group", "groupId": kept}}, "from.groupId"),
    ]
    for change, field in cases:
        body = {"description": "P", "definitionId": kept, "from": EVERYONE, "to": EVERYONE, **change}
        assert api.call("POST", POLICIES, body).error == ("err_validation", field)
    assert api.call("PATCH", one("definitions", kept), {"alternateRouteId": gone}).error == (
        "err_validation",
        "alternateRouteId",
    )


def test_delete_in_use(box, api):
    spare = api.definition("Spare")
    main = api.definition(alternateRouteId=spare)
    policy = api.policy(main)
    for used in (spare, main):
        reply = api.call("DELETE", one("definitions", used))
        assert (reply.status, reply.error) == (409, ("err_in_use", None))
    box.settings(delete_in_use="allow")
    assert api.call("DELETE", one("definitions", main)).status == 204
    assert api.get(one("policies", policy)).json["definitionId"] == main
    box.settings(delete_in_use="refuse")
    assert [
        api.call("DELETE", one(kind, item)).status for kind, item in (("policies", policy), ("definitions", spare))
    ] == [204, 204]
    assert box.objects(CODE, "delivery_route_policies") == []
