# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profile groups and their members (API notes, section 4)."""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
from conftest import CODE

from mimecast_sandbox import tenants
from mimecast_sandbox.call import Call
from mimecast_sandbox.operations import HANDLERS
from mimecast_sandbox.state import State

GROUPS = "/directory/cloud-gateway/v1/groups"
LEGACY = "/api/directory"
EXISTS, ABSENT = "err_folder_group_member_already_exists", "err_folder_email_address_not_found"
FORBIDDEN = "err_xdk_operation_forbidden_for_address"


def one(group, what=""):
    return f"{GROUPS}/{quote(group, safe='')}{what}"


def new_group(api, description="Sales", **more):
    reply = api.call("POST", GROUPS, {"description": description, **more})
    assert reply.status == 201, reply
    return reply.json["id"]


def write(api, group, what, *members):
    """The successes of one bulk call."""
    reply = api.call("POST", one(group, what), {"groupMembers": list(members)})
    assert reply.status == 200, reply
    return [result["success"] for result in reply.json["results"]]


def add(api, group, *members):
    return write(api, group, "/members", *members)


def members(api, group):
    return api.get(one(group, "/members?pageSize=100")).json["groupMembers"]


def legacy(api, what, *items, meta=None):
    body = {"data": list(items), **({"meta": meta} if meta else {})}
    reply = api.call("POST", f"{LEGACY}/{what}", body)
    assert reply.status == 200 and reply.json["meta"]["status"] == 200, reply
    return reply.json


def codes(answer):
    return [error["code"] for entry in answer["fail"] for error in entry["errors"]]


def mail(address):
    return {"emailAddress": address}


def domain(name):
    return {"domain": name}


def test_create_and_read(api):
    top = new_group(api)
    below = new_group(api, "EMEA", parentId=top)
    add(api, top, mail("a@example.com"), domain("example.org"))
    expected = {"id": top, "description": "Sales", "source": "cloud", "userCount": 2, "groupCount": 1}
    assert api.get(one(top)).json == expected
    assert api.get(one(below)).json == {
        "id": below,
        "description": "EMEA",
        "source": "cloud",
        "parentId": top,
        "userCount": 0,
        "groupCount": 0,
    }
    assert api.get(GROUPS).json["groups"][0] == expected


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, ("err_validation_null", "description")),
        ({"description": ""}, ("err_validation_blank", "description")),
        ({"description": "x" * 256}, ("err_validation", "description")),
        ({"description": "x", "source": "cloud"}, ("err_validation_unknown_field", "source")),
        ({"description": "x", "parentId": "nonsense"}, ("err_validation", "parentId")),
    ],
)
def test_create_refused(api, body, error):
    reply = api.call("POST", GROUPS, body)
    assert (reply.status, reply.error) == (400, error)


def test_bad_group_ids(api):
    group = new_group(api)
    for what in ("", "/members"):
        reply = api.get(one(group[:40], what))
        assert (reply.status, reply.raw) == (400, b"")
        assert api.get(one(api.definition(), what)).error == ("xdk_failure", None)
    legacy(api, "delete-group", {"id": group})
    assert [api.get(one(group, what)).status for what in ("", "/members")] == [404, 404]


def test_members_are_shown_with_their_domain(box, api):
    box.insert(CODE, "internal_domains", {"domain": "example.com"})
    group = new_group(api)
    assert add(api, group, {**mail("Ann@Example.com"), "note": "CEO"}, domain("example.net")) == [True, True]
    ann = {"emailAddress": "Ann@Example.com", "domain": "example.com", "internal": True, "type": "created_manually"}
    net = {"emailAddress": "", "domain": "example.net", "internal": False, "type": "created_manually"}
    assert members(api, group) == [{**ann, "note": "CEO"}, net]
    box.settings(domain_member_address="domain")
    assert members(api, group)[1]["emailAddress"] == "example.net"
    (listed,) = legacy(api, "get-group-members", {"id": group})["data"]
    assert listed == {"id": group, "groupMembers": [{**ann, "notes": "CEO"}, net]}


