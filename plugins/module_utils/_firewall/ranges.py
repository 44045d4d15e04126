# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Ranges of addresses as sorted, merged pairs of numbers: one form for what people write and for what backends show.

Two sets of addresses are equal exactly when these pairs are, however they were cut into networks.
"""

from __future__ import annotations

import re
import socket
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Optional, Tuple

Range = Tuple[int, int]  # first and last address
Ranges = Tuple[Range, ...]

BITS = {4: 32, 6: 128}
KINDS = {4: socket.AF_INET, 6: socket.AF_INET6}
# ::ffff:0:0/96, the IPv6 form of IPv4 addresses (RFC 4291, 2.5.5.2)
MAPPED_FIRST = 0xFFFF << 32
MAPPED_LAST = MAPPED_FIRST + (1 << 32) - 1
PLAIN = re.compile(r"([0-9.]+|[0-9a-fA-F:]+)(?:/([0-9]{1,3}))?\Z")
LEADING_ZERO = re.compile(r"(?:^|[.\-])0[0-9]")
SHOWN = 5


def merge(pairs: Iterable[Range]) -> Ranges:
    """Sorted, without overlaps; neighbours become one."""
    merged: list[Range] = []
    for first, last in sorted(pairs):
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return tuple(merged)


@lru_cache(maxsize=16)  # guards, messages and the diff ask for the same
def subtract(ranges: Ranges, gone: Ranges) -> Ranges:
    """The addresses of ``ranges`` that are not in ``gone``; both merged."""
    if ranges == gone or not ranges:
        return ()
    starts = [first for first, _last in gone]
    left: list[Range] = []
    for first, last in ranges:
        at = max(bisect_right(starts, first) - 1, 0)
        while first <= last and at < len(gone) and gone[at][0] <= last:
            if gone[at][1] >= first:
                if gone[at][0] > first:
                    left.append((first, gone[at][0] - 1))
                first = gone[at][1] + 1
            at += 1
        if first <= last:
            left.append((first, last))
    return tuple(left)


def size(ranges: Ranges) -> int:
    """How many addresses these are."""
    return sum(last - first + 1 for first, last in ranges)


def text_of(number: int, family: int) -> str:
    """An address as people write it."""
    return socket.inet_ntop(KINDS[family], number.to_bytes(BITS[family] // 8, "big"))


def number_of(text: str) -> tuple[int, int]:
    """Family and number of an address that a program printed."""
    family = 6 if ":" in text else 4
    return family, int.from_bytes(socket.inet_pton(KINDS[family], text), "big")


def networks(ranges: Ranges, family: int) -> list[str]:
    """The fewest networks that are these ranges, single addresses without their length."""
    return list(_networks(ranges, family))


@lru_cache(maxsize=16)  # the same list is compared, counted, written to the kernel and to a file
def _networks(ranges: Ranges, family: int) -> tuple[str, ...]:
    bits, found = BITS[family], []
    for first, last in ranges:
        while first <= last:
            # The largest block that starts here and does not go beyond the end.
            room = (last - first + 1).bit_length() - 1
            free = min(room, (first & -first).bit_length() - 1) if first else room
            text = text_of(first, family)
            found.append("{0}/{1}".format(text, bits - free) if free else text)
            first += 1 << free
    return tuple(found)


def from_networks(texts: Iterable[str]) -> dict[int, Ranges]:
    """What a program printed: networks, addresses, or pairs with a hyphen, by family."""
    found: dict[int, list[Range]] = {4: [], 6: []}
    for text in texts:
        start, hyphen, end = text.partition("-")
        address, slash, length = start.partition("/")
        family, first = number_of(address)
        last = number_of(end)[1] if hyphen else first
        if slash:
            last = first + (1 << (BITS[family] - int(length))) - 1
        found[family].append((first, last))
    return {family: merge(pairs) for family, pairs in found.items()}


def parse(entries: Iterable[str], where: str) -> tuple[dict[int, Ranges], list[str]]:
    """What a person wrote, by family, and a sentence for each entry that was read as something else than it says.

    Raises ValueError that names the entries which are no ranges. ``where`` is how the list is called in texts.
    """
    found: dict[int, list[Range]] = {4: [], 6: []}
    notes, wrong = [], []
    for entry in entries:
        text = entry.strip()
        plain = _read_plain(text)
        if plain:
            found[plain[0]].append(plain[1:])
            continue
        try:
            family, first, last, read_as = _read(text)
        except ValueError as error:
            wrong.append("{0!r} ({1})".format(entry, error))
            continue
        found[family].append((first, last))
        if read_as:
            notes.append("{0}: {1} is {2}".format(where, text, read_as))
    if wrong:
        more = "" if len(wrong) <= SHOWN else " and {0} more".format(len(wrong) - SHOWN)
        raise ValueError("{0}: not a range: {1}{2}. Write an address, a network such as 198.51.100.0/24, or first-last".format(
            where, ", ".join(wrong[:SHOWN]), more))
    merged = {family: merge(pairs) for family, pairs in found.items()}
    for family, pairs in found.items():
        doubled = sum(last - first + 1 for first, last in set(pairs)) - size(merged[family])
        repeated = len(pairs) - len(set(pairs))
        if repeated or doubled:
            notes.append("{0}: {1} IPv{2} entries say what others say already (duplicates or overlaps); they were merged".format(
                where, repeated or "some", family))
    return merged, notes


def _read_plain(text: str) -> Optional[tuple[int, int, int]]:
    """Family, first and last of what says exactly what it is, at a tenth of the cost; None if it has to be looked at closely."""
    found = PLAIN.match(text)
    if not found:
        return None
    try:
        family, first = number_of(found.group(1))
    except OSError:
        return None
    length = BITS[family] if found.group(2) is None else int(found.group(2))
    rest = (1 << max(BITS[family] - length, 0)) - 1
    if length > BITS[family] or first & rest or (family == 6 and MAPPED_FIRST <= first <= MAPPED_LAST):
        return None
    return family, first, first + rest


def _read(text: str) -> tuple[int, int, int, str]:
    """Family, first, last, and what the entry was read as if it says something else."""
    if not text:
        raise ValueError("empty")
    if "%" in text:
        raise ValueError("an interface has no place here")
    if ":" not in text and LEADING_ZERO.search(text):
        raise ValueError("numbers with leading zeros are octal to some programs")
    if "-" in text:
        return _read_pair(text)
    network = ip_network(text, strict=False)
    first, last, family = int(network.network_address), int(network.broadcast_address), network.version
    if family == 6 and MAPPED_FIRST <= first and last <= MAPPED_LAST:
        return 4, first - MAPPED_FIRST, last - MAPPED_FIRST, " and ".join(networks(((first - MAPPED_FIRST, last - MAPPED_FIRST),), 4))
    host_bits = "/" in text and int(ip_address(text.partition("/")[0])) != first
    return family, first, last, "{0} (host bits were set)".format(network) if host_bits else ""


def _read_pair(text: str) -> tuple[int, int, int, str]:
    start, end = (_unmapped(part) for part in text.split("-", 1))
    if start[0] != end[0]:
        raise ValueError("one end is IPv4, the other IPv6")
    if start[1] > end[1]:
        raise ValueError("the first address is above the last")
    return start[0], start[1], end[1], ", ".join(networks(((start[1], end[1]),), start[0]))


def _unmapped(text: str) -> tuple[int, int]:
    address = ip_address(text.strip())
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return 4, int(address.ipv4_mapped)
    return address.version, int(address)
