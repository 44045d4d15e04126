# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and their import (API notes, section 4)."""

from __future__ import annotations

import json
import re
import time

import pytest
from conftest import CODE

USERS = "/user/cloud-gateway/v1/users"
LEGACY = "/api/user"
GROUPS = "/directory/cloud-gateway/v1/groups"
FORBIDDEN = "err_xdk_operation_forbidden_for_address"
HEADING = "email,name,mobile\n"


@pytest.fixture(autouse=True)
def own_domain(box, api):
    box.insert(CODE, "internal_domains", {"domain": "example.com"})


def legacy(api, what, *items, meta=None):
    body = {"data": list(items), **({"meta": meta} if meta else {})}
    reply = api.call("POST", f"{LEGACY}/{what}", body)
    assert reply.status == 200, reply
    return reply.json


def codes(answer):
    return [error["code"] for entry in answer["fail"] for error in entry["errors"]]


def upload(api, text, media="text/csv", **settings):
    argument = {"x-mc-arg": json.dumps({"data": [settings]}), "Content-Type": media}
    return api.send("POST", f"{LEGACY}/import-users", text.encode(), {**api.headers, **argument})


def status(api, job):
    (found,) = legacy(api, "get-import-status", {"id": job})["data"]
    return found


def imported(api, text, **settings):
    """The status of an import that has ended."""
    (job,) = upload(api, text, **settings).json["data"]
    while True:
        found = status(api, job["id"])
        if found["status"] == "completed":
            return found
        time.sleep(0.01)


def addresses(api):
    return [user["emailAddress"] for user in api.get(f"{USERS}?pageSize=100").json["users"]]


def new_group(box, api, *members):
    (ref,) = box.insert(CODE, "groups", {"description": "Sales"})
    box.insert(CODE, "group_members", [{"groupId": ref, "emailAddress": member} for member in members])
    return api.get(GROUPS).json["groups"][0]["id"]


def in_group(box):
    return [member["emailAddress"] for member in box.objects(CODE, "group_members")]