def test_members_are_the_same_in_any_case(api):
    group, other = new_group(api), new_group(api, "Other")
    assert add(api, group, mail("a@example.com"), mail("A@example.com"), domain("Example.org")) == [True, False, True]
    assert add(api, group, mail("A@EXAMPLE.COM"), domain("example.ORG"), domain("example.com")) == [False, False, True]
    assert add(api, other, mail("a@example.com")) == [True]
    assert write(
        api, group, "/remove-members", mail("A@Example.Com"), mail("b@example.com"), domain("EXAMPLE.org")
    ) == [
        True,
        False,
        True,
    ]
    assert [m["domain"] for m in members(api, group)] == ["example.com"]
    assert len(members(api, other)) == 1


@pytest.mark.parametrize(
    ("member", "error"),
    [
        ({}, ("err_validation_at_least_one_not_null", "groupMembers[1]")),
        ({"note": "x"}, ("err_validation_at_least_one_not_null", "groupMembers[1]")),
        ({"emailAddress": "a@b.example", "domain": "b.example"}, ("err_validation", "groupMembers[1]")),
        ({"emailAddress": "nobody"}, ("err_validation", "groupMembers[1].emailAddress")),
        ({"emailAddress": ""}, ("err_validation_blank", "groupMembers[1].emailAddress")),
        ({"domain": "no domain"}, ("err_validation", "groupMembers[1].domain")),
        ({"domain": "b.example", "note": "x" * 101}, ("err_validation", "groupMembers[1].note")),
        ({"domain": "b.example", "notes": "x"}, ("err_validation_unknown_field", "groupMembers[1].notes")),
    ],
)
def test_malformed_members_refuse_the_whole_call(box, api, member, error):
    group = new_group(api)
    reply = api.call("POST", one(group, "/members"), {"groupMembers": [mail("good@example.com"), member]})
    assert (reply.status, reply.error) == (400, error)
    assert box.objects(CODE, "group_members") == []


def test_a_note_of_100_characters_fits(api):
    group = new_group(api)
    assert add(api, group, {**domain("example.com"), "note": "ü" * 100}) == [True]
    assert members(api, group)[0]["note"] == "ü" * 100


def test_member_settings(box, api):
    group = new_group(api)
    box.settings(member_refuse=["Bad@example.com", "example.org"], member_batch_limit=3)
    given = (mail("a@example.com"), mail("bad@EXAMPLE.com"), domain("Example.org"))
    assert add(api, group, *given) == [True, False, False]
    reply = api.call("POST", one(group, "/members"), {"groupMembers": [domain(f"d{n}.example") for n in range(4)]})
    assert (reply.status, reply.error) == (400, ("err_validation", "groupMembers"))
    answer = legacy(api, "add-group-member", *({"id": group, **item} for item in (given[1], domain("example.net"))))
    assert codes(answer) == [FORBIDDEN] and [item["domain"] for item in answer["data"]] == ["example.net"]
    assert codes(legacy(api, "add-group-member", *[{"id": group, **domain("x.example")}] * 4)) == ["err_validation"]
    assert [m["domain"] for m in members(api, group)] == ["example.com", "example.net"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"description": "Staff", "source": "ldap"}, "err_folder_read_only"),
        ({"description": "Permitted senders"}, FORBIDDEN),
    ],
)
def test_groups_that_refuse_writes(box, api, row, code):
    (ref,) = box.insert(CODE, "groups", row)
    box.insert(CODE, "group_members", {"groupId": ref, "emailAddress": "a@example.com"})
    group = api.get(GROUPS).json["groups"][0]["id"]
    before = box.objects(CODE, "group_members"), box.objects(CODE, "groups")
    for what in ("/members", "/remove-members"):
        reply = api.call("POST", one(group, what), {"groupMembers": [mail("a@example.com")]})
        assert (reply.status, reply.error) == (400, (code, None))
    assert api.call("POST", GROUPS, {"description": "Below", "parentId": group}).error == (code, None)
    member = {"id": group, **mail("a@example.com")}
    for what, item in (
        ("add-group-member", member),
        ("remove-group-member", member),
        ("update-group", {"id": group, "description": "New"}),
        ("delete-group", {"id": group}),
    ):
        answer = legacy(api, what, item)
        assert (codes(answer), answer["data"], answer["fail"][0]["key"]) == ([code], [], item)
    assert before == (box.objects(CODE, "group_members"), box.objects(CODE, "groups"))
    assert len(members(api, group)) == 1


