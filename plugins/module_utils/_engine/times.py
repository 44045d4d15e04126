# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Moments: as people write them, and as the service takes them (2026-01-31T10:15:30+0000)."""

from __future__ import annotations

import datetime
import re

_SPAN = re.compile(r"([0-9]{1,6})([mhd])\Z")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:\.[0-9]+)?)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?\Z")
EARLIEST = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def moment(value: str, now: datetime.datetime) -> datetime.datetime:
    """An ISO 8601 time (UTC unless it says otherwise), a day, or a span before ``now`` such as 90m, 2h or 7d."""
    found = str(value).strip()
    span = _SPAN.match(found)
    try:
        if span:
            return now - datetime.timedelta(**{_UNITS[span[2]]: int(span[1])})
        return _parsed(found)
    except (ValueError, OverflowError):
        raise ValueError("it is neither a time such as 2026-01-31T10:15:30+0000 nor a span before now such as 90m, 2h or 7d") from None


def shown(time: datetime.datetime) -> str:
    """The form that the service takes."""
    return time.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+0000")


def sortable(value: object) -> datetime.datetime:
    """A time of an answer for sorting; what cannot be read counts as the earliest."""
    try:
        return _parsed(str(value))
    except (ValueError, OverflowError):
        return EARLIEST


def _parsed(text: str) -> datetime.datetime:
    match = _ISO.match(text)
    if not match:
        raise ValueError(text)
    day, minute, second, zone = match.groups()
    zone = "+0000" if zone in (None, "Z") else zone.replace(":", "")
    plain = "{0}T{1}{2}{3}".format(day, minute or "00:00", second or ":00", zone)
    return datetime.datetime.strptime(plain, "%Y-%m-%dT%H:%M:%S%z").astimezone(datetime.timezone.utc)
