# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Since when mail goes out through the service, and whether the agreed days have passed. Pure; days are those of UTC."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._engine import times, values

MOST_DAYS = 365


def soak(earlier: dict[str, Any], lately: dict[str, Any], days: int, declared: str, now: datetime.datetime) -> dict[str, Any]:
    """since and until (days, '' if unknown), passed, and why (a sentence). ValueError where an option is wrong.

    Two searches for outbound messages, as mimecast_message_info returns them: ``earlier`` ends ``days`` before now, ``lately`` begins there and
    is skipped where ``earlier`` has found any. Apart from each other, because a list of messages may be cut: one message in ``earlier`` is
    enough to know that the days have passed, however many came since. ``declared``: the day that a person says, '' if nobody does.
    """
    days, declared = checked(days, declared, now)
    since, why = _since(earlier, lately, days, declared, now)
    if not since:
        return {"since": "", "until": "", "passed": days == 0, "why": why}
    until = datetime.date.fromisoformat(since) + datetime.timedelta(days=days)
    passed = now.date() >= until
    end = "the {0} days to wait {1} on {2}".format(days, "were over" if passed else "are over", until)
    return {"since": since, "until": until.isoformat(), "passed": passed, "why": "{0}; {1}".format(why, end if days else "no days to wait are agreed")}


def checked(days: Any, declared: Any, now: datetime.datetime) -> tuple[int, str]:
    """Both as they are used; ValueError names the option."""
    try:
        number = values.between(0, MOST_DAYS)(days)
    except ValueError as error:
        raise ValueError("outbound_soak_days is {0!r}: {1}".format(days, error)) from None
    try:
        day = values.date(declared) if declared else ""
    except ValueError as error:
        raise ValueError("outbound_since is {0!r}: {1}".format(declared, error)) from None
    if day > now.date().isoformat():
        raise ValueError("outbound_since is {0}, which has not come yet: give the day since which mail goes out through the service".format(day))
    return number, day


def _since(earlier: dict[str, Any], lately: dict[str, Any], days: int, declared: str, now: datetime.datetime) -> tuple[str, str]:
    """The day, '' if unknown, and the sentence that says so."""
    unread = [one for one in (earlier, lately) if "found" not in one and not one.get("skipped")]
    if unread:
        reason = str(unread[0].get("msg") or "no reason is given").rstrip(".")
        if declared:
            return declared, "Mail goes out through the service since {0}, as was declared; the messages cannot be read ({1})".format(declared, reason)
        return "", "Nobody knows since when mail goes out through the service: give outbound_since, or let the messages be read ({0})".format(reason)
    if earlier.get("found"):
        seen = _day(earlier, now - datetime.timedelta(days=days))
        # The search began somewhere, so it refutes no earlier day.
        since = min(seen, declared or seen)
        return since, "Mail goes out through the service since {0} or earlier".format(since)
    if lately.get("found"):
        since = _day(lately, now)
        return since, "Mail goes out through the service since {0}, the day of the oldest message that it tracked".format(since)
    return "", "The service has tracked no outbound message yet: send one from a mailbox of the customer to somebody outside"


def _day(search: dict[str, Any], latest: datetime.datetime) -> str:
    """Of the oldest message; the latest possible day if its time cannot be read."""
    found = times.sortable(search.get("oldest"))
    return (latest if found == times.EARLIEST else min(found, latest)).date().isoformat()
