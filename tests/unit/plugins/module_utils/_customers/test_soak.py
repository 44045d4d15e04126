# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Since when mail goes out: the laws of the days, against a service that tracks messages and may show only the newest of them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

hypothesis = pytest.importorskip("hypothesis", reason="the laws are tested with generated days")

from ansible_collections.mimecast.connect.plugins.module_utils._customers.soak import soak
from ansible_collections.mimecast.connect.plugins.module_utils._engine import times
from hypothesis import given
from hypothesis import strategies as st

UTC = datetime.timezone.utc
NOW = datetime.datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
SKIPPED, UNREADABLE, NOTHING = {"skipped": True}, {"failed": False, "msg": "HTTP 403: permission is missing."}, {"found": 0, "oldest": None}
LOOK_BACK = datetime.timedelta(days=7)
MOMENTS = st.datetimes(datetime.datetime(2026, 10, 1), datetime.datetime(2026, 12, 1), timezones=st.just(UTC)).map(lambda time: time.replace(microsecond=0))
DAYS = st.integers(0, 40)


def found(*moments: datetime.datetime) -> dict[str, Any]:
    return {"found": len(moments), "oldest": times.shown(min(moments)) if moments else None}


def searched(messages: list[datetime.datetime], days: int, now: datetime.datetime, most: int = 1000) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the role finds: two windows, and of each only the newest messages."""
    middle = now - datetime.timedelta(days=days)

    def window(start: datetime.datetime, end: datetime.datetime) -> dict[str, Any]:
        return found(*sorted(one for one in messages if start <= one <= end)[-most:])

    earlier = window(middle - LOOK_BACK, middle)
    return earlier, SKIPPED if earlier["found"] or not days else window(middle, now)


@given(st.lists(MOMENTS, max_size=8), DAYS, MOMENTS, st.integers(1, 3))
def test_the_days_have_passed_when_the_first_message_is_that_old(messages: list[datetime.datetime], days: int, now: datetime.datetime, most: int) -> None:
    messages = [one for one in messages if now - LOOK_BACK - datetime.timedelta(days=days) <= one <= now]
    judged = soak(*searched(messages, days, now), days, "", now)
    if not messages:
        assert judged["since"] == judged["until"] == "" and judged["passed"] is (days == 0)
        return
    first = min(messages).date()
    assert judged["since"] == first.isoformat() and judged["until"] == (first + datetime.timedelta(days=days)).isoformat()
    assert judged["passed"] is ((now.date() - first).days >= days)
    # A list that is cut never makes the days pass too early, and once they have passed to the second it is no obstacle.
    cut = soak(*searched(messages, days, now, most), days, "", now)
    assert cut["since"] >= judged["since"] and judged["passed"] >= cut["passed"]
    assert cut["passed"] or min(messages) > now - datetime.timedelta(days=days)


@given(MOMENTS, DAYS, DAYS, st.integers(0, 40))
def test_more_days_and_later_days(now: datetime.datetime, days: int, more: int, ago: int) -> None:
    since = (now - datetime.timedelta(days=ago)).date().isoformat()

    def passed(days: int, now: datetime.datetime) -> bool:
        return bool(soak(UNREADABLE, SKIPPED, days, since, now)["passed"])

    assert passed(days, now) is (ago >= days)
    assert passed(days, now) <= passed(days, now + datetime.timedelta(days=more))
    assert passed(max(days, more), now) <= passed(min(days, more), now)


@pytest.mark.parametrize("earlier, lately, days, declared, expected", [
    (NOTHING, found(datetime.datetime(2026, 11, 20, 23, 59, tzinfo=UTC)), 5, "", ("2026-11-20", "2026-11-25", False)),
    (NOTHING, found(datetime.datetime(2026, 11, 17, 23, 59, tzinfo=UTC)), 5, "", ("2026-11-17", "2026-11-22", True)),
    (found(datetime.datetime(2026, 11, 10, tzinfo=UTC)), SKIPPED, 5, "", ("2026-11-10", "2026-11-15", True)),
    (found(datetime.datetime(2026, 11, 10, tzinfo=UTC)), SKIPPED, 5, "2026-03-01", ("2026-03-01", "2026-03-06", True)),
    (found(datetime.datetime(2026, 11, 10, tzinfo=UTC)), SKIPPED, 5, "2026-11-21", ("2026-11-10", "2026-11-15", True)),
    # What is read goes before what is said: nobody has sent, whatever was declared.
    (NOTHING, NOTHING, 5, "2026-11-01", ("", "", False)),
    (NOTHING, SKIPPED, 0, "", ("", "", True)),
    (UNREADABLE, UNREADABLE, 5, "", ("", "", False)),
    (UNREADABLE, UNREADABLE, 5, "2026-11-17", ("2026-11-17", "2026-11-22", True)),
    (NOTHING, UNREADABLE, 5, "2026-11-18", ("2026-11-18", "2026-11-23", False)),
    # A time that cannot be read counts as the latest that it can be.
    ({"found": 2, "oldest": None}, SKIPPED, 5, "", ("2026-11-17", "2026-11-22", True)),
    (NOTHING, {"found": 2, "oldest": "yesterday"}, 5, "", ("2026-11-22", "2026-11-27", False)),
    (NOTHING, found(datetime.datetime(2027, 1, 1, tzinfo=UTC)), 5, "", ("2026-11-22", "2026-11-27", False)),
])
def test_the_days_of_a_customer(earlier: dict[str, Any], lately: dict[str, Any], days: int, declared: str, expected: tuple[str, str, bool]) -> None:
    judged = soak(earlier, lately, days, declared, NOW)
    assert (judged["since"], judged["until"], judged["passed"]) == expected
    assert not judged["why"].endswith(".") and (judged["until"] in judged["why"] or not days)


def test_a_reason_is_a_sentence() -> None:
    assert soak(NOTHING, NOTHING, 5, "", NOW)["why"].startswith("The service has tracked no outbound message yet: send one ")
    assert "let the messages be read (HTTP 403: permission is missing)" in soak(UNREADABLE, SKIPPED, 5, "", NOW)["why"]
    assert soak(UNREADABLE, SKIPPED, 5, "2026-11-20", NOW)["why"].endswith("; the 5 days to wait are over on 2026-11-25")
