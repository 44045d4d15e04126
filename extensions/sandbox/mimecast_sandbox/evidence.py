# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audit events and tracked messages: read only, stored through the control interface."""
from __future__ import annotations

import datetime

from . import legacy
from .call import Call
from .errors import LEGACY_UNPAGED_ROWS, Answer, ApiError, invalid
from .formats import LEGACY_TIME
from .resources import Body, Handler, Resource, register

_LOOK_BACK = datetime.timedelta(days=60, hours=1)  # a client that asks for 60 days needs a moment to ask
_CATEGORIES = ("account_logs", "authentication_logs", "policy_logs", "profile_group_logs", "user_account_and_role_logs")
_INTERNAL = ("messageId", "urls", "info", "content")


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, LEGACY_TIME)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def _within(text: str | None, start: str | None, end: str | None) -> bool:
    """Whether a time lies in a span, ends included; without a time only a span without ends has it."""
    if text is None:
        return start is None and end is None
    return (start is None or _time(start) <= _time(text)) and (end is None or _time(text) <= _time(end))


# --- audit

def _audit_events(call: Call) -> Answer:
    asked = legacy.query(call)
    start, end = asked["startDateTime"], asked["endDateTime"]
    if _time(start) < _now() - _LOOK_BACK:
        raise invalid("startDateTime", "events are kept for 60 days")
    if _time(end) < _time(start):
        raise invalid("endDateTime", "the end is before the start")
    text, categories = asked.get("query", "").casefold(), asked.get("categories")

    def keep(event: Body) -> bool:
        searched = " ".join(event[name] for name in ("auditType", "user", "eventInfo")).casefold()
        return (_within(event["eventTime"], start, end) and text in searched
                and (not categories or event["category"] in categories))

    rows, meta = legacy.page(call, AUDIT_EVENTS, keep=keep)
    return legacy.answer([{"id": call.id_of(AUDIT_EVENTS.number, ref), **event} for ref, event in rows], meta)


def _audit_categories(call: Call) -> Answer:
    stored = {event["category"] for _ref, event in call.state.store.rows(call.tenant, AUDIT_EVENTS.kind)}
    return legacy.answer([{"code": code, "id": code, "name": code.replace("_", " ").capitalize()}
                          for code in sorted({*_CATEGORIES, *stored})])


def _complete_event(body: Body) -> Body:
    return {"eventTime": _now().strftime(LEGACY_TIME), **body}


# --- messages

def _search(call: Call) -> Answer:
    asked = legacy.query(call)
    rows, _more = call.state.store.visible_page(call.tenant, MESSAGES.kind, 0, LEGACY_UNPAGED_ROWS,
                                                lambda message: _matches(message, asked))
    found = [{"id": call.id_of(MESSAGES.number, ref),
              **{name: value for name, value in message.items() if name not in _INTERNAL}} for ref, message in rows]
    return legacy.answer([{"trackedEmails": found}])


def _matches(message: Body, asked: Body) -> bool:
    options = asked.get("advancedTrackAndTraceOptions", {})
    routes, states = asked.get("route", []), asked.get("status", [])
    senders = [message.get("fromEnv", {}), message.get("fromHdr", {})]
    return all((
        _within(message.get("received") or message.get("sent"), asked.get("start"), asked.get("end")),
        asked.get("messageId") in (None, message.get("messageId")),
        asked.get("attachments") in (None, message.get("attachments", False)),
        not routes or "all" in routes or message.get("route") in routes,
        not states or message["status"] in states,
        options.get("senderIP") in (None, message.get("senderIP")),
        options.get("subject", "").casefold() in message.get("subject", "").casefold(),
        "url" not in options or any(options["url"].casefold() in url.casefold() for url in message.get("urls", [])),
        "from" not in options or _is_one_of(options["from"], senders),
        "to" not in options or _is_one_of(options["to"], message.get("to", [])),
    ))


def _is_one_of(wanted: str, people: list[Body]) -> bool:
    addresses = [person.get("emailAddress", "").casefold() for person in people]
    return any(wanted.casefold() in (address, address.rpartition("@")[2]) for address in addresses)


def _message_info(call: Call) -> Answer:
    ref = legacy.ref_of(call, MESSAGES, legacy.query(call)["id"])
    message = call.state.store.visible(call.tenant, MESSAGES.kind, ref)
    if message is None:
        raise ApiError(400, "err_not_found", "there is no such message", "id")
    return legacy.answer([{**message.get("info", {}), "id": call.id_of(MESSAGES.number, ref),
                           "status": message["status"]}])


AUDIT_EVENTS = register(Resource(
    kind="audit_events", number=60, list_key="events",
    fields=frozenset({"auditType", "user", "eventTime", "eventInfo", "category"}),
    defaults={"auditType": "Existing Policy Changed", "user": "admin@example.com", "eventInfo": "",
              "category": "policy_logs"},
    complete=_complete_event,
))

MESSAGES = register(Resource(
    kind="tracked_messages", number=61, list_key="trackedEmails",
    fields=frozenset({"status", "route", "subject", "senderIP", "sent", "received", "attachments", "fromEnv", "fromHdr",
                      "to", *_INTERNAL}),
    defaults={"status": "archived", "route": "inbound", "attachments": False},
))

HANDLERS: dict[str, Handler] = {
    "legacyGetAuditEvents": _audit_events,
    "legacyGetAuditCategories": _audit_categories,
    "legacySearchMessages": _search,
    "legacyGetMessageInfo": _message_info,
}
