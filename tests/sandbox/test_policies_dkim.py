# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM definitions with real keys, their verify against a small real DNS server, and their policies."""

from __future__ import annotations

import base64
import datetime
import re
import socket
import threading
from contextlib import contextmanager
from urllib.parse import quote

import dns.message
import dns.rcode
import dns.rrset
import pytest
from conftest import CODE
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_private_key

ROOT = "/policy-management/cloud-gateway/v1/dns-authentication-outbound"
DEFINITIONS, POLICIES = f"{ROOT}/definitions", f"{ROOT}/policies"
KIND = "dns_auth_outbound_definitions"
SMALL = {"description": "Key", "domain": "example.com", "selector": "s1", "keyLength": 1024}
EVERYONE = {"type": "everyone"}
NAME = "s1._domainkey.example.com"


def create(api, **more):
    """Creates a definition and answers (id, path)."""
    reply = api.call("POST", DEFINITIONS, {**SMALL, **more})
    assert (reply.status, list(reply.json)) == (201, ["id"])
    return reply.json["id"], f"{DEFINITIONS}/{quote(reply.json['id'], safe='')}"


@contextmanager
def name_server(records):
    """Answers TXT questions from {name: [strings, ...] or "refuse"}; yields its address. Other names do not exist."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                raw, peer = sock.recvfrom(4096)
            except OSError:
                return
            if raw == b"stop":
                return
            query = dns.message.from_wire(raw)
            answer = dns.message.make_response(query)
            name = query.question[0].name
            texts = records.get(name.to_text(omit_final_dot=True))
            if texts == "refuse":
                answer.set_rcode(dns.rcode.REFUSED)
            elif texts is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            elif texts:
                rows = [" ".join(f'"{part}"' for part in row) for row in texts]
                answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", rows))
            sock.sendto(answer.to_wire(), peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{sock.getsockname()[1]}"
    finally:
        sock.sendto(b"stop", sock.getsockname())
        thread.join(5)
        sock.close()


@pytest.mark.parametrize("more", [{"keyLength": 1024}, {"keyLength": 2048}, {}])
def test_key_pair_is_real(box, api, more):
    reply = api.call("POST", DEFINITIONS, {"description": "Key", "domain": "example.com", **more})
    raw = api.get(f"{DEFINITIONS}/{quote(reply.json['id'], safe='')}").raw
    (stored,) = box.objects(CODE, KIND)
    public = load_der_public_key(base64.b64decode(stored["publicKey"], validate=True))
    private = load_pem_private_key(stored["privateKey"].encode(), None)
    assert public.key_size == more.get("keyLength", 2048) == stored["keyLength"]
    assert private.public_key().public_numbers() == public.public_numbers()
    assert b"PRIVATE" not in raw + api.get(DEFINITIONS).raw and stored["publicKey"].encode() in raw


@pytest.mark.parametrize("key", ["dnsOutboundDefinitions", "definitions"])
def test_read_and_list(box, api, key):
    box.settings(dkim_list_key=key)
    made, path = create(api)
    shown = api.get(path).json
    assert {**shown, "publicKey": ""} == {**SMALL, "publicKey": "", "signDkim": False, "validated": False, "dnsAddress": NAME}
    assert api.get(DEFINITIONS).json == {key: [{"id": made, **shown}], "meta": {}}


def test_selector_is_made_of_the_day(api):
    days = [datetime.datetime.now(datetime.timezone.utc)]
    reply = api.call("POST", DEFINITIONS, {"description": "Key", "domain": "example.com", "keyLength": 1024})
    days.append(datetime.datetime.now(datetime.timezone.utc))
    shown = api.get(f"{DEFINITIONS}/{quote(reply.json['id'], safe='')}").json
    assert shown["selector"] in {f"mimecast{day:%Y%m%d}" for day in days}
    assert re.fullmatch(r"mimecast[0-9]{8}\._domainkey\.example\.com", shown["dnsAddress"])


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"keyLength": 4096}, "err_validation_value_not_allowed", "keyLength"),
        ({"selector": ""}, "err_validation_blank", "selector"),
        ({"selector": "a b"}, "err_validation", "selector"),
        ({"domain": "192.0.2.1"}, "err_validation", "domain"),
        ({"domain": None}, "err_validation_null", "domain"),
        ({"publicKey": "x"}, "err_validation_unknown_field", "publicKey"),
    ],
)
def test_create_refused(box, api, change, code, field):
    reply = api.call("POST", DEFINITIONS, {**SMALL, **change})
    assert (reply.status, reply.error) == (400, (code, field))
    assert box.objects(CODE, KIND) == []


def test_only_description_and_signing_change(api):
    path = create(api)[1]
    before = api.get(path).json
    for field in ("domain", "selector", "keyLength", "validated"):
        reply = api.call("PATCH", path, {"description": "New", field: before[field]})
        assert (reply.status, reply.error) == (400, ("err_validation_unknown_field", field))
    assert api.call("PATCH", path, {"description": "New", "signDkim": True}).status == 204
    assert api.get(path).json == {**before, "description": "New", "signDkim": True}


def test_insert_makes_what_is_missing(box, api):
    box.insert(CODE, KIND, {"description": "Made", "domain": "a.test", "keyLength": 1024})
    box.insert(CODE, KIND, {"description": "Given", "domain": "a.test", "selector": "x", "publicKey": "AAAA", "validated": True})
    made, given = api.get(DEFINITIONS).json["dnsOutboundDefinitions"]
    assert made["selector"].startswith("mimecast") and len(made["publicKey"]) > 200 and made["validated"] is False
    assert (given["publicKey"], given["validated"], given["dnsAddress"]) == ("AAAA", True, "x._domainkey.a.test")


@pytest.mark.parametrize(
    ("texts", "validated"),
    [
        ([["v=DKIM1; k=rsa; p=KEY"]], True),
        ([["p=KEY"]], True),
        ([["v=DKIM1; ", "p=", "KEY"]], True),
        ([["v=spf1 -all"], ["v=DKIM1; p=KEY;"]], True),
        ([["v=DKIM1; k=rsa; p=AAAA"]], False),
        ([["v=DKIM1; k=ed25519; p=KEY"]], False),
        ([["v=DKIM1; p="]], False),
        ([], False),
        (None, False),
    ],
)
def test_verify(box, api, texts, validated):
    path = create(api)[1]
    key = api.get(path).json["publicKey"]
    records = {} if texts is None else {NAME: [[part.replace("KEY", key) for part in row] for row in texts]}
    with name_server(records) as address:
        box.settings(resolver=address)
        reply = api.call("POST", f"{path}/verify")
    assert (reply.status, reply.json["validated"]) == (200, validated) and NAME in reply.json["message"]
    assert api.get(path).json["validated"] is validated


def test_verify_takes_long_keys_and_forgets_old_verdicts(box, api):
    path = create(api, keyLength=2048)[1]
    key = api.get(path).json["publicKey"]
    records = {NAME: [["v=DKIM1; k=rsa; p=", key[:200], key[200:]]]}
    with name_server(records) as address:
        box.settings(resolver=address)
        assert api.call("POST", f"{path}/verify", {}).json["validated"] is True
        records.clear()
        assert api.call("POST", f"{path}/verify").json["validated"] is False
    assert api.get(path).json["validated"] is False


def test_verify_without_dns(box, api):
    path = create(api)[1]
    assert "resolver is not set" in api.call("POST", f"{path}/verify").json["message"]
    with name_server({NAME: "refuse"}) as address:
        box.settings(resolver=address)
        reply = api.call("POST", f"{path}/verify")
    assert (reply.status, reply.json["validated"]) == (200, False) and "no answer" in reply.json["message"]


def test_verify_refused(api):
    path = create(api)[1]
    assert api.call("POST", f"{path}/verify", {"x": 1}).error == ("err_validation_unknown_field", "x")
    api.call("DELETE", path)
    assert api.call("POST", f"{path}/verify").status == 404
    assert api.call("POST", f"{DEFINITIONS}/x/verify").status == 400


@pytest.mark.parametrize("address", ["192.0.2.1:53", "127.0.0.1", "dns.example.com:53", "127.0.0.1:0", 53])
def test_resolver_is_loopback_only(box, address):
    with pytest.raises(Exception, match="resolver"):
        box.settings(resolver=address)


@pytest.mark.parametrize("key", ["policies", "definitions"])
def test_policies(box, api, key):
    box.settings(policies_list_key=key)
    definition, path = create(api)
    body = {"description": "Sign", "definitionId": definition, "from": EVERYONE, "to": EVERYONE}
    made = api.call("POST", POLICIES, body)
    policy = f"{POLICIES}/{quote(made.json['id'], safe='')}"
    shown = api.get(policy).json
    assert made.status == 201 and {name: shown[name] for name in body} == body
    assert api.get(POLICIES).json[key] == [{"id": made.json["id"], **shown}]
    refused = api.call("DELETE", path)
    assert (refused.status, refused.error) == (409, ("err_in_use", None))
    assert api.call("PATCH", policy, {"enabled": False, "toDateTime": "2030-01-31"}).status == 204
    assert api.get(policy).json == {**shown, "enabled": False, "toDateTime": "2030-01-31", "toEternal": False}
    assert [api.call("DELETE", one).status for one in (policy, path)] == [204, 204]
    assert api.call("POST", POLICIES, body).error == ("err_validation", "definitionId")
