# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For how long receivers may keep the SPF records that a run changes."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers.old_spf import old_spf

NOW = datetime.datetime(2026, 11, 22, 12, 0, 30, tzinfo=datetime.timezone.utc)
NOTHING = {"seconds": 0, "domains": [], "why": ""}
NEW = {"ttl": 300, "records": ["v=spf1 include:eu._netblocks.mimecast.com mx -all"]}


def records(*before: tuple[str, int, list[str]], **more: Any) -> dict[str, Any]:
    """A result of mail_dns_records, each record in a zone of its own."""
    changes = [{"name": name, "type": "TXT", "before": {"ttl": ttl, "records": texts} if texts else {}, "after": NEW} for name, ttl, texts in before]
    return {"zones": [{"zone": change["name"], "changes": [change]} for change in changes], **more}


def test_the_largest_ttl_of_old_spf_records_counts() -> None:
    zones = records(("b.example", 60, ["V=SPF1 -all"]), ("a.example", 300, ["a-token", "v=spf1 mx -all"]), ("c.example", 86400, ["a-token"]))
    found = old_spf(zones, False, NOW)
    assert (found["seconds"], found["domains"]) == (300, ["a.example", "b.example"])
    assert "until 2026-11-22 12:06 UTC" in found["why"], "a minute that has begun by then is over"
    assert "of a.example, b.example and refuse" in found["why"] and "run it again after that" in found["why"]


def test_in_check_mode_nobody_knows_when_it_begins() -> None:
    why = old_spf(records(("a.example", 300, ["v=spf1 mx -all"])), True, NOW)["why"]
    assert "would be left alone for 300 seconds after the change of SPF" in why and "UTC" not in why


def test_many_domains_are_counted() -> None:
    many = records(*(("d{0}.example".format(number), 300 + number, ["v=spf1 -all"]) for number in range(9)))
    assert "of d8.example, d7.example, d6.example and 6 more and refuse" in old_spf(many, False, NOW)["why"]


def test_there_is_nothing_to_wait_for() -> None:
    assert old_spf(records(("a.example", 300, [])), False, NOW) == NOTHING, "there was no record"
    assert old_spf(records(("a.example", 300, ["v=spf10 -all"])), False, NOW) == NOTHING, "no SPF record"
    assert old_spf(records(("a.example", 0, ["v=spf1 -all"])), False, NOW) == NOTHING, "nobody keeps it"
    assert old_spf(records(("a.example", 300, ["v=spf1 -all"]), pending=True), False, NOW) == NOTHING, "this run does not change it"
    assert old_spf({"skipped": True}, False, NOW) == old_spf({}, False, NOW) == NOTHING
