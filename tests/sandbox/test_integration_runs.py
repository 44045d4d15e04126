# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of integrations: Active Directory against a real LDAP server, the others as control says."""

from __future__ import annotations

import socket
import ssl
import time
from urllib.parse import quote

import pytest
import trustme
from conftest import CODE
from ldap_server import BASE, PASSWORD, USER, ldap

ALL = "/directory/cloud-gateway/v1/integrations"
STAGES = ["connectivity", "egress-connectivity", "certificates", "authentication", "validation", "email"]
HOST = "dc1.example.com"
GOOD = {"description": "AD", "hostname": HOST, "userDn": USER, "password": PASSWORD, "rootDn": BASE}
CLOUD = {
    "google": ({"description": "G", "user": "u", "key": "k"}, ["authentication", "authorisation", "connectivity", "email"]),
    "m365": (
        {"description": "M", "tenantDomain": "example.com"},
        ["authentication", "authorisation", "connectivity", "connector", "email"],
    ),
}


def create(api, kind, body):
    return f"{ALL}/{kind}/{quote(api.call('POST', f'{ALL}/{kind}', body).json['id'], safe='')}"


def outcome(api, path, test):
    reply = api.call("POST", f"{path}/test-{test}")
    assert reply.status == 200, reply
    assert PASSWORD.encode() not in reply.raw
    return reply.json


def tls(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def successes(box, api, port, **change):
    box.address_book({HOST: f"127.0.0.1:{port}"})
    path = create(api, "active-directory", {**GOOD, **change})
    return [outcome(api, path, stage)["success"] for stage in STAGES]


def upto(stage):
    """True for the stages before the one that fails."""
    return [STAGES.index(name) < STAGES.index(stage) for name in STAGES]


@pytest.mark.parametrize("mode", ["strict", "relaxed"])
def test_everything_works_with_tls(box, api, authority, mode):
    with ldap(tls(authority, HOST)) as port:
        assert successes(box, api, port, encryptionMode=mode) == [True] * 6


@pytest.mark.parametrize("name", [HOST, "other.example.com", "127.0.0.1"])
@pytest.mark.parametrize("mode", ["strict", "relaxed"])
def test_bad_certificates(box, api, authority, name, mode):
    issuer = trustme.CA() if name == HOST else authority
    with ldap(tls(issuer, name)) as port:
        wanted = [True] * 6 if mode == "relaxed" else upto("certificates")
        assert successes(box, api, port, encryptionMode=mode) == wanted


@pytest.mark.parametrize(
    ("options", "change", "wanted"),
    [
        ({}, {}, [True] * 6),
        ({}, {"password": "wrong"}, upto("authentication")),
        ({}, {"rootDn": "dc=other"}, upto("validation")),
        ({"mail": False}, {}, upto("email")),
        ({"mail": False, "referral": "ldap://192.0.2.1/dc=x"}, {}, upto("email")),
        ({}, {"encryptionMode": "strict"}, upto("certificates")),
    ],
)
def test_clear_text(box, api, options, change, wanted):
    with ldap(**options) as port:
        assert successes(box, api, port, **{"encryptionMode": "none", **change}) == wanted


def test_alternate_host(box, api):
    with ldap() as port:
        box.address_book({"dc2.example.com:389": f"127.0.0.1:{port}"})
        path = create(api, "active-directory", {**GOOD, "encryptionMode": "none", "alternateHostname": "dc2.example.com"})
        assert [outcome(api, path, stage)["success"] for stage in STAGES] == [True] * 6


@pytest.mark.parametrize("host", ["unknown.example.com", "192.0.2.1", "10.0.0.1"])
def test_never_leaves_loopback(api, host):
    path = create(api, "active-directory", {**GOOD, "hostname": host})
    answer = outcome(api, path, "email")
    assert answer["success"] is False and "loopback" in answer["message"]


def test_closed_port(box, api):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert successes(box, api, port) == [False] * 6


def test_silent_server_is_given_up(box, api):
    """Bounded, and other calls are served meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        box.address_book({HOST: f"127.0.0.1:{listener.getsockname()[1]}"})
        path = create(api, "active-directory", {**GOOD, "encryptionMode": "none"})
        started = time.monotonic()
        assert outcome(api, path, "authentication")["success"] is False
        assert time.monotonic() - started < 10


@pytest.mark.parametrize("kind", CLOUD)
def test_cloud_tests_answer_from_control(box, api, kind):
    body, tests = CLOUD[kind]
    path = create(api, kind, body)
    assert [outcome(api, path, test)["success"] for test in tests] == [test != "connector" for test in tests]
    (stored,) = box.objects(CODE, f"{kind}_integrations")
    results = {test: {"success": test == "connector"} for test in tests}
    box.patch(CODE, f"{kind}_integrations", stored["ref"], testResults=results)
    assert [outcome(api, path, test)["success"] for test in tests] == [test == "connector" for test in tests]
    assert "testResults" not in api.get(path).json


def test_special_answers(box, api):
    google = create(api, "google", CLOUD["google"][0])
    assert outcome(api, google, "authorisation") == {"success": True, "permissions": []}
    (ref,) = box.insert(CODE, "connectors", {"status": "configured"})
    (connector,) = api.get("/connector/cloud-gateway/v1/connectors").json["connectors"]
    cloud = create(api, "m365", {**CLOUD["m365"][0], "connectorId": connector["id"]})
    assert outcome(api, cloud, "connector") == {"success": False, "status": "configured"}
    box.patch(CODE, "connectors", ref, status="connected")
    assert outcome(api, cloud, "connector") == {"success": True, "status": "connected"}


def test_tests_take_no_body_and_need_an_integration(api):
    path = create(api, "google", CLOUD["google"][0])
    assert api.call("POST", f"{path}/test-email", {}).status == 400
    api.call("DELETE", path)
    assert api.call("POST", f"{path}/test-email").status == 404
