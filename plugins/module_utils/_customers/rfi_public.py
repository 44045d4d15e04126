# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether addresses and names are public, from registries alone: nobody is asked."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._data.public_mail import PUBLIC_MAIL
from ansible_collections.mimecast.connect.plugins.module_utils._data.ranges import KNOWN
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values


class Special(NamedTuple):
    """A network that is not public; documentation: reserved for examples and tests."""

    network: ipaddress.IPv4Network
    what: str
    documentation: bool = False


_BEHIND = "which is seen inside a network only; give the public address behind which the server stands"
_EXAMPLE = "which is reserved for documentation and tests; give the real one"
_NOBODY = "which is no host's; give the public address of the server"
# IANA IPv4 Special-Purpose Address Registry, and multicast. A table of our own, because Python's differs between versions.
SPECIAL = tuple(
    Special(ipaddress.IPv4Network(network), what, what is _EXAMPLE)
    for network, what in (
        ("0.0.0.0/8", _NOBODY), ("10.0.0.0/8", _BEHIND), ("100.64.0.0/10", _BEHIND), ("127.0.0.0/8", _BEHIND), ("169.254.0.0/16", _BEHIND),
        ("172.16.0.0/12", _BEHIND), ("192.0.0.0/24", _NOBODY), ("192.0.2.0/24", _EXAMPLE), ("192.88.99.0/24", _NOBODY), ("192.168.0.0/16", _BEHIND),
        ("198.18.0.0/15", _EXAMPLE), ("198.51.100.0/24", _EXAMPLE), ("203.0.113.0/24", _EXAMPLE), ("224.0.0.0/4", _NOBODY), ("240.0.0.0/4", _NOBODY),
    )
)
_SERVICE = tuple((ipaddress.ip_network(known.cidr), region) for region, networks in KNOWN.items() for known in networks)
# RFC 2606 and 6761 reserve the first, the others are names of networks that the public DNS has not and will not have (RFC 6762, RFC 8375, ICANN).
EXAMPLE_ENDS = ("test", "example", "invalid")
INNER_ENDS = ("local", "localhost", "localdomain", "lan", "internal", "intranet", "corp", "home", "private", "home.arpa", "in-addr.arpa", "ip6.arpa", "onion")


def address_problem(text: str, allow_documentation: bool = False) -> str:
    """What is wrong with an address as one that the service sees, as the end of a sentence that begins with it; '' if nothing is."""
    if "/" in text:
        return "is a network, but single addresses are asked for; list them one by one"
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "is no address; give a single IPv4 address such as 198.51.100.25"
    if address.version == 6:
        return "is an IPv6 address, and no use of IPv6 by the service is published; give the IPv4 address"
    for special in SPECIAL:
        if address in special.network:
            return "" if special.documentation and allow_documentation else "is an address of {0}, {1}".format(special.network, special.what)
    for network, region in _SERVICE:
        if address in network:
            return "is an address of the service itself ({0}, region {1}); give the one of the customer's server".format(network, region)
    return ""


def domain_problem(text: str, allow_documentation: bool = False) -> str:
    """What is wrong with a name as a mail domain in the public DNS, likewise."""
    try:
        name = values.domain(text)
    except ValueError as error:
        return "is no domain: {0}".format(error)
    if "." not in name:
        return "has one label only; give the whole name, such as example.com"
    if name.rpartition(".")[2].isdigit():
        return "is no domain but looks like an address; give a name such as example.com"
    if _ends(name, INNER_ENDS):
        return "is a name for inside a network, which nobody outside can send mail to; give the domain that is on the Internet, or leave it out"
    if _ends(name, EXAMPLE_ENDS) and not allow_documentation:
        return "ends in a name that is reserved for documentation and tests; give the real one"
    if name in PUBLIC_MAIL:
        return "belongs to a provider of mailboxes for everybody; only domains of the customer can be registered"
    return ""


def _ends(name: str, ends: tuple[str, ...]) -> bool:
    return any(name == end or name.endswith("." + end) for end in ends)


def within(name: str, domains: list[str]) -> str:
    """The domain that a name is or is below, '' if it is below none."""
    return next((domain for domain in domains if name == domain or name.endswith("." + domain)), "")
