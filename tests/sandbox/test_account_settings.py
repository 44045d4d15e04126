# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outbound addresses and the emergency contact."""

from __future__ import annotations

import pytest
from conftest import CODE

OUTBOUND = "/email/cloud-gateway/v1/outbound-ip-addresses"
CONTACT = "/account/cloud-gateway/v1/emergency-contact"
ADDRESSES = ["192.0.2.1", "198.51.100.7"]
ANNA = {"contactName": "Anna", "contactEmailAddress": "anna@example.org", "mobilePhone": "+49 151 1234567"}


def put(api, *addresses):
    return api.call("PUT", OUTBOUND, {"outboundIpAddresses": list(addresses)})


def read(api):
    return api.get(OUTBOUND).json["outboundIpAddresses"]


def test_outbound_addresses_are_replaced_whole(api):
    assert read(api) == []
    for wanted in (ADDRESSES, ["203.0.113.9"], []):
        reply = put(api, *wanted)
        assert (reply.status, reply.raw) == (204, b"")
        assert read(api) == [{"outboundIpAddress": address} for address in wanted]


def test_outbound_addresses_are_deleted_at_once(box, api):
    put(api, *ADDRESSES, ADDRESSES[0])
    assert len(read(api)) == 2
    assert (api.call("DELETE", OUTBOUND).status, read(api)) == (204, [])
    assert box.objects(CODE, "outbound_ip_addresses") == []


def test_outbound_shape(box, api):
    box.insert(CODE, "outbound_ip_addresses", [{"outboundIpAddress": address} for address in ADDRESSES])
    box.settings(outbound_shape="strings")
    assert read(api) == ADDRESSES


@pytest.mark.parametrize("bad", ["192.0.2.0/24", "192.0.2.1/32", "2001:db8::1", "mx.example.com", "192.0.2", 1, None])
def test_outbound_refuses(api, bad):
    put(api, *ADDRESSES)
    reply = put(api, "203.0.113.9", bad)
    assert reply.status == 400 and reply.error[1] == "outboundIpAddresses[1]"
    assert len(read(api)) == 2


@pytest.mark.parametrize("body", [{}, {"outboundIpAddresses": [{"outboundIpAddress": "192.0.2.1"}]}, {"addresses": []}])
def test_outbound_request_is_strict(api, body):
    assert api.call("PUT", OUTBOUND, body).status == 400


def test_outbound_for_support_only(box, api):
    put(api, *ADDRESSES)
    box.settings(outbound_forbidden=True)
    for reply in (put(api, "203.0.113.9"), api.call("DELETE", OUTBOUND)):
        assert (reply.status, reply.error) == (403, ("app_forbidden", None))
    assert len(read(api)) == 2


def test_outbound_lag(box, api):
    """While a write is on its way the old list is read, whole."""
    put(api, *ADDRESSES)
    box.faults([{"operation": "replaceOutboundIpAddresses", "kind": "lag", "delay_ms": 60_000}])
    put(api, "203.0.113.9")
    assert [item["outboundIpAddress"] for item in read(api)] == ADDRESSES


def test_contact_is_missing_at_first(api):
    for reply in (api.get(CONTACT), api.call("PATCH", CONTACT, {"contactName": "Ben"})):
        assert (reply.status, reply.error) == (404, ("err_not_found", None))


def test_contact_put_replaces_and_patch_merges(box, api):
    more = {"telephone": "+49-89-1234", "alternateEmailAddresses": ["a@example.org", "b@example.org"]}
    steps = [
        ("PUT", {**ANNA, **more}, {**ANNA, **more}),
        ("PATCH", {"contactName": "Ben"}, {**ANNA, **more, "contactName": "Ben"}),
        ("PATCH", {"alternateEmailAddresses": []}, {**ANNA, **more, "contactName": "Ben", "alternateEmailAddresses": []}),
        ("PUT", ANNA, ANNA),
    ]
    for method, body, expected in steps:
        reply = api.call(method, CONTACT, body)
        assert (reply.status, reply.raw) == (204, b"")
        assert api.get(CONTACT).json == {"accountCode": CODE, **expected}
    assert len(box.objects(CODE, "emergency_contacts")) == 1


def test_contact_behind_the_back(box, api):
    box.insert(CODE, "emergency_contacts", ANNA)
    assert api.get(CONTACT).json == {"accountCode": CODE, **ANNA}
    (row,) = box.objects(CODE, "emergency_contacts")
    box.delete(CODE, "emergency_contacts", row["ref"])
    assert api.get(CONTACT).status == 404


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"mobilePhone": "0151 1234567"}, "err_validation", "mobilePhone"),
        ({"telephone": "+"}, "err_validation", "telephone"),
        ({"contactEmailAddress": "anna"}, "err_validation", "contactEmailAddress"),
        ({"contactName": "x" * 61}, "err_validation", "contactName"),
        ({"contactName": ""}, "err_validation_blank", "contactName"),
        ({"alternateEmailAddresses": ["a@example.org"] * 5}, "err_validation", "alternateEmailAddresses"),
        ({"alternateEmailAddresses": ["a"]}, "err_validation", "alternateEmailAddresses[0]"),
        ({"accountCode": CODE}, "err_validation_unknown_field", "accountCode"),
        ({"telephone": None}, "err_validation_null", "telephone"),
    ],
)
def test_contact_refuses(api, change, code, field):
    api.call("PUT", CONTACT, ANNA)
    for reply in (api.call("PUT", CONTACT, {**ANNA, **change}), api.call("PATCH", CONTACT, change)):
        assert (reply.status, reply.error) == (400, (code, field))
    assert api.get(CONTACT).json == {"accountCode": CODE, **ANNA}


@pytest.mark.parametrize("missing", ANNA)
def test_contact_needs(api, missing):
    body = {name: value for name, value in ANNA.items() if name != missing}
    assert api.call("PUT", CONTACT, body).error == ("err_validation_null", missing)
