# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mimecast_message_info and mimecast_audit_info: what is asked, what is told, and what is not known."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from conftest import Tenant
from wires import Reply, WebServer, send

from ansible_collections.mimecast.connect.plugins.module_utils._engine import times
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.evidence import encrypted

NOW = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.timezone.utc)
ANN, BOB = "ann@example.com", "bob@partner.example"
APPLIED = [{"policyType": "Secure Delivery", "policyName": "TLS strict", "inherited": False}, {"policyType": "Delivery Routing", "policyName": "HQ"}]
DETAILS = {
    "recipientInfo": {"messageInfo": {"subject": "Offer"}, "txInfo": {"deliveryType": "Not Encrypted", "remoteIp": "192.0.2.7"}},
    "deliveredMessage": {
        BOB: {"policyInfo": APPLIED, "txInfo": {"deliveryType": "Encrypted (TLS)", "remoteServer": "mx.partner.example", "txEvent": "Delivered"}},
        ANN: {"policyInfo": [], "txInfo": {"deliveryType": ""}},
    },
}


def ago(**span: float) -> str:
    return times.shown(datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**span))


def mail(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_message_info", check, **options)


def audit(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_audit_info", check, **options)


def failure(result: dict[str, Any]) -> str:
    assert result.get("failed"), result
    return str(result["msg"])


@pytest.fixture
def sent(tenant: Tenant) -> Tenant:
    row = {"fromEnv": {"emailAddress": ANN}, "to": [{"emailAddress": BOB}], "route": "outbound"}
    tenant.sandbox.insert(
        tenant.code, "tracked_messages",
        {**row, "subject": "Offer", "received": ago(hours=3), "messageId": "<1@example.com>", "info": DETAILS, "senderIP": "192.0.2.7"},
        {**row, "subject": "Newest", "received": ago(hours=1), "status": "held"},
        {**row, "subject": "Old", "sent": ago(days=9), "route": "inbound", "fromHdr": {"emailAddress": BOB}},
    )
    return tenant


def test_what_is_told_of_a_message(sent: Tenant) -> None:
    result = mail(sent, message_id="<1@example.com>")
    assert result["changed"] is False and result["found"] == 1
    (message,) = result["messages"]
    assert {name: message[name] for name in ("subject", "status", "route", "from_envelope", "from_header", "to", "sender_ip", "problem")} == {
        "subject": "Offer", "status": "archived", "route": "outbound", "from_envelope": ANN, "from_header": None, "to": [BOB],
        "sender_ip": "192.0.2.7", "problem": None}
    assert message["policies"] == {
        BOB: [{"type": "Secure Delivery", "name": "TLS strict"}, {"type": "Delivery Routing", "name": "HQ"}], ANN: []}
    legs = [(leg["direction"], leg["recipient"], leg["delivery_type"], leg["encrypted"]) for leg in message["legs"]]
    assert legs == [("in", None, "Not Encrypted", False), ("out", BOB, "Encrypted (TLS)", True), ("out", ANN, "", None)]
    assert message["legs"][1]["remote_server"] == "mx.partner.example" and message["legs"][1]["event"] == "Delivered"


@pytest.mark.parametrize("text, verdict", [
    ("Encrypted (TLS)", True), ("encrypted", True), ("Not Encrypted", False), ("", None), (None, None), ("Something new", None), ("Unencrypted", None),
])
def test_encryption_is_judged_only_where_it_is_known(text: str | None, verdict: bool | None) -> None:
    assert encrypted(text) is verdict


@pytest.mark.parametrize("options, subjects", [
    ({"start": "2h"}, ["Newest"]),
    ({"start": "30d"}, ["Newest", "Offer", "Old"]),
    ({"start": "30d", "end": "2h"}, ["Offer", "Old"]),
    ({"start": "30d", "from": ANN.upper()}, ["Newest", "Offer", "Old"]),
    ({"start": "30d", "from": "partner.example"}, ["Old"]),
    ({"start": "30d", "to": "Partner.Example"}, ["Newest", "Offer", "Old"]),
    ({"start": "30d", "subject": "offer"}, ["Offer"]),
    ({"start": "30d", "sender_ip": "192.0.2.7"}, ["Offer"]),
    ({"start": "30d", "route": ["inbound"]}, ["Old"]),
    ({"start": "30d", "status": ["held", "bounced"], "reason": "proof"}, ["Newest"]),
    ({"start": "1m"}, []),
    ({"message_id": "<1@example.com>", "start": "2h"}, []),
])
@pytest.mark.parametrize("check", [False, True])
def test_search(sent: Tenant, check: bool, options: dict[str, Any], subjects: list[str]) -> None:
    sent.requests()
    result = mail(sent, check, **options)
    assert not result.get("failed"), result
    assert [message["subject"] for message in result["messages"]] == subjects and result["found"] == len(subjects)
    assert len(sent.requests()) == 1 + len(subjects) and result["api"]["writes"] == 0


def test_no_more_details_than_wanted(sent: Tenant) -> None:
    sent.requests()
    result = mail(sent, start="30d", max_messages=1)
    assert (result["found"], [message["subject"] for message in result["messages"]]) == (3, ["Newest"])
    assert len(sent.requests()) == 2
    result = mail(sent, start="30d", route=["outbound"], max_messages=0)
    offer = sent.sandbox.objects(sent.code, "tracked_messages")[0]
    assert (result["found"], result["messages"], result["oldest"]) == (2, [], offer["received"])
    assert mail(sent, start="1m", max_messages=0)["oldest"] is None and len(sent.requests()) == 2


def test_a_message_without_details_does_not_hide_the_others(sent: Tenant) -> None:
    gone = Reply.of({"meta": {"status": 200}, "data": [], "fail": [{"errors": [{"code": "err_not_found", "message": "it is gone"}]}]})
    rest = [gone]
    with WebServer(lambda request: rest.pop() if rest and "get-message-info" in request.path else send(sent.sandbox.url, request)) as server:
        first, second = mail(sent, start="1d", base_url=server.url)["messages"]
    assert first["problem"].startswith("Cannot read the details of the message 'Newest'") and "it is gone" in first["problem"]
    assert first["legs"] == [] and second["problem"] is None and len(second["legs"]) == 3


@pytest.mark.parametrize("options, words", [
    ({}, "one of the following is required: message_id, start"),
    ({"to": ANN}, "one of the following is required: message_id, start"),
    ({"message_id": "<1@x>", "to": ANN}, "mutually exclusive"),
    ({"message_id": " "}, "message_id is ' ': it must not be empty"),
    ({"message_id": "<1@x>", "end": "1h"}, "give start, such as 2h"),
    ({"start": "yesterday"}, "start is 'yesterday': it is neither a time such as 2026-01-31T10:15:30+0000 nor a span"),
    ({"start": "2026-02-30"}, "start is '2026-02-30'"),
    ({"start": "1h", "end": "2h"}, "which is not before its end"),
    ({"start": "1h", "to": "a b@example.com"}, "to is 'a b@example.com': it is not a mail address"),
    ({"start": "1h", "from": "@example.com"}, "from is '@example.com'"),
    ({"start": "1h", "sender_ip": "192.0.2.0/24"}, "is not a single IPv4 address"),
    ({"start": "1h", "route": ["up"]}, "value of route must be one or more of"),
    ({"start": "1h", "max_messages": 1000}, "max_messages is 1000: it must be a number from 0 to 999"),
])
def test_bad_searches(tenant: Tenant, options: dict[str, Any], words: str) -> None:
    assert words in failure(mail(tenant, **options))
    assert tenant.sandbox.requests() == []


@pytest.mark.parametrize("text, expected", [
    ("2026-01-31T10:15:30+0000", "2026-01-31T10:15:30+0000"), ("2026-01-31T10:15:30Z", "2026-01-31T10:15:30+0000"),
    ("2026-01-31 12:15:30.5+02:00", "2026-01-31T10:15:30+0000"), ("2026-01-31T10:15", "2026-01-31T10:15:00+0000"),
    ("2026-01-31", "2026-01-31T00:00:00+0000"), ("90m", "2026-03-01T10:30:00+0000"), ("7d", "2026-02-22T12:00:00+0000"),
])
def test_moments(text: str, expected: str) -> None:
    assert times.shown(times.moment(text, NOW)) == expected


@pytest.mark.parametrize("text", ["", "now", "2h ago", "-2h", "999999d", "2026-13-01", "2026-01-31T25:00:00", "2026-01-31T10:15:30+99:00"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="it is neither a time"):
        times.moment(text, NOW)


@pytest.fixture
def log(tenant: Tenant) -> Tenant:
    tenant.sandbox.insert(
        tenant.code, "audit_events",
        {"eventTime": ago(days=2), "eventInfo": "Policy Partner TLS", "auditType": "New Policy", "user": "eve@example.com"},
        {"eventTime": ago(days=30), "eventInfo": "Policy partner tls, changed"},
        {"eventTime": ago(hours=1), "eventInfo": "Web", "auditType": "TLS logon", "category": "account_logs"},
    )
    return tenant


@pytest.mark.parametrize("options, infos", [
    ({"start": "59d"}, ["Web", "Policy Partner TLS", "Policy partner tls, changed"]),
    ({"start": "60d"}, ["Web", "Policy Partner TLS", "Policy partner tls, changed"]),
    ({"start": "7d"}, ["Web", "Policy Partner TLS"]),
    ({"start": "59d", "end": "1d"}, ["Policy Partner TLS", "Policy partner tls, changed"]),
    ({"start": "59d", "text": "partner tls"}, ["Policy Partner TLS", "Policy partner tls, changed"]),
    ({"start": "59d", "text": "tls", "categories": ["account_logs"]}, []),
    ({"start": "59d", "categories": ["account_logs"]}, ["Web"]),
])
@pytest.mark.parametrize("check", [False, True])
def test_audit(log: Tenant, check: bool, options: dict[str, Any], infos: list[str]) -> None:
    result = audit(log, check, **options)
    assert not result.get("failed"), result
    assert [event["info"] for event in result["events"]] == infos and result["found"] == len(infos) and result["changed"] is False


def test_what_is_told_of_an_event(log: Tenant) -> None:
    (event,) = audit(log, start="7d", text="PARTNER")["events"]
    assert {**event, "time": ""} == {"time": "", "category": "policy_logs", "type": "New Policy", "user": "eve@example.com", "info": "Policy Partner TLS"}


def test_audit_reads_all_pages_before_it_takes_the_newest(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, "audit_events", [{"eventTime": ago(hours=300 - number), "eventInfo": str(number)} for number in range(250)])
    result = audit(tenant, start="30d", max_events=3)
    assert (result["found"], [event["info"] for event in result["events"]]) == (250, ["249", "248", "247"])
    assert len(tenant.requests()) == 3


@pytest.mark.parametrize("options, words", [
    ({"start": "61d"}, "the service looks back 60 days at most"),
    ({"start": "2020-01-31"}, "the service looks back 60 days at most"),
    ({"start": "1d", "end": "2d"}, "which is not before its end"),
    ({"start": "1d", "max_events": 0}, "max_events is 0: it must be a number from 1 to 10000"),
    ({"start": ""}, "Cannot read audit events: give start"),
])
def test_bad_audit_ranges(tenant: Tenant, options: dict[str, Any], words: str) -> None:
    assert words in failure(audit(tenant, **options))
    assert tenant.sandbox.requests() == []


@pytest.mark.parametrize("operation, options", [
    ("legacySearchMessages", {"start": "30d"}), ("legacyGetMessageInfo", {"start": "30d"}), ("legacyGetAuditEvents", {"start": "30d"}),
])
def test_faults(sent: Tenant, quick: None, operation: str, options: dict[str, Any]) -> None:
    module = audit if "Audit" in operation else mail
    for fault in ({"kind": "drop_after"}, {"kind": "status", "status": 503}):
        sent.sandbox.faults([{"operation": operation, **fault}])
        assert module(sent, **options)["api"]["retries"] == 1
    sent.sandbox.faults([{"operation": operation, "kind": "status", "status": 403}])
    needed = "'Account | Logs | Read'" if "Audit" in operation else "'Gateway | Tracking | Read'"
    assert needed in failure(module(sent, **options))


@pytest.mark.parametrize("data", [[{"emails": []}], [{"trackedEmails": None}]])
def test_a_strange_answer_is_no_evidence(tenant: Tenant, data: list[Any]) -> None:
    strange = Reply.of({"meta": {"status": 200}, "data": data, "fail": []})
    with WebServer(lambda request: strange if "search" in request.path else send(tenant.sandbox.url, request)) as server:
        assert "holds no list 'trackedEmails'" in failure(mail(tenant, start="1h", base_url=server.url))
