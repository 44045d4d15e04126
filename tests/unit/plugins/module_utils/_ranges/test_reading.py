# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ranges as people write them, regions as people name them, and the data that the collection brings."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest

netaddr = pytest.importorskip("netaddr", reason="ranges need netaddr")

from ansible_collections.mimecast.connect.plugins.module_utils._data.ranges import COLLECTED, KNOWN, REFERENCES, SPF_CAPTURE, USES
from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS
from ansible_collections.mimecast.connect.plugins.module_utils._ranges import sets
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.bundled import Bundled
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, check_source, read
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.region import region_named

UNDERSTOOD = {
    "170.10.128.0/22": ["170.10.128.0/22"],
    " 170.10.128.7 ": ["170.10.128.7/32"],
    "2A02:5BE0::/47": ["2a02:5be0::/47"],
    "170.10.128.0-170.10.129.127": ["170.10.128.0/24", "170.10.129.0/25"],
    "170.10.128.0 \u2013 170.10.128.0": ["170.10.128.0/32"],
    "::ffff:170.10.128.0/120": ["170.10.128.0/24"],
    "::ffff:170.10.128.1-170.10.128.2": ["170.10.128.1/32", "170.10.128.2/32"],
}
REFUSED = {
    "170.10.128.5/22": "has host bits set: write 170.10.128.0/22 for the network or 170.10.128.5 for the one address",
    "2a02:5be0::1/47": "has host bits set: write 2a02:5be0::/47",
    "170.10.128.0/255.255.252.0": "has a mask: write 170.10.128.0/22",
    "170.10.128.0/33": "is no address, network or range",
    "170.10.128.256": "is no address, network or range",
    "170.10.128": "is no address, network or range",
    "170.010.128.0/24": "is no address, network or range",
    "170.10.128.0/24, 170.10.129.0/24": "is no address, network or range",
    "170.10.128.0/24-170.10.129.0/24": "is no address, network or range",
    "170.10.128.0-255": "both ends must be whole addresses",
    "170.10.128.9-170.10.128.1": "it ends before it begins",
    "170.10.128.0-2a02::1": "one end is IPv4, the other IPv6",
    "fe80::1%eth0": "has a zone",
    "mail.example.com": "is no address, network or range",
    "": "is no address, network or range",
    "0.0.0.0/0": "is wider than a /16",
    "::/0": "is wider than a /32",
    "::ffff:0:0/96": "is wider than a /16",
    "::fffe:0:0/95": "is no network that mail comes from",
    "0.0.0.0-255.255.255.255": "is wider than a /16",
    "127.0.0.1": "is no network that mail comes from",
    "169.254.1.0/24": "is no network that mail comes from",
    "224.0.0.1": "is no network that mail comes from",
    "fd00::/64": "is no network that mail comes from",
    "\x1b[31m": "\\x1b[31m is no address",
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_understood(text: str) -> None:
    assert list(map(str, read([("here", text)]).networks)) == UNDERSTOOD[text]


@pytest.mark.parametrize("text", REFUSED)
def test_refused_with_a_reason(text: str) -> None:
    with pytest.raises(RangesError, match="^here: .*" + re.escape(REFUSED[text])):
        read([("here", text)])


@pytest.mark.parametrize("entry", [None, 17, True, ["170.10.128.0/22"], {"cidr": "170.10.128.0/22"}])
def test_what_is_no_text_is_refused(entry: object) -> None:
    with pytest.raises(RangesError, match="is no text"):
        read([("here", entry)])


def test_every_wrong_entry_is_named_and_the_message_stays_short() -> None:
    with pytest.raises(RangesError) as error:
        read((f"line {number}", "10.0.0.1/8") for number in range(1, 100_001))
    assert "line 1: " in str(error.value) and "line 20: " in str(error.value) and str(error.value).endswith("and 99980 more")


def test_what_was_normalised_is_said() -> None:
    texts = ["170.10.128.0/22", "170.10.129.0/24", "170.10.128.0/22", "::ffff:170.10.140.1", "170.10.150.0-170.10.151.255"]
    found = read(("x", text) for text in texts)
    assert list(map(str, found.networks)) == ["170.10.128.0/22", "170.10.129.0/24", "170.10.140.1/32", "170.10.150.0/23"]
    assert found.notes == [
        "::ffff:170.10.140.1 is read as 170.10.140.1/32; 170.10.150.0-170.10.151.255 is read as 170.10.150.0/23",
        "given more than once, counted once: 170.10.128.0/22",
        "lie within others of the same list: 170.10.129.0/24 in 170.10.128.0/22",
    ]


def test_a_hundred_thousand_entries() -> None:
    texts = [f"{20 + number // 65536}.{number // 256 % 256}.{number % 256}.0/25" for number in range(100_000)]
    begun = time.process_time()
    networks = read(("x", text) for text in texts).networks
    assert len(sets.merge(networks)) == 100_000
    assert len(sets.difference(networks, networks[:50_000])) == 50_000
    assert time.process_time() - begun < 20  # about 3 s; a quadratic step would take hours


@pytest.mark.parametrize(("text", "code"), [
    ("CUSA12A34", "us"), ("CUSB1A1", "usb"), ("CCA1A1", "ca"), ("cuk12a345", "eu"), ("CDE1", "de"), ("CAU1A1", "au"), ("CSA1A1", "za"), (" CUSA ", "us"),
    ("us", "us"), ("USB", "usb"), ("je", "je"), ("uspcom", "uspcom"), ("Germany", "de"), ("south  africa", "za"), ("Europe (excluding Germany)", "eu"),
    ("United States of America (B grid)", "usb"),
])
def test_regions(text: str, code: str) -> None:
    assert region_named(text).code == code


@pytest.mark.parametrize(("text", "said"), [
    ("CUS12A34", "Did you mean CUSA (United States of America (A grid)) or CUSB (United States of America (B grid))?"),
    ("UCK12A34", "Did you mean CUK (Europe (excluding Germany))?"),
    ("CUSAA1A34", "Did you mean CUSA "),
    ("CAUSA1A34", "Did you mean CUSA "),  # and not Australia, although it begins with CAU
    ("Germny", "Did you mean de (Germany)?"),
    ("United States", "has two grids that must not be mixed"),
    ("Mars", "Mars is no region and no account code. Regions are eu, de, us, usb"),
    ("", "'' is no region"),
    (None, "is no region"),
    ("CUSA-12", "is no region"),
])
def test_a_typo_is_never_a_region(text: object, said: str) -> None:
    with pytest.raises(RangesError, match=re.escape(said)):
        region_named(text)


def test_the_data_says_what_it_must() -> None:
    assert set(KNOWN) == set(REGIONS)
    for region, rows in KNOWN.items():
        for row in rows:
            network = netaddr.IPNetwork(row.cidr)
            check_source(network)
            assert str(network) == row.cidr and network.ip == network.network
            assert row.status in ("current", "deprecated") and row.confidence in ("high", "medium", "low") and row.migration_role in ("old", "new", "unknown")
            assert row.uses and set(row.uses.split()) <= set(USES)
            assert all(day is None or date.fromisoformat(day) <= date.fromisoformat(COLLECTED) for day in (row.first_seen, row.last_seen))
        assert sets.merge(Bundled(region).networks) == sets.merge([*(row.cidr for row in rows), *SPF_CAPTURE.get(region, ())])
    assert {name for _meaning, names in USES.values() for name in names} == set(REFERENCES)


def test_the_grids_of_the_data_are_apart_and_web_security_is_no_source() -> None:
    assert sets.common(Bundled("us").networks, Bundled("usb").networks) == []
    assert Bundled("usb").networks
    assert not sets.common(Bundled("za").networks, [netaddr.IPNetwork("41.74.203.0/24")])


@pytest.mark.parametrize(("network", "known"), [
    ("207.211.31.0/25", "207.211.31.0/25"), ("170.10.132.64/29", "170.10.132.0/23"), ("207.211.30.0/23", None), ("2a02:5be0::/47", None),
])
def test_the_smallest_known_range_around(network: str, known: str | None) -> None:
    row = Bundled("us").covering(netaddr.IPNetwork(network))
    assert (row.cidr if row else None) == known
