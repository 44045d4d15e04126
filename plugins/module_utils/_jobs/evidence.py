# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The jobs of mimecast_message_info and mimecast_audit_info: what has happened, in the words of a result."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._engine import times, values
from ansible_collections.mimecast.connect.plugins.module_utils._resources.evidence import (
    AUDIT_DAYS, AUDIT_EVENTS, MESSAGE_INFO, MOST_MESSAGES, ROUTES, SEARCH_MESSAGES, STATUSES,
)
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

MOST_EVENTS = 10000
LEG = {
    "delivery_type": "deliveryType",
    "remote_server": "remoteServer",
    "remote_ip": "remoteIp",
    "event": "txEvent",
    "queue_status": "queueDetailStatus",
    "started": "smtpStartTime",
    "ended": "smtpEndTime",
}
FACTS = {
    "status": "status",
    "route": "route",
    "subject": "subject",
    "sender_ip": "senderIP",
    "sent": "sent",
    "received": "received",
    "attachments": "attachments",
}
EVENT = {"time": "eventTime", "category": "category", "type": "auditType", "user": "user", "info": "eventInfo"}


def encrypted(delivery_type: Any) -> bool | None:
    """Whether a leg was encrypted. "Encrypted (TLS)" and "Not Encrypted" were seen; anything else is not judged."""
    found = str(delivery_type or "").strip().lower()
    return True if found.startswith("encrypted") else False if found.startswith("not encrypted") else None


def _cleaned(what: str, option: str, value: Any, clean: Callable[[Any], Any]) -> Any:
    try:
        return clean(value)
    except ValueError as error:
        raise InputError("Cannot {0}: {1} is {2!r}: {3}".format(what, option, value, error)) from None


def span(what: str, given: dict[str, Any]) -> tuple[datetime.datetime, datetime.datetime]:
    """Start and end; the end is now where it is left out."""
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = (_cleaned(what, name, given[name] or "0m", lambda value: times.moment(value, now)) for name in ("start", "end"))
    if not given["start"]:
        raise InputError("Cannot {0}: give start, such as 2h or 2026-01-31T10:15:30+0000".format(what))
    if end <= start:
        raise InputError("Cannot {0}: it starts at {1}, which is not before its end, {2}".format(what, times.shown(start), times.shown(end)))
    return start, end


def _party(value: Any) -> str:
    found = values.text(value)
    return values.address(found) if "@" in found else values.domain(found)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


# --- messages


def _search(given: dict[str, Any]) -> dict[str, Any]:
    """The conditions as the service takes them; InputError when they would find half the tenant's mail."""
    what = "search messages"
    item: dict[str, Any] = {}
    if given["message_id"] is not None:
        item["messageId"] = _cleaned(what, "message_id", given["message_id"], values.name)
    if given["message_id"] is None or given["start"] or given["end"]:
        item["start"], item["end"] = map(times.shown, span(what, given))
    cleaners = {"from": ("from", _party), "to": ("to", _party), "subject": ("subject", values.name), "sender_ip": ("senderIP", values.ipv4)}
    details = {api: _cleaned(what, name, given[name], clean) for name, (api, clean) in cleaners.items() if given[name] is not None}
    if details:
        item["advancedTrackAndTraceOptions"] = details
    for option, api in (("route", "route"), ("status", "status"), ("reason", "searchReason")):
        if given[option]:
            item[api] = given[option]
    return item


def _address(person: Any) -> str | None:
    return _dict(person).get("emailAddress")


def _leg(part: Any, direction: str, recipient: str | None = None) -> dict[str, Any]:
    found = _dict(_dict(part).get("txInfo"))
    facts = {ours: found.get(theirs) for ours, theirs in LEG.items()}
    return {"direction": direction, "recipient": recipient, "encrypted": encrypted(facts["delivery_type"]), **facts}


def _applied(part: Any) -> list[dict[str, Any]]:
    policies = [policy for policy in _list(_dict(part).get("policyInfo")) if isinstance(policy, dict)]
    return [{"type": policy.get("policyType"), "name": policy.get("policyName")} for policy in policies]


