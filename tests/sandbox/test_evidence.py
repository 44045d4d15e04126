# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audit events and tracked messages: filters, pages, details."""

from __future__ import annotations

import datetime

import pytest
from conftest import CODE, Api

AUDIT, CATEGORIES = "/api/audit/get-audit-events", "/api/audit/get-categories"
SEARCH, INFO = "/api/message-finder/search", "/api/message-finder/get-message-info"
FORMAT = "%Y-%m-%dT%H:%M:%S%z"


def ago(**span):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**span)).strftime(FORMAT)


def events(api, paging=None, **asked):
    body = {"data": [{"startDateTime": ago(days=59), "endDateTime": ago(), **asked}]}
    return api.call("POST", AUDIT, {**body, "meta": {"pagination": paging}} if paging else body).json


def failure(answer):
    (entry,) = answer["fail"]
    return entry["errors"][0]["code"], entry["errors"][0].get("field")


@pytest.fixture
def log(box):
    box.insert(
        CODE,
        "audit_events",
        {"eventTime": ago(days=30), "auditType": "New Policy", "eventInfo": "Policy Partner TLS"},
        {"eventTime": ago(days=2), "eventInfo": "Policy partner tls, mode changed", "user": "eve@example.com"},
        {"eventTime": ago(hours=1), "category": "account_logs", "auditType": "Logon", "eventInfo": "Web"},
    )


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, [0, 1, 2]),
        ({"categories": ["account_logs"]}, [2]),
        ({"categories": ["nothing"]}, []),
        ({"categories": []}, [0, 1, 2]),
        ({"query": "PARTNER tls"}, [0, 1]),
        ({"query": "eve@"}, [1]),
        ({"startDateTime": ago(days=3)}, [1, 2]),
        ({"endDateTime": ago(days=1)}, [0, 1]),
        ({"startDateTime": ago(days=3), "endDateTime": ago(days=1)}, [1]),
    ],
)
def test_audit_filters(api, log, asked, wanted):
    texts = ["Policy Partner TLS", "Policy partner tls, mode changed", "Web"]
    answer = events(api, **asked)
    assert (answer["fail"], [row["eventInfo"] for row in answer["data"]]) == ([], [texts[place] for place in wanted])


def test_audit_pages(box, api):
    box.insert(CODE, "audit_events", [{"eventTime": ago(days=1), "eventInfo": str(number)} for number in range(250)])
    seen, paging = [], {"pageSize": 100}
    while paging:
        answer = events(api, paging)
        seen += [row["eventInfo"] for row in answer["data"]]
        token = answer["meta"]["pagination"].get("next")
        paging = {"pageSize": 100, "pageToken": token} if token else None
    assert seen == [str(number) for number in range(250)]
    assert failure(events(api, {"pageSize": 101})) == ("err_validation", "meta.pagination.pageSize")


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"startDateTime": ago(days=61)}, "err_validation", "startDateTime"),
        ({"startDateTime": ago(days=1), "endDateTime": ago(days=2)}, "err_validation", "endDateTime"),
        ({"startDateTime": "2026-01-01"}, "err_validation", "data[0].startDateTime"),
        ({"startDateTime": "2026-01-01T00:00:00Z"}, "err_validation", "data[0].startDateTime"),
        ({"startDateTime": "2026-13-01T00:00:00+0000"}, "err_validation", "data[0].startDateTime"),
        ({"colour": 1}, "err_validation_unknown_field", "data[0].colour"),
    ],
)
def test_bad_audit_queries(api, asked, code, field):
    assert failure(events(api, **asked)) == (code, field)


def test_categories(box, api):
    box.insert(CODE, "audit_events", {"category": "archive_logs"})
    rows = api.call("POST", CATEGORIES).json["data"]
    assert {"code": "archive_logs", "id": "archive_logs", "name": "Archive logs"} in rows
    assert "policy_logs" in [row["code"] for row in rows]
    limited = box.credential(CODE, products=["auditevents"], permissions=[])
    assert Api(box.url, limited).call("POST", CATEGORIES).json["data"] == rows


