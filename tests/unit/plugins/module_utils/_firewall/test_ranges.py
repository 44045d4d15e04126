# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people write as ranges, and the arithmetic, against the standard library's own."""

from __future__ import annotations

import ipaddress
import random

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import (
    from_networks, merge, networks, parse, size, subtract,
)

# what is written -> the networks that it is, and a part of the sentence about it
READ = [
    (["198.51.100.7"], ["198.51.100.7"], ""),
    ([" 198.51.100.0/24 "], ["198.51.100.0/24"], ""),
    (["198.51.100.0/255.255.255.0"], ["198.51.100.0/24"], ""),
    (["198.51.100.7/24"], ["198.51.100.0/24"], "198.51.100.7/24 is 198.51.100.0/24 (host bits were set)"),
    (["198.51.100.0-198.51.100.127"], ["198.51.100.0/25"], "is 198.51.100.0/25"),
    (["198.51.100.1-198.51.100.4"], ["198.51.100.1", "198.51.100.2/31", "198.51.100.4"], "is 198.51.100.1, 198.51.100.2/31, 198.51.100.4"),
    (["198.51.100.9 - 198.51.100.9"], ["198.51.100.9"], "is 198.51.100.9"),
    (["::ffff:198.51.100.0/120"], ["198.51.100.0/24"], "::ffff:198.51.100.0/120 is 198.51.100.0/24"),
    (["::ffff:198.51.100.1"], ["198.51.100.1"], "is 198.51.100.1"),
    (["::ffff:198.51.100.0-::ffff:198.51.100.1"], ["198.51.100.0/31"], "is 198.51.100.0/31"),
    (["198.51.100.0/25", "198.51.100.128/25"], ["198.51.100.0/24"], ""),
    (["198.51.100.0/24", "198.51.100.7"], ["198.51.100.0/24"], "duplicates or overlaps"),
    (["198.51.100.0/24", "198.51.100.0/24"], ["198.51.100.0/24"], "1 IPv4 entries say what others say"),
    (["2001:DB8:0::/48"], ["2001:db8::/48"], ""),
    (["2001:db8::1/64"], ["2001:db8::/64"], "host bits were set"),
    (["0.0.0.0/0"], ["0.0.0.0/0"], ""),
    (["::/0"], ["::/0"], ""),
    (["255.255.255.255"], ["255.255.255.255"], ""),
    ([], [], ""),
]

WRONG = [
    "", "  ", "mx1.example.com", "198.51.100", "198.51.100.256", "198.51.100.0/33", "198.51.100.0/", "/24", "198.51.100.010", "0198.51.100.1",
    "198.51.100.9-198.51.100.1", "198.51.100.0-2001:db8::1", "198.51.100.0-", "198.51.100.0-198.51.100.256", "fe80::1%eth0", "2001:db8::/129", "2001:db8:::1",
    "198.51.100.0/24/24", "198.51.100.1,198.51.100.2", "5", "all", "198.51.100.0/24 drop", "1.2.3.4; flush ruleset",
]


@pytest.mark.parametrize("written, meant, said", READ, ids=lambda value: str(value)[:40])
def test_an_entry_is_read_as_what_it_is_and_said_if_it_says_something_else(written: list[str], meant: list[str], said: str) -> None:
    found, notes = parse(written, "Service 'smtp'")
    assert networks(found[4], 4) + networks(found[6], 6) == meant
    assert bool(notes) is bool(said)
    assert not said or (said in notes[0] and notes[0].startswith("Service 'smtp': "))


@pytest.mark.parametrize("entry", WRONG)
def test_what_is_no_range_is_named(entry: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse(["198.51.100.0/24", entry], "Service 'smtp'")
    assert str(caught.value).startswith("Service 'smtp': not a range: {0!r}".format(entry))


def test_many_wrong_entries_are_counted() -> None:
    with pytest.raises(ValueError, match="and 7 more"):
        parse(["wrong"] * 12, "sources")


def test_a_hundred_thousand_entries_are_read() -> None:
    written = ["10.{0}.{1}.{2}/32".format(number >> 16, number >> 8 & 255, number & 255) for number in range(100_000)]
    found, notes = parse(written, "sources")
    assert size(found[4]) == 100_000 and notes == []


@pytest.mark.parametrize("seed", range(20))
def test_laws_of_the_arithmetic(seed: int) -> None:
    """Against sets of numbers, on a small space in which everything touches and overlaps."""
    draw = random.Random(seed)
    pairs = [sorted((draw.randrange(64), draw.randrange(64))) for _number in range(8)]
    left, right = (merge((first, last) for first, last in half) for half in (pairs[:4], pairs[4:]))
    numbers = {one for first, last in left for one in range(first, last + 1)}
    gone = {one for first, last in right for one in range(first, last + 1)}
    assert {one for first, last in subtract(left, right) for one in range(first, last + 1)} == numbers - gone
    assert size(subtract(left, right)) == len(numbers - gone)
    assert subtract(left, left) == ()
    assert merge(left) == left == merge(reversed(left)) == merge([*left, *left])


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("seed", range(10))
def test_networks_are_the_fewest_and_read_back(family: int, seed: int) -> None:
    draw = random.Random(seed)
    bits = 32 if family == 4 else 128
    ranges = merge(sorted((draw.getrandbits(bits), draw.getrandbits(bits))) for _number in range(3))
    texts = networks(ranges, family)
    assert from_networks(texts)[family] == ranges
    kind = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
    meant = [net for first, last in ranges for net in ipaddress.summarize_address_range(kind(first), kind(last))]
    assert [ipaddress.ip_network(text) for text in texts] == meant
