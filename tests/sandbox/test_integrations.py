# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directory integrations of three types, their list, and synchronisation (API notes, section 4)."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest
from conftest import CODE

ALL = "/directory/cloud-gateway/v1/integrations"
SYNC = f"{ALL}/sync-requests"
AD = {"description": "AD", "hostname": "dc1.example.com", "userDn": "cn=sync", "password": "s3cret-pass", "rootDn": "dc=x"}
GOOGLE = {"description": "Google", "user": "admin@example.com", "key": '{"private_key": "s3cret-pass"}'}
M365 = {"description": "M365", "tenantDomain": "example.onmicrosoft.com"}
BODIES = {"active-directory": AD, "google": GOOGLE, "m365": M365}
KINDS = {name: f"{name.replace('-', '_')}_integrations" for name in BODIES}
DEFAULTS = {
    "domains": [],
    "acknowledgeDisabledAccounts": False,
    "enabled": True,
    "maxUnlink": 10,
    "deleteUsers": False,
    "syncRunning": False,
}
OWN = {
    "active-directory": {"port": 636, "encryptionMode": "strict", "syncContacts": False, "status": "ok"},
    "google": {"status": "ok"},
    "m365": {"serverSubtype": "standard", "syncGuestUsers": False, "syncContacts": False},
}
ONE_OF_EACH = pytest.mark.parametrize("kind", BODIES)


def create(api, kind, **more):
    reply = api.call("POST", f"{ALL}/{kind}", {**BODIES[kind], **more})
    assert reply.status == 201, reply
    return f"{ALL}/{kind}/{quote(reply.json['id'], safe='')}"


def names(api):
    return [item.get("description") for item in api.get(ALL).json["integrations"]]


@ONE_OF_EACH
def test_read_has_no_id_and_no_secret(box, api, kind):
    path = create(api, kind)
    reply = api.get(path)
    public = {name: value for name, value in BODIES[kind].items() if name not in ("password", "key")}
    assert reply.json == {**public, **DEFAULTS, **OWN[kind]}
    assert b"s3cret-pass" not in reply.raw + api.get(ALL).raw + api.call("POST", "/api/directory/get-connection").raw
    (stored,) = box.objects(CODE, KINDS[kind])
    assert BODIES[kind].items() <= stored.items()


@ONE_OF_EACH
def test_patch_and_delete(box, api, kind):
    path = create(api, kind, info="old")
    assert api.call("PATCH", path, {"info": "new", "enabled": False}).status == 204
    answer = api.get(path).json
    assert (answer["info"], answer["enabled"], answer.get("status", "not_active")) == ("new", False, "not_active")
    (stored,) = box.objects(CODE, KINDS[kind])
    assert {**BODIES[kind], "enabled": False}.items() <= stored.items()
    assert [api.call("DELETE", path).status, api.get(path).status, box.objects(CODE, KINDS[kind])] == [204, 404, []]


@ONE_OF_EACH
@pytest.mark.parametrize(
    ("written", "read"),
    [("0", 0), ("10", 10), ("1,000", 1000), ("100,000", 100000), ("unlimited", "unlimited")],
)
def test_max_unlink(api, kind, written, read):
    assert api.get(create(api, kind, maxUnlink=written)).json["maxUnlink"] == read


@pytest.mark.parametrize(
    ("kind", "change", "code", "field"),
    [
        ("m365", {"maxUnlink": "1000"}, "err_validation_value_not_allowed", "maxUnlink"),
        ("m365", {"maxUnlink": 1000}, "err_validation", "maxUnlink"),
        ("m365", {"connectorId": "nonsense"}, "err_validation", "connectorId"),
        ("m365", {"status": "ok"}, "err_validation_unknown_field", "status"),
        ("google", {"syncContacts": True}, "err_validation_unknown_field", "syncContacts"),
        ("google", {"testResults": {}}, "err_validation_unknown_field", "testResults"),
        ("active-directory", {"description": "x" * 121}, "err_validation", "description"),
        ("active-directory", {"encryptionMode": "tls"}, "err_validation_value_not_allowed", "encryptionMode"),
        ("active-directory", {"hostname": ""}, "err_validation_blank", "hostname"),
    ],
)
def test_refused_writes(api, kind, change, code, field):
    path = create(api, kind)
    assert api.call("POST", f"{ALL}/{kind}", {**BODIES[kind], **change}).error == (code, field)
    assert api.call("PATCH", path, change).error == (code, field)


@ONE_OF_EACH
def test_required_fields(api, kind):
    for name in BODIES[kind]:
        body = {key: value for key, value in BODIES[kind].items() if key != name}
        assert api.call("POST", f"{ALL}/{kind}", body).error == ("err_validation_null", name)