ANN, BOB = {"emailAddress": "Ann@example.com"}, {"emailAddress": "bob@partner.test", "displayableName": "Bob"}
MAIL = {"status": "archived", "route": "inbound", "subject": "Offer 7", "senderIP": "192.0.2.7", "to": [ANN]}
DETAILS = {
    "recipientInfo": {"txInfo": {"deliveryType": "Encrypted (TLS)"}},
    "deliveredMessage": {
        "ann@example.com": {"policyInfo": [{"policyType": "Secure Delivery", "policyName": "TLS", "inherited": False}]}
    },
}


@pytest.fixture
def mail(box):
    box.insert(
        CODE,
        "tracked_messages",
        {**MAIL, "received": ago(days=2), "fromEnv": BOB, "messageId": "<1@partner.test>", "info": DETAILS},
        {**MAIL, "received": ago(hours=2), "fromHdr": BOB, "status": "held", "attachments": True, "urls": ["http://x.test/a"]},
        {**MAIL, "sent": ago(hours=1), "route": "outbound", "to": [BOB], "fromEnv": ANN, "subject": "Re", "senderIP": "192.0.2.8"},
    )


def search(api, **asked):
    answer = api.call("POST", SEARCH, {"data": [asked]}).json
    assert answer["fail"] == [], answer
    return answer["data"][0]["trackedEmails"]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, 3),
        ({"searchReason": "test"}, 3),
        ({"messageId": "<1@partner.test>"}, 1),
        ({"route": ["outbound"]}, 1),
        ({"route": ["all"]}, 3),
        ({"status": ["held", "archived"]}, 3),
        ({"status": ["held"]}, 1),
        ({"attachments": True}, 1),
        ({"start": ago(days=1)}, 2),
        ({"end": ago(days=1)}, 1),
        ({"start": ago(hours=3), "end": ago(minutes=90)}, 1),
        ({"advancedTrackAndTraceOptions": {"from": "partner.test"}}, 2),
        ({"advancedTrackAndTraceOptions": {"from": "ann@example.com"}}, 1),
        ({"advancedTrackAndTraceOptions": {"to": "ANN@example.com"}}, 2),
        ({"advancedTrackAndTraceOptions": {"to": "ample.com"}}, 0),
        ({"advancedTrackAndTraceOptions": {"subject": "offer"}}, 2),
        ({"advancedTrackAndTraceOptions": {"senderIP": "192.0.2.8"}}, 1),
        ({"advancedTrackAndTraceOptions": {"url": "x.test"}}, 1),
    ],
)
def test_message_search(api, mail, asked, wanted):
    rows = search(api, **asked)
    assert len(rows) == wanted
    assert not any({"info", "messageId", "urls"} & set(row) for row in rows)


def test_message_info(api, mail):
    rows = search(api)
    answer = api.call("POST", INFO, {"data": [{"id": rows[0]["id"]}]}).json
    assert answer["data"] == [{"id": rows[0]["id"], "status": "archived", **DETAILS}]
    assert api.call("POST", INFO, {"data": [{"id": rows[1]["id"]}]}).json["data"] == [{"id": rows[1]["id"], "status": "held"}]


def test_message_info_failures(box, api, mail):
    gone = search(api)[0]["id"]
    box.delete(CODE, "tracked_messages", box.objects(CODE, "tracked_messages")[0]["ref"])
    assert failure(api.call("POST", INFO, {"data": [{"id": gone}]}).json) == ("err_not_found", "id")
    assert failure(api.call("POST", INFO, {"data": [{"id": "nonsense"}]}).json) == ("xdk_failure", "id")
    assert failure(api.call("POST", SEARCH, {"data": [{"route": ["up"]}]}).json)[0] == "err_validation_value_not_allowed"
