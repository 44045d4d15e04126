# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records, retirements and reports: what they hold, and what is refused."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest

netaddr = pytest.importorskip("netaddr", reason="ranges need netaddr")
pytest.importorskip("dns", reason="the SPF source needs dnspython")

from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS
from ansible_collections.mimecast.connect.plugins.module_utils._ranges import gather, report
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.bundled import Bundled
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.source import Heard
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.spf import _server

TODAY = "2026-11-22"
ENTRY = {"range": "63.128.21.0/24", "reason": "notice", "by": "Jane", "from": "2026-11-01"}
RECORD = {"version": 1, "region": "us", "ranges": {"198.51.100.0/24": {"spf": {"first": "2026-01-01", "last": "2026-02-01"}}}}


def shown(heard: list[Heard], record: Any = None, retired: list[Any] | None = None, region: str = "us") -> dict[str, Any]:
    return report.details(gather.gather(REGIONS[region], heard, record, "ranges.yml", retired or [], TODAY))


def bundle(region: str = "us") -> Heard:
    return gather.from_bundle(Bundled(region), TODAY)


def live(*texts: str, complete: bool = True) -> Heard:
    return Heard("spf", "us._netblocks.mimecast.com", {netaddr.IPNetwork(text): {} for text in texts}, complete)


def row(report_: dict[str, Any], cidr: str) -> dict[str, Any]:
    return next(one for one in report_["ranges"] if one["cidr"] == cidr)


def test_a_range_tells_its_sources_status_and_sightings() -> None:
    found = row(shown([bundle(), live("170.10.128.0/22"), gather.from_list(["170.10.128.0/22"])]), "170.10.128.0/22")
    assert [one["source"] for one in found["sources"]] == ["list", "spf", "bundled"]
    assert (found["status"], found["first_seen"], found["last_seen"], found["migration_role"]) == ("current", "2022-01-15", TODAY, "new")
    known = found["sources"][2]
    assert known["confidence"] == "high" and "inbound_delivery_seen" in known["uses"] and any("Received headers" in text for text in known["references"])


def test_a_list_is_no_sighting() -> None:
    found = row(shown([gather.from_list(["198.51.100.0/24"])]), "198.51.100.0/24")
    assert (found["first_seen"], found["last_seen"], found["status"]) == (None, None, "current")


def test_deprecated_ranges_stay_and_parts_of_them_are_deprecated() -> None:
    found = shown([bundle(), live("207.211.31.64/26")])
    assert row(found, "207.211.31.64/26")["status"] == row(found, "207.211.31.0/25")["status"] == "deprecated"
    assert "207.211.31.0/25" in found["cidrs"] and "205.217.25.132/32" in found["cidrs"]


def test_the_age_of_the_data_is_told() -> None:
    assert shown([bundle()])["sources"] == [
        {"source": "bundled", "where": "data of the collection", "ranges": 20, "complete": True, "collected": "2026-11-21", "age_days": 1}]


@pytest.mark.parametrize(("answer", "listed", "status"), [
    (live("170.10.128.0/22"), False, "deprecated"), (live("170.10.128.0/22", complete=False), None, "current"), (None, None, "current"),
])
def test_only_a_whole_answer_says_that_a_range_is_gone_and_it_stays(answer: Heard | None, listed: bool | None, status: str) -> None:
    found = shown([bundle(), *([answer] if answer else [])], RECORD)
    one = row(found, "198.51.100.0/24")
    assert (one["sources"][0]["listed"], one["status"], one["first_seen"], one["last_seen"]) == (listed, status, "2026-01-01", "2026-02-01")
    assert "198.51.100.0/24" in found["cidrs"]


def test_the_record_keeps_days_and_retired_ranges() -> None:
    record = shown([live("198.51.100.0/24"), bundle()], RECORD, [{**ENTRY, "range": "63.128.21.0/24"}])["record"]
    assert record["ranges"]["198.51.100.0/24"] == {"spf": {"first": "2026-01-01", "last": TODAY}}
    assert "63.128.21.0/24" in record["ranges"]


@pytest.mark.parametrize(("change", "said"), [
    ({"version": 2}, "ranges.yml is a record of version 2"), ({"region": "usb"}, "ranges.yml is the record of region usb, not of us"),
    ({"ranges": []}, "ranges.yml is no record of ranges"),
    *(({"ranges": ranges}, "ranges.yml: the entry ") for ranges in (
        {"x": {"spf": {"first": "2026-01-01", "last": "2026-01-01"}}}, {"0.0.0.0/0": {"spf": {"first": "2026-01-01", "last": "2026-01-01"}}},
        {"198.51.100.0/24": {}}, {"198.51.100.0/24": None}, {"198.51.100.0/24": {"dns": {"first": "2026-01-01", "last": "2026-01-01"}}},
        {"198.51.100.0/24": {"spf": {"first": "2026-13-01", "last": "2026-13-01"}}}, {"198.51.100.0/24": {"spf": {"first": "2026-01-01"}}},
        {"198.51.100.0/24": {"spf": {"first": "2026-02-01", "last": "2026-01-01"}}})),
])
def test_a_record_that_is_none_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(RangesError, match="^" + re.escape(said)):
        shown([bundle()], {**RECORD, **change})