def details(client: Client, row: dict[str, Any]) -> dict[str, Any]:
    """Legs and policies of one message. A message that the service has no details of must not hide the others."""
    what = "read the details of the message {0!r} of {1}".format(row.get("subject") or "", row.get("received") or row.get("sent"))
    try:
        answer = client.read(MESSAGE_INFO, what, body={"data": [{"id": row.get("id")}]})
    except ApiError as error:
        if not 200 <= error.status < 300:
            raise
        return {"legs": [], "policies": {}, "problem": str(error)}
    info = _dict(next(iter(_list(answer.get("data"))), None))
    delivered = _dict(info.get("deliveredMessage"))
    incoming = [_leg(info["recipientInfo"], "in")] if _dict(info.get("recipientInfo")).get("txInfo") else []
    outgoing = [_leg(part, "out", recipient) for recipient, part in delivered.items() if _dict(part).get("txInfo")]
    return {
        "legs": incoming + outgoing,
        "policies": {recipient: _applied(part) for recipient, part in delivered.items()},
        "problem": None,
    }


def head(row: dict[str, Any]) -> dict[str, Any]:
    """What the search itself tells of a message."""
    people = [_address(person) for person in _list(row.get("to"))]
    return {
        **{ours: row.get(theirs) for ours, theirs in FACTS.items()},
        "from_envelope": _address(row.get("fromEnv")),
        "from_header": _address(row.get("fromHdr")),
        "to": [person for person in people if person],
    }


def tracked(client: Client, conditions: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages that a search finds, newest first, as the service tells them."""
    answer = client.read(SEARCH_MESSAGES, "search messages", body={"data": [conditions]})
    parts = [_dict(item).get("trackedEmails") for item in _list(answer.get("data"))]
    if any(not isinstance(part, list) for part in parts):
        # Taken for "none", it would be false evidence.
        raise ApiError("Cannot search messages: the answer holds no list 'trackedEmails'; please report it")
    rows = [row for part in parts for row in _list(part) if isinstance(row, dict)]
    return sorted(rows, key=lambda row: times.sortable(row.get("received") or row.get("sent")), reverse=True)


def messages(context: Context) -> dict[str, Any]:
    """Evidence of the newest messages that were found."""
    given = context.params
    most = _cleaned("search messages", "max_messages", given["max_messages"], values.between(0, MOST_MESSAGES))
    rows = tracked(context.client, _search(given))
    return {
        "changed": False,
        "found": len(rows),
        "oldest": next((time for time in (row.get("received") or row.get("sent") for row in reversed(rows)) if time), None),
        "messages": [{**head(row), **details(context.client, row)} for row in rows[:most]],
    }


MESSAGES = Job(
    {
        **API_SPEC,
        "message_id": {"type": "str"},
        "from": {"type": "str"},
        "to": {"type": "str"},
        "subject": {"type": "str"},
        "sender_ip": {"type": "str"},
        "start": {"type": "str"},
        "end": {"type": "str"},
        "route": {"type": "list", "elements": "str", "choices": list(ROUTES)},
        "status": {"type": "list", "elements": "str", "choices": list(STATUSES)},
        "reason": {"type": "str"},
        "max_messages": {"type": "int", "default": 10},
    },
    messages,
    {
        "mutually_exclusive": [("message_id", option) for option in ("from", "to", "subject", "sender_ip")],
        "required_one_of": [("message_id", "start")],
    },
)

# --- audit


def events(context: Context) -> dict[str, Any]:
    """Audit events, newest first. The service's order is not documented, so all pages are read before the cut."""
    given, what = context.params, "read audit events"
    most = _cleaned(what, "max_events", given["max_events"], values.between(1, MOST_EVENTS))
    start, end = span(what, given)
    oldest = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=AUDIT_DAYS, minutes=1)
    if start < oldest:
        raise InputError("Cannot {0}: start is {1}, and the service looks back {2} days at most".format(what, times.shown(start), AUDIT_DAYS))
    item = {"startDateTime": times.shown(start), "endDateTime": times.shown(end)}
    if given["categories"]:
        item["categories"] = given["categories"]
    # The service's own free text search is not used: which fields it looks at is not documented.
    text = (given["text"] or "").casefold()
    rows = [row for row in context.client.rows(AUDIT_EVENTS, what, body=[item]) if text in str(row.get("eventInfo") or "").casefold()]
    rows.sort(key=lambda row: times.sortable(row.get("eventTime")), reverse=True)
    shown = [{ours: row.get(theirs) for ours, theirs in EVENT.items()} for row in rows[:most]]
    return {"changed": False, "found": len(rows), "events": shown}


AUDIT = Job(
    {
        **API_SPEC,
        "start": {"type": "str", "required": True},
        "end": {"type": "str"},
        "categories": {"type": "list", "elements": "str"},
        "text": {"type": "str"},
        "max_events": {"type": "int", "default": 100},
    },
    events,
)
