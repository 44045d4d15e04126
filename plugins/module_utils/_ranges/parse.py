# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Ranges as people write them: read into networks, normalised where the meaning is certain, refused where it is not."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import netaddr

# A range wider than these would be no list of a mail service: the widest one known is a /21.
WIDEST = {4: 16, 6: 32}
SHOWN = 20  # problems in one message
EXAMPLES = 3
_NETWORK = re.compile(r"[0-9A-Fa-f:.]+(/\d{1,3})?")
_FROM_TO = re.compile("([0-9A-Fa-f:.]+)\\s*[-\u2013]\\s*([0-9A-Fa-f:.]+)")  # tables on web pages have en dashes
_MAPPED = 0xFFFF  # the upper 96 bits of an IPv4-mapped address
_NO_SOURCE = [ipaddress.ip_network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")]
_GLOBAL6 = ipaddress.ip_network("2000::/3")


class RangesError(ValueError):
    """What is wrong with the input, in a sentence for the user."""


class Listing(NamedTuple):
    """Each network once, in the order given, and how texts were understood."""

    networks: list[netaddr.IPNetwork]
    notes: list[str]


def read(entries: Iterable[tuple[str, object]], sources: bool = True) -> Listing:
    """Networks of (place, text) pairs; RangesError names every entry that is wrong, up to SHOWN.

    sources: whether they must be ranges that a mail service can send from; otherwise any network will do.
    """
    networks: list[netaddr.IPNetwork] = []
    changed: list[str] = []
    problems: list[str] = []
    for place, text in entries:
        try:
            found = networks_of(text)
            if sources:
                for network in found:
                    check_source(network)
        except ValueError as error:
            problems.append("{0}: {1} {2}".format(place, shown(text), error))
            continue
        networks += found
        if len(found) > 1 or "-" in text or "\u2013" in text or (found[0].version == 4 and ":" in text):
            changed.append("{0} is read as {1}".format(shown(text), enough(found, len(found))))
    if problems:
        more = len(problems) - SHOWN
        raise RangesError("; ".join(problems[:SHOWN] + (["and {0} more".format(more)] if more > 0 else [])))
    return Listing(list(dict.fromkeys(networks)), _notes(networks, changed))


def networks_of(text: object) -> list[netaddr.IPNetwork]:
    """The networks that one text means; ValueError says what is wrong with it, to be put behind the text."""
    if not isinstance(text, str):
        raise ValueError("is no text")
    word = text.strip()
    if _NETWORK.fullmatch(word):
        try:
            return [_plain(ipaddress.ip_network(word))]
        except ValueError:
            pass
    ends = _FROM_TO.fullmatch(word)
    if ends:
        return _from_to(*ends.groups())
    raise ValueError(_why(word))


def check_source(network: netaddr.IPNetwork) -> None:
    """ValueError if the service cannot send from there, or if so wide a range can only be a mistake."""
    if network.prefixlen < WIDEST[network.version]:
        raise ValueError("is wider than a /{0}, and the widest range known of the service is a /21".format(WIDEST[network.version]))
    first = ipaddress.ip_address(network.first) if network.version == 4 else ipaddress.IPv6Address(network.first)
    if any(first in special for special in _NO_SOURCE) or (first.version == 6 and first not in _GLOBAL6):
        raise ValueError("is no network that mail comes from on the Internet")


def shown(text: object) -> str:
    """A text of others, short and printable."""
    plain = str(text)
    cut = plain if len(plain) <= 60 else plain[:60] + "..."
    return cut.encode("unicode_escape").decode() or "''"


def enough(things: Iterable[object], count: int) -> str:
    """The first few of many, and how many more there are."""
    first = [str(thing) for thing in islice(things, EXAMPLES)]
    return ", ".join(first) + (" and {0} more".format(count - len(first)) if count > len(first) else "")


def _plain(network: ipaddress._BaseNetwork) -> netaddr.IPNetwork:
    """The network in netaddr's terms; an IPv4-mapped one becomes the IPv4 network that it stands for."""
    value, prefix = int(network.network_address), network.prefixlen
    if network.version == 6 and value >> 32 == _MAPPED and prefix >= 96:
        return netaddr.IPNetwork((value & 0xFFFFFFFF, prefix - 96), version=4)
    return netaddr.IPNetwork((value, prefix), version=network.version)


def _from_to(first: str, last: str) -> list[netaddr.IPNetwork]:
    try:
        ends = [_plain(ipaddress.ip_network(ipaddress.ip_address(end))) for end in (first, last)]
    except ValueError:
        raise ValueError("is no range: both ends must be whole addresses, such as 192.0.2.0-192.0.2.63") from None
    if ends[0].version != ends[1].version:
        raise ValueError("is no range: one end is IPv4, the other IPv6")
    if ends[0].first > ends[1].first:
        raise ValueError("is no range: it ends before it begins")
    found: list[netaddr.IPNetwork] = netaddr.iprange_to_cidrs(ends[0].ip, ends[1].ip)
    return found


def _why(word: str) -> str:
    try:
        network = ipaddress.ip_network(word, strict=False)
    except ValueError:
        return "is no address, network or range of addresses"
    if "%" in word:
        return "has a zone, which only this machine knows"
    if not _NETWORK.fullmatch(word):
        return "has a mask: write {0} if that is meant".format(network)
    return "has host bits set: write {0} for the network or {1} for the one address".format(network, word.partition("/")[0])


def _notes(networks: list[netaddr.IPNetwork], changed: list[str]) -> list[str]:
    notes = []
    if changed:
        notes.append("; ".join(changed[:EXAMPLES]) + (" and {0} more".format(len(changed) - EXAMPLES) if len(changed) > EXAMPLES else ""))
    twice = list(dict.fromkeys(_repeated(networks)))
    if twice:
        notes.append("given more than once, counted once: " + enough(twice, len(twice)))
    within = list(_within(networks))
    if within:
        notes.append("lie within others of the same list: " + enough(within, len(within)))
    return notes


def _repeated(networks: list[netaddr.IPNetwork]) -> Iterable[netaddr.IPNetwork]:
    known = set()
    for network in networks:
        if network in known:
            yield network
        known.add(network)


def _within(networks: list[netaddr.IPNetwork]) -> Iterable[str]:
    ends: dict[int, netaddr.IPNetwork] = {}
    for network in sorted(set(networks), key=lambda one: (one.version, one.first, one.prefixlen)):
        wider = ends.get(network.version)
        if wider is not None and network.last <= wider.last:
            yield "{0} in {1}".format(network, wider)
        else:
            ends[network.version] = network