def test_pages_of_members(box, api):
    first, second = box.insert(CODE, "groups", {"description": "A"}, {"description": "B"})
    rows = [{"groupId": (first, second)[n % 2], "domain": f"d{n}.example"} for n in range(14)]
    box.insert(CODE, "group_members", rows)
    group = api.get(GROUPS).json["groups"][0]["id"]
    found, sizes, token = [], [], ""
    while token is not None:
        answer = api.get(one(group, f"/members?pageSize=3{token and f'&pageToken={quote(token)}'}")).json
        found += [m["domain"] for m in answer["groupMembers"]]
        sizes.append(len(answer["groupMembers"]))
        token = answer["meta"].get("nextPage")
    assert (found, sizes) == ([f"d{n}.example" for n in range(0, 14, 2)], [3, 3, 1])
    seen, paging = [], {"pageSize": 5}
    while paging:
        answer = legacy(api, "get-group-members", {"id": group}, meta={"pagination": paging})
        seen += [m["domain"] for m in answer["data"][0]["groupMembers"]]
        assert answer["meta"]["pagination"]["totalCount"] == 7
        token = answer["meta"]["pagination"].get("next")
        paging = {"pageSize": 5, "pageToken": token} if token else None
    assert seen == found


def test_unpaged_legacy_lists_are_cut_at_999(box, api):
    (ref,) = box.insert(CODE, "groups", {"description": "A"})
    box.insert(CODE, "group_members", [{"groupId": ref, "domain": f"d{n}.example"} for n in range(1200)])
    box.insert(CODE, "groups", [{"description": f"g{n}"} for n in range(1100)])
    (folders,) = api.call("POST", f"{LEGACY}/find-groups").json["data"]
    group = folders["folders"][0]
    assert (len(folders["folders"]), group["userCount"]) == (999, 1200)
    answer = legacy(api, "get-group-members", {"id": group["id"]})
    assert len(answer["data"][0]["groupMembers"]) == 999 and answer["meta"] == {"status": 200}


def test_members_that_lag(box, api):
    group, other = new_group(api), new_group(api, "Other")
    add(api, group, mail("old@example.com"))
    box.faults([{"operation": "*GroupMembers", "after": 0, "times": 2, "kind": "lag", "delay_ms": 300}])
    assert add(api, group, mail("new@example.com")) == [True]
    assert write(api, group, "/remove-members", mail("old@example.com")) == [True]
    assert [m["emailAddress"] for m in members(api, group)] == ["old@example.com"]
    assert members(api, other) == []
    time.sleep(0.35)
    assert [m["emailAddress"] for m in members(api, group)] == ["new@example.com"]


def test_legacy_groups(api):
    answer = legacy(
        api, "create-group", {"description": "A"}, {"description": "B", "parentId": "x"}, {"description": "C"}
    )
    first, third = answer["data"]
    assert first == {"id": first["id"], "description": "A", "source": "cloud", "userCount": 0, "folderCount": 0}
    assert (codes(answer), answer["fail"][0]["key"]) == (["err_validation"], {"description": "B", "parentId": "x"})
    moved = legacy(api, "update-group", {"id": third["id"], "description": "Below", "parentId": first["id"]})["data"][0]
    assert (moved["description"], moved["parentId"]) == ("Below", first["id"])
    for change, code in (
        ({"id": first["id"], "parentId": third["id"]}, "err_validation"),
        ({"id": first["id"], "parentId": first["id"]}, "err_validation"),
        ({"id": first["id"]}, "err_validation_at_least_one_not_null"),
        ({"id": "nonsense", "description": "x"}, "xdk_failure"),
    ):
        assert codes(legacy(api, "update-group", change)) == [code]
    (top,) = legacy(api, "update-group", {"id": third["id"], "parentId": ""})["data"]
    assert "parentId" not in top and top["description"] == "Below"