@pytest.mark.parametrize("document", ["", "text", [], {}, 17])
def test_a_file_that_holds_no_record_is_refused(document: Any) -> None:
    with pytest.raises(RangesError, match="is no record of ranges"):
        shown([bundle()], document)


@pytest.mark.parametrize(("day", "state", "stays"), [
    ("2026-11-22", "effective", False), ("2026-11-23", "planned", True), (datetime.date(2026, 11, 22), "effective", False),
    (datetime.datetime(2026, 11, 23, 5), "planned", True),
])
def test_a_retirement_counts_from_its_day(day: Any, state: str, stays: bool) -> None:
    found = shown([bundle()], None, [{**ENTRY, "from": day}])
    assert ("63.128.21.0/24" in found["cidrs"]) == stays
    assert found["retirements"] == [{
        "range": "63.128.21.0/24", "reason": "notice", "by": "Jane", "from": str(day)[:10], "undone": None, "state": state, "removes": ["63.128.21.0/24"]}]
    assert row(found, "63.128.21.0/24")["status"] == ("deprecated" if stays else "retired")


def test_a_part_is_retired() -> None:
    found = row(shown([bundle()], None, [{**ENTRY, "range": "170.10.128.0/24"}]), "170.10.128.0/22")
    assert (found["status"], found["allowed"]) == ("current", ["170.10.129.0/24", "170.10.130.0/23"])


@pytest.mark.parametrize(("heard", "retired", "said"), [
    ([bundle()], [{**ENTRY, "range": "198.51.100.0/24"}], "retired: no source has a range in 198.51.100.0/24, so there is nothing to retire"),
    ([bundle()], [{**ENTRY, "range": "198.51.100.0/24", "from": "2999-01-01"}], "retired: no source has a range in 198.51.100.0/24"),
    ([bundle(), live("63.128.21.0/25")], [ENTRY], "63.128.21.0/25 is retired, but the SPF record of us._netblocks.mimecast.com still has it"),
    ([bundle(), gather.from_list(["63.128.20.0/23"])], [ENTRY], "63.128.21.0/24 is retired, but ranges still has it"),
])
def test_retirements_that_deserve_a_look(heard: list[Heard], retired: list[Any], said: str) -> None:
    assert [warning[:len(said)] for warning in shown(heard, None, retired)["warnings"]] == [said]


@pytest.mark.parametrize(("entry", "said"), [
    ("63.128.21.0/24", "63.128.21.0/24 is no mapping"), ({**ENTRY, "by": ""}, "lacks by"), ({"range": "63.128.21.0/24"}, "lacks reason, by, from"),
    ({**ENTRY, "until": "2026-01-01"}, "does not know until"), ({**ENTRY, "range": "63.128.21.1/24"}, "has host bits set"),
    ({**ENTRY, "range": "0.0.0.0/0"}, "is wider than a /16"), ({**ENTRY, "range": ["63.128.21.0/24"]}, "is no text"),
    ({**ENTRY, "from": "01.11.2026"}, "is no day such as"), ({**ENTRY, "from": "2026-02-30"}, "is no day of the calendar"),
    ({**ENTRY, "from": True}, "is no day such as"), ({**ENTRY, "undone": True}, "undone takes by and reason"),
    ({**ENTRY, "undone": {"by": "Joe"}}, "undone takes by and reason"),
])
def test_a_wrong_retirement_is_refused(entry: Any, said: str) -> None:
    with pytest.raises(RangesError, match="^retired, entry 2: .*" + re.escape(said)):
        shown([bundle()], None, [ENTRY, entry])


def test_nothing_is_never_an_answer() -> None:
    for heard in ([], [bundle("uspcom")], [bundle("uspcom"), live(complete=False)]):
        with pytest.raises(RangesError, match="no source has a range, and an empty list would cut off all mail"):
            shown(heard, region="uspcom")
    with pytest.raises(RangesError, match="own.txt holds no range"):
        gather.from_file("own.txt", "\ufeff# nothing yet\n\n")


@pytest.mark.parametrize(("text", "where"), [
    ("192.0.2.53", ("192.0.2.53", 53)), ("192.0.2.53:5353", ("192.0.2.53", 5353)), ("2001:db8::53", ("2001:db8::53", 53)),
    ("[2001:db8::53]:5353", ("2001:db8::53", 5353)), ("[2001:db8::53]", ("2001:db8::53", 53)),
])
def test_resolvers(text: str, where: tuple[str, int]) -> None:
    assert _server(text) == where


@pytest.mark.parametrize("text", ["dns.example.com", "192.0.2.53:0", "192.0.2.53:x", ":53", "192.0.2.53:70000"])
def test_what_is_no_resolver(text: str) -> None:
    with pytest.raises(RangesError, match="is no address, or address:port, of a resolver"):
        _server(text)
