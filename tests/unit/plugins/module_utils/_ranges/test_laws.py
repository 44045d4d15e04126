# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The laws of ranges, against sets of single addresses: nothing gets lost, only retiring removes, the grids stay apart."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable

import pytest

netaddr = pytest.importorskip("netaddr", reason="ranges need netaddr")
hypothesis = pytest.importorskip("hypothesis", reason="the laws are tested with generated ranges")

from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS
from ansible_collections.mimecast.connect.plugins.module_utils._ranges import gather, report, sets
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.bundled import Bundled
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, networks_of
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.source import Heard
from hypothesis import given, settings
from hypothesis import strategies as st

TODAY, PAST, FUTURE = "2026-11-22", "2026-11-22", "2026-11-23"
BASE = int(ipaddress.ip_address("198.51.100.0"))


def within(base: str, prefixes: range) -> st.SearchStrategy[str]:
    """Networks inside of a network, as texts."""
    network = ipaddress.ip_network(base)
    return st.tuples(st.integers(0, network.num_addresses - 1), st.sampled_from(prefixes)).map(
        lambda pair: str(ipaddress.ip_network((int(network[0]) + pair[0], pair[1]), strict=False)))


NETWORKS = st.lists(within("198.51.100.0/25", range(26, 33)) | within("2001:db8::/121", range(122, 129)), max_size=6)
LISTS = st.lists(within("198.51.100.0/25", range(26, 33)), min_size=1, max_size=6)


def addresses(networks: Iterable[object]) -> set[ipaddress._BaseAddress]:
    return {address for network in networks for address in ipaddress.ip_network(str(network))}


def nets(texts: Iterable[str]) -> list[netaddr.IPNetwork]:
    return [netaddr.IPNetwork(text) for text in texts]


def spf(texts: Iterable[str], complete: bool = True) -> Heard:
    return Heard("spf", "us._netblocks.mimecast.com", {network: {} for network in nets(texts)}, complete)


def gathered(heard: list[Heard], record: object = None, retired: Iterable[dict] = (), region: str = "us") -> gather.Gathered:
    return gather.gather(REGIONS[region], heard, record, "the record", list(retired), TODAY)


def retire(texts: Iterable[str], day: str = PAST, **more: object) -> list[dict]:
    return [{"range": text, "reason": "notice", "by": "Jane", "from": day, **more} for text in texts]


@settings(deadline=None)
@given(NETWORKS, NETWORKS)
def test_arithmetic_is_that_of_sets(first: list[str], second: list[str]) -> None:
    one, two = nets(first), nets(second)
    assert addresses(sets.merge(one)) == addresses(first)
    assert addresses(sets.difference(one, two)) == addresses(first) - addresses(second)
    assert addresses(sets.common(one, two)) == addresses(first) & addresses(second)
    minimal = [part for kind in (4, 6) for part in ipaddress.collapse_addresses(
        network for network in map(ipaddress.ip_network, first) if network.version == kind)]
    assert list(map(str, sets.merge(one))) == list(map(str, minimal))
    for found in (sets.difference(one, two), sets.common(one, two)):
        assert found == sets.merge(found)


@settings(deadline=None)
@given(NETWORKS, st.integers(26, 32), st.none() | st.integers(122, 128))
def test_a_split_keeps_every_address_and_the_limit(texts: list[str], prefix4: int, prefix6: int | None) -> None:
    found = sets.split(nets(texts), prefix4, prefix6)
    assert addresses(found) == addresses(texts) and sum(network.size for network in found) == len(addresses(texts))
    assert all(network.prefixlen >= (prefix4 if network.version == 4 else prefix6 or 0) for network in found)


def test_a_split_that_would_not_end_is_refused() -> None:
    with pytest.raises(ValueError, match="that would be 16777216 networks"):
        sets.split(nets(["10.0.0.0/8"]), 32)


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
def test_from_to_is_exactly_what_lies_between(first: int, length: int) -> None:
    ends = [ipaddress.ip_address(BASE + first), ipaddress.ip_address(BASE + first + length)]
    assert addresses(networks_of("{0} - {1}".format(*ends))) == {ipaddress.ip_address(BASE + first + step) for step in range(length + 1)}