def test_create_and_list(box, api):
    body = {"emailAddress": "Ann@example.com", "name": "Ann", "password": "secret-1", "forcePasswordChange": True}
    reply = api.call("POST", USERS, body)
    assert (reply.status, list(reply.json)) == (201, ["id"])
    (user,) = api.get(USERS).json["users"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000", user.pop("createdDateTime"))
    del user["updatedDateTime"]
    assert user == {
        "id": reply.json["id"],
        "emailAddress": "Ann@example.com",
        "name": "Ann",
        "domain": "example.com",
        "type": "created_manually",
        "addressType": "user",
        "isAlias": False,
        "internal": True,
        "disabled": False,
    }
    assert box.objects(CODE, "users")[0]["password"] == "secret-1"


@pytest.mark.parametrize(
    ("body", "http", "error"),
    [
        ({"name": "x"}, 400, ("err_validation_null", "emailAddress")),
        ({"emailAddress": "nobody"}, 400, ("err_validation", "emailAddress")),
        ({"emailAddress": "a@example.org"}, 400, (FORBIDDEN, "emailAddress")),
        ({"emailAddress": "ANN@example.com"}, 409, ("err_user_already_exists", "emailAddress")),
        ({"emailAddress": "b@example.com", "mobile": "1"}, 400, ("err_validation_unknown_field", "mobile")),
    ],
)
def test_create_refused(box, api, body, http, error):
    box.insert(CODE, "users", {"emailAddress": "ann@example.com"})
    reply = api.call("POST", USERS, body)
    assert (reply.status, reply.error) == (http, error)
    answer = legacy(api, "create-user", body)
    assert (answer["data"], codes(answer)) == ([], [error[0]])


def test_legacy_create_and_update(box, api):
    ann = {"emailAddress": "ann@example.com", "password": "secret-1"}
    answer = legacy(api, "create-user", {**ann, "accountCode": CODE}, ann, {**ann, "accountCode": "CEU2"})
    assert [item["emailAddress"] for item in answer["data"]] == ["ann@example.com"]
    assert codes(answer) == ["err_user_already_exists", "err_validation_value_not_allowed"]
    assert "secret-1" not in json.dumps(answer)
    change = {"emailAddress": "ANN@example.com", "name": "Ann", "accountDisabled": True}
    others = {"emailAddress": "b@example.com", "name": "B"}, {"emailAddress": "ann@example.com"}
    answer = legacy(api, "update-user", change, *others)
    assert answer["data"] == [{"id": answer["data"][0]["id"], "emailAddress": "ann@example.com"}]
    assert codes(answer) == [FORBIDDEN, "err_validation_at_least_one_not_null"]
    (user,) = api.get(USERS).json["users"]
    assert (user["name"], user["disabled"]) == ("Ann", True)
    assert codes(legacy(api, "update-user", *[change] * 6)) == ["err_validation"]
    assert box.objects(CODE, "users")[0]["emailAddress"] == "ann@example.com"


def test_users_of_a_domain(box, api):
    rows = [{"emailAddress": f"u{n}@{('Example.com', 'example.org')[n % 2]}"} for n in range(10)]
    box.insert(CODE, "users", rows)
    box.insert(CODE, "users", {"emailAddress": "x@sub.example.com", "alias": True, "name": "X"})
    (everyone,) = legacy(api, "get-internal-users")["data"]
    assert len(everyone["users"]) == 11
    assert everyone["users"][-1] == {
        "emailAddress": "x@sub.example.com",
        "addressType": "user",
        "alias": True,
        "name": "X",
    }
    found, paging = [], {"pageSize": 2}
    while paging:
        answer = legacy(api, "get-internal-users", {"domain": "EXAMPLE.com"}, meta={"pagination": paging})
        found += [user["emailAddress"] for user in answer["data"][0]["users"]]
        assert answer["meta"]["pagination"]["totalCount"] == 5
        token = answer["meta"]["pagination"].get("next")
        paging = {"pageSize": 2, "pageToken": token} if token else None
    assert found == [f"u{n}@Example.com" for n in range(0, 10, 2)]
    bad = legacy(api, "get-internal-users", meta={"pagination": {"pageToken": "x"}})
    assert (codes(bad), bad["fail"][0]["errors"][0]["field"]) == (["err_validation"], "meta.pagination.pageToken")


def test_import(box, api):
    box.insert(CODE, "users", {"emailAddress": "old@example.com", "name": "Before", "accountLocked": True})
    text = HEADING + 'new@example.com,"Doe, N",+44 1\nOLD@example.com,After,\n\nnobody,,\nx@example.org,,\n'
    found = imported(api, text, notifyEmailAddress="admin@example.com", fileType="csv")
    assert (found["totalUsers"], found["successfulImportedUsers"]) == (4, 2)
    assert found["notifyEmailAddress"] == "admin@example.com" and "until" not in found
    assert found["reportFile"].splitlines() == [
        "row,email,error",
        "5,nobody,err_validation_invalid_email_address",
        f"6,x@example.org,{FORBIDDEN}",
    ]
    old, new = box.objects(CODE, "users")
    assert (old["emailAddress"], old["name"], old["accountLocked"]) == ("old@example.com", "After", True)
    assert (new["name"], new["mobile"], new["type"]) == ("Doe, N", "+44 1", "created_by_import")


def test_import_takes_time(box, api):
    box.settings(import_duration_ms=300)
    group = new_group(box, api, "old@example.com")
    path = f"{GROUPS}/{group.replace('/', '%2F').replace('+', '%2B')}/members"
    text = HEADING + "a@example.com,A,\nb@example.com,B,\n"
    (job,) = upload(api, text, groupId=group, clearGroup=True).json["data"]
    found = status(api, job["id"])
    assert (found["status"], found["totalUsers"], found["successfulImportedUsers"]) == ("processing", 2, 0)
    assert addresses(api) == []
    assert [m["emailAddress"] for m in api.get(path).json["groupMembers"]] == ["old@example.com"]
    time.sleep(0.35)
    found = status(api, job["id"])
    assert (found["status"], found["successfulImportedUsers"], found["clearGroup"]) == ("completed", 2, True)
    assert found["groupId"] == group
    assert addresses(api) == ["a@example.com", "b@example.com"]
    members = api.get(path).json["groupMembers"]
    assert [(m["emailAddress"], m["name"], m["type"]) for m in members] == [
        ("a@example.com", "A", "created_by_import"),
        ("b@example.com", "B", "created_by_import"),
    ]


@pytest.mark.parametrize(
    ("clear", "members"),
    [(False, ["a@example.com", "old@example.com", "new@example.com"]), (True, ["A@example.com", "new@example.com"])],
)
def test_import_into_a_group(box, api, clear, members):
    box.settings(import_duration_ms=0)
    group = new_group(box, api, "a@example.com", "old@example.com")
    imported(api, HEADING + "A@example.com,,\nnew@example.com,,\n", groupId=group, clearGroup=clear)
    assert in_group(box) == members


@pytest.mark.parametrize(
    ("text", "settings", "code"),
    [
        (HEADING + "a@example.com,A,", {}, "err_validation"),
        ("", {}, "err_validation"),
        ("Email,name,mobile\na@example.com,A,\n", {}, "err_validation"),
        ("name,email\nA,a@example.com\n", {}, "err_validation"),
        (HEADING + "a" * 200_000 + "\n", {}, "err_validation"),
        (HEADING, {"fileType": "xlsx"}, "err_validation_value_not_allowed"),
        (HEADING, {"clearGroup": True}, "err_validation_null"),
        (HEADING, {"groupId": "nonsense"}, "xdk_failure"),
        (HEADING, {"colour": 1}, "err_validation_unknown_field"),
    ],
)
def test_import_refused(box, api, text, settings, code):
    reply = upload(api, text, **settings)
    assert (reply.status, codes(reply.json)) == (200, [code])
    assert box.objects(CODE, "user_imports") == [] == box.objects(CODE, "users")


def test_import_needs_its_header_and_media_type(api):
    plain = {**api.headers, "Content-Type": "text/csv"}
    for header, code in (({}, "err_validation_null"), ({"x-mc-arg": "{"}, "err_deserialise")):
        answer = api.send("POST", f"{LEGACY}/import-users", HEADING, {**plain, **header}).json
        assert (codes(answer), answer["fail"][0]["errors"][0]["field"]) == ([code], "x-mc-arg")
    assert upload(api, HEADING, media="application/octet-stream").status == 415


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"description": "L", "source": "ldap"}, "err_folder_read_only"),
        ({"description": "Permitted senders"}, FORBIDDEN),
    ],
)
def test_import_does_not_write_where_nobody_may(box, api, row, code):
    (ref,) = box.insert(CODE, "groups", row)
    box.insert(CODE, "group_members", {"groupId": ref, "emailAddress": "a@example.com"})
    group = api.get(GROUPS).json["groups"][0]["id"]
    assert codes(upload(api, HEADING, groupId=group, clearGroup=True).json) == [code]
    assert in_group(box) == ["a@example.com"]


def test_status_of_several_imports(api):
    jobs = [upload(api, HEADING + f"u{n}@example.com,,\n").json["data"][0] for n in range(2)]
    answer = legacy(api, "get-import-status", *jobs, {"id": "nonsense"})
    assert ([item["id"] for item in answer["data"]], codes(answer)) == ([job["id"] for job in jobs], ["xdk_failure"])
    assert codes(legacy(api, "get-import-status", *jobs * 6)) == ["err_validation"]


def test_a_large_import(box, api):
    box.settings(import_duration_ms=0)
    group = new_group(box, api)
    rows = "".join(f"u{n}@example.com,User {n},\n" for n in range(2000))
    found = imported(api, HEADING + rows, groupId=group)
    assert (found["totalUsers"], found["successfulImportedUsers"], found["reportFile"]) == (2000, 2000, "")
    assert api.get(GROUPS).json["groups"][0]["userCount"] == 2000