def test_optional_hosts_and_connectors_can_be_cleared(box, api):
    (ref,) = box.insert(CODE, "connectors", {})
    (connector,) = api.get("/connector/cloud-gateway/v1/connectors").json["connectors"]
    cloud = create(api, "m365", connectorId=connector["id"])
    assert api.get(cloud).json["connectorId"] == connector["id"]
    assert box.objects(CODE, KINDS["m365"])[0]["connectorId"] == ref
    reply = api.call("DELETE", f"/connector/cloud-gateway/v1/connectors/{quote(connector['id'], safe='')}")
    assert (reply.status, reply.json["errors"][0]["message"]) == (409, "the connector is in use by: M365")
    local = create(api, "active-directory", alternateHostname="dc2.example.com", encryptionMode="none")
    assert api.get(local).json["port"] == 389
    for path, name in ((cloud, "connectorId"), (local, "alternateHostname")):
        assert api.call("PATCH", path, {name: ""}).status == 204
        assert name not in api.get(path).json


def test_list_of_all_types(box, api):
    create(api, "google")
    create(api, "active-directory", enabled=False)
    create(api, "m365")
    items = api.get(ALL).json["integrations"]
    assert [{name: value for name, value in item.items() if name != "id"} for item in items] == [
        {"type": "google", "description": "Google", "enabled": True, "status": "ok"},
        {"type": "active_directory", "description": "AD", "enabled": False, "status": "not_active"},
        {"type": "m365", "description": "M365", "enabled": True},
    ]
    assert api.get(f"{ALL}/m365/{quote(items[2]['id'], safe='')}").json["description"] == "M365"
    box.settings(integrations_shape="opaque")
    assert names(api) == [None, None, None]
    rows = api.call("POST", "/api/directory/get-connection").json["data"]
    assert [(row["id"], row["description"]) for row in rows] == [
        (item["id"], name) for item, name in zip(items, ["Google", "AD", "M365"], strict=True)
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_over_all_types(box, api, size):
    wanted = []
    for number in range(7):
        kind = list(BODIES)[number % 3]
        box.insert(CODE, KINDS[kind], {**BODIES[kind], "description": f"D{number}"})
        wanted.append(f"D{number}")
    seen, token, body = [], "", {"meta": {"pagination": {"pageSize": size}}}
    while token is not None:
        answer = api.get(f"{ALL}?pageSize={size}" + (f"&pageToken={quote(token, safe='')}" if token else "")).json
        assert len(answer["integrations"]) <= size
        seen += [item["description"] for item in answer["integrations"]]
        token = answer["meta"].get("nextPage")
    assert seen == wanted
    legacy = []
    while "pageToken" not in body["meta"]["pagination"] or body["meta"]["pagination"]["pageToken"]:
        answer = api.call("POST", "/api/directory/get-connection", body).json
        legacy += [row["description"] for row in answer["data"]]
        body["meta"]["pagination"]["pageToken"] = answer["meta"]["pagination"].get("next", "")
    assert legacy == wanted


def test_legacy_connection(api):
    create(api, "active-directory", maxUnlink="1,000", domains=["example.com", "example.org"])
    (row,) = api.call("POST", "/api/directory/get-connection", {"data": []}).json["data"]
    assert (row["serverType"], row["maxUnlink"], row["domains"]) == (
        "active_directory",
        "unlink_1000",
        "example.com, example.org",
    )
    assert row["ldapSettings"] == {
        "rootDn": "dc=x",
        "hostname": "dc1.example.com",
        "encryptionMode": "strict",
        "port": 636,
        "userDn": "cn=sync",
    }


def request_sync(api):
    return api.call("POST", SYNC, {"action": "start"}).json


def test_sync_requests(box, api):
    assert request_sync(api) == {"status": "no_integrations_enabled", "mseStatus": None}
    off = create(api, "google", enabled=False)
    assert request_sync(api)["status"] == "no_integrations_enabled"
    path = create(api, "m365")
    box.settings(sync_duration_ms=60_000)
    assert [request_sync(api)["status"] for number in range(2)] == ["sync_requested", "already_in_progress"]
    assert [api.get(one).json["syncRunning"] for one in (path, off)] == [True, False]
    (run,) = box.objects(CODE, "directory_syncs")
    box.patch(CODE, "directory_syncs", run["ref"], endsAt=time.time() - 1)
    answer = api.get(path).json
    assert answer["syncRunning"] is False and answer["lastSyncDateTime"].endswith("+0000")
    assert "lastSyncDateTime" not in api.get(off).json
    box.settings(sync_duration_ms=0)
    assert [request_sync(api)["status"] for number in range(2)] == ["sync_requested"] * 2


def test_execute_sync(box, api):
    def execute():
        return api.call("POST", "/api/directory/execute-sync")

    assert execute().json["data"] == []
    box.settings(execute_sync_504=True, sync_duration_ms=60_000)
    create(api, "m365")
    reply = execute()
    assert (reply.status, reply.raw) == (504, b"")
    assert execute().json["data"] == [{"syncStatus": "already_in_progress", "type": "office_365"}]
    assert request_sync(api)["status"] == "already_in_progress"
    box.delete(CODE, "directory_syncs", box.objects(CODE, "directory_syncs")[0]["ref"])
    box.settings(execute_sync_504=False)
    assert execute().json["data"] == [{"syncStatus": "started", "type": "office_365"}]