@settings(deadline=None)
@given(LISTS, LISTS, LISTS, st.booleans())
def test_no_source_loses_a_range(own: list[str], filed: list[str], live: list[str], bundled: bool) -> None:
    heard = [gather.from_list(own), gather.from_file("ranges.txt", "# ours\n" + "\n".join(filed) + "\n"), spf(live)]
    heard += [gather.from_bundle(Bundled("us"), TODAY)] if bundled else []
    found = gathered(heard)
    known = Bundled("us").networks if bundled else []
    assert addresses(found.cidrs) == addresses([*own, *filed, *live, *known])
    rows = report.details(found)["ranges"]
    assert {row["cidr"] for row in rows} == {str(network) for one in heard for network in one.networks}
    for row in rows:
        listed = {one.source for one in heard if netaddr.IPNetwork(row["cidr"]) in one.networks}
        assert {one["source"] for one in row["sources"] if one["listed"]} == listed


@settings(deadline=None)
@given(LISTS, LISTS)
def test_retiring_removes_exactly_what_is_retired_and_undoing_restores_it(own: list[str], gone: list[str]) -> None:
    heard, left = [gather.from_list(own)], addresses(own) - addresses(gone)
    if left:
        found = gathered(heard, retired=retire(gone))
        assert addresses(found.cidrs) == left
        shown = report.details(found)
        assert addresses(part for row in shown["ranges"] for part in row["allowed"]) == left
        assert all((row["status"] == "retired") == (not row["allowed"]) for row in shown["ranges"])
        assert addresses(part for row in shown["retirements"] for part in row["removes"]) == addresses(own) & addresses(gone)
    else:
        with pytest.raises(RangesError, match="everything is retired"):
            gathered(heard, retired=retire(gone))
    for undone in (retire(gone, undone={"by": "Joe", "reason": "too early"}), retire(gone, FUTURE), []):
        assert addresses(gathered(heard, retired=undone).cidrs) == addresses(own)


@settings(deadline=None)
@given(st.lists(within("170.10.144.0/20", range(21, 33)) | within("170.10.128.0/19", range(20, 26)), min_size=1, max_size=8))
def test_no_grid_gets_ranges_of_the_other(live: list[str]) -> None:
    for region, other in (("us", "usb"), ("usb", "us")):
        foreign = Bundled(other).networks
        for record in (None, remembered(live, region)):
            heard = [spf(live if record is None else []), gather.from_bundle(Bundled(region), TODAY)]
            found = gathered(heard, record=record, region=region)
            assert not sets.common(found.cidrs, foreign)
            assert sets.merge(found.cidrs) == sets.difference(nets(live) + Bundled(region).networks, foreign)
            assert any("other grid" in warning for warning in found.warnings) == bool(sets.common(nets(live), foreign))


def remembered(texts: list[str], region: str) -> dict:
    """A record as a release that knew less might have left it."""
    return {"version": 1, "region": region, "ranges": {text: {"spf": {"first": "2026-01-01", "last": "2026-01-02"}} for text in texts}}


@pytest.mark.parametrize(("region", "text"), [
    ("us", "170.10.150.0/24"), ("us", "170.10.144.0/20"), ("us", "170.10.151.7"), ("usb", "170.10.128.0/22"), ("usb", "207.211.31.0/25"),
])
def test_a_range_of_the_other_grid_in_a_list_of_the_customer_is_refused(region: str, text: str) -> None:
    for heard in (gather.from_list([text]), gather.from_file("own.txt", text)):
        with pytest.raises(RangesError, match="is of the other grid of the United States"):
            gathered([heard, gather.from_bundle(Bundled(region), TODAY)], region=region)


DAYS = st.lists(st.tuples(st.none() | LISTS, st.booleans(), LISTS), min_size=1, max_size=5)


@settings(max_examples=50, deadline=None)
@given(DAYS)
def test_what_was_ever_seen_stays(days: list[tuple[list[str] | None, bool, list[str]]]) -> None:
    """Each day SPF answers wholly, in parts or not at all, the customer's list changes, and the record goes through a file."""
    record, ever = None, set()
    for live, complete, own in days:
        heard = [gather.from_list(own), spf(live or [], complete and live is not None)]
        found = gathered(heard, record)
        ever |= addresses([*(live or []), *own])
        assert addresses(found.cidrs) == ever
        shown = report.details(found)
        for row in shown["ranges"]:
            gone = all(one["listed"] is False for one in row["sources"])
            assert row["status"] == ("deprecated" if gone else "current")
        record = json.loads(json.dumps(shown["record"]))
    assert report.details(gathered(heard, record))["record"] == record