@pytest.mark.parametrize(
    ("asked", "names"),
    [([], ["Sales", "Presales", "IT"]), ([{"query": "SALES"}], ["Sales", "Presales"]), ([{"source": "ldap"}], ["IT"])],
)
def test_legacy_find_groups(box, api, asked, names):
    rows = [{"description": "Sales"}, {"description": "Presales"}, {"description": "IT", "source": "ldap"}]
    box.insert(CODE, "groups", rows)
    (found,) = legacy(api, "find-groups", *asked)["data"]
    assert [folder["description"] for folder in found["folders"]] == names


def test_delete_group(box, api):
    group = new_group(api)
    child = new_group(api, "Child", parentId=group)
    assert codes(legacy(api, "delete-group", {"id": group})) == ["err_folder_not_empty"]
    add(api, child, domain("example.com"))
    assert codes(legacy(api, "delete-group", {"id": child})) == ["err_folder_not_empty"]
    write(api, child, "/remove-members", domain("example.com"))
    assert legacy(api, "delete-group", {"id": child})["data"] == [{"id": child}]
    api.policy(api.definition(), **{"from": {"type": "profile_group", "groupId": group}})
    assert codes(legacy(api, "delete-group", {"id": group})) == ["err_in_use"]
    box.settings(delete_in_use="allow")
    answer = legacy(api, "delete-group", {"id": group}, {"id": group})
    assert (answer["data"], codes(answer)) == ([{"id": group}], ["err_not_found"])
    assert box.objects(CODE, "groups") == []


def test_legacy_members(api):
    group = new_group(api)
    ann, org = {"id": group, **mail("ann@example.com"), "notes": "CEO"}, {"id": group, **domain("example.org")}
    answer = legacy(api, "add-group-member", ann, org, {**ann, **mail("ANN@example.com")}, {"id": group})
    assert (answer["data"], codes(answer)) == ([ann, org], [EXISTS, "err_validation_at_least_one_not_null"])
    assert [m.get("note") for m in members(api, group)] == ["CEO", None]
    gone = {"id": group, **domain("EXAMPLE.org")}
    answer = legacy(api, "remove-group-member", gone, gone)
    assert (answer["data"], codes(answer), answer["fail"][0]["key"]) == ([gone], [ABSENT], gone)


def timed(state, operation, params=None, query=None, body=None):
    """(CPU seconds of the check, the work and the answer, the answer)."""
    row = state.contract.operations[operation]
    started = time.process_time()
    if row.request and body:
        row.check_request(body)
    answer = HANDLERS[operation](Call(state, row, params or {}, query or {}, {}, body, CODE, CODE))
    assert row.check_answer(answer.status, answer.body) is None
    json.dumps(answer.body)
    return time.process_time() - started, answer.body


def test_20000_members_and_users_stay_fast():
    """In this process and in CPU time, as in test_lists."""
    state = State()
    tenants.add_tenant(state, {"account_code": CODE, "client_id": "a", "client_secret": "b", "groups": ["G"]})
    ((group, _body),) = state.store.rows(CODE, "groups")
    size = 20_000
    tenants.insert(
        state, CODE, "group_members", [{"groupId": group, "emailAddress": f"u{n}@example.com"} for n in range(size)]
    )
    tenants.insert(state, CODE, "users", [{"emailAddress": f"u{n}@d{n // 15_000}.example"} for n in range(size)])
    path = {"group_id": state.ids.encode(4, group)}
    middle = state.ids.encode(0, group + size - 150)
    last_domain = {"data": [{"domain": "d1.example"}], "meta": {"pagination": {"pageSize": 100}}}
    for operation, params, query, body in (
        ("listGroupMembers", path, {"pageSize": 100, "pageToken": middle}, None),
        ("listUsers", {}, {"pageSize": 100, "pageToken": state.ids.encode(0, group + 2 * size - 150)}, None),
        ("legacyGetInternalUsers", {}, {}, last_domain),
        ("listGroups", {}, {}, None),
    ):
        assert min(timed(state, operation, params, query, body)[0] for _run in range(3)) < 0.015, operation
    spent = []
    for batch in range(3):
        fresh = {"groupMembers": [{"domain": f"d{batch}-{n}.example", "note": "partner"} for n in range(500)]}
        seconds, answer = timed(state, "addGroupMembers", path, {}, fresh)
        assert all(result["success"] for result in answer["results"])
        spent.append(seconds)
    assert min(spent) < 0.1
