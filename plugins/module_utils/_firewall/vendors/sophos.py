# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Sophos Firewall (SFOS, XG and XGS): IP hosts, groups and services as its XML API takes them.

Names: no comma, no # first, at most 60 characters (API help, IPHost). How a network of IPv6 is written there is not published, so IPv6 is
left out. Whether a set without operation replaces what exists is not published either.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import (
    Held, Names, Rendering, Vendor, Wish, address_name, cidrs, held, length_of, lines_of, masked)

NAMES = Names(r"[^#,][^,]*", 60, "no comma, and no # first")
NO_DOCTYPE = "the text has a document type, which no rendering has"


def _element(tag: str, text: str) -> str:
    return "<{0}>{1}</{0}>".format(tag, escape(text))


def _lines(wish: Wish) -> Iterator[str]:
    yield "<Set>"
    for cidr in sorted({cidr for service in wish.allowlist.services for cidr in cidrs(service, 4)}):
        address, mask = masked(cidr)
        name = NAMES.checked(address_name(wish.name, cidr))
        yield " <IPHost>{0}{1}{2}{3}{4}</IPHost>".format(
            _element("Name", name), _element("IPFamily", "IPv4"), _element("HostType", "Network"), _element("IPAddress", address), _element("Subnet", mask))
    for service in wish.allowlist.services:
        yield from _service(wish, service)
    yield "</Set>"


def _service(wish: Wish, service: Service) -> Iterator[str]:
    name = _element("Name", NAMES.checked("{0}-{1}".format(wish.name, service.name)))
    yield " <IPHostGroup>{0}{1}".format(name, _element("IPFamily", "IPv4"))
    yield "  <HostList>"
    yield from ("   " + _element("Host", address_name(wish.name, cidr)) for cidr in cidrs(service, 4))
    yield "  </HostList>"
    yield " </IPHostGroup>"
    yield " <Services>{0}{1}".format(name, _element("Type", "TCPorUDP"))
    yield "  <ServiceDetails>"
    for port in service.ports:
        yield "   <ServiceDetail>{0}{1}{2}</ServiceDetail>".format(
            _element("Protocol", "TCP"), _element("SourcePort", "1:65535"), _element("DestinationPort", str(port)))
    yield "  </ServiceDetails>"
    yield " </Services>"


def render(wish: Wish) -> Rendering:
    """The part of a request that sets the objects; the log-in is not in it."""
    six = [service.name for service in wish.allowlist.services if service.sources6]
    warnings = ["Service {0!r}: its IPv6 ranges are left out, since how Sophos writes them is not published".format(name) for name in six]
    return Rendering(lines_of(_lines(wish)), warnings=tuple(warnings))


def parse(text: str) -> dict[str, Held]:
    """The services of such a request."""
    if "<!" in text:
        raise FirewallError(NO_DOCTYPE)
    root = ElementTree.fromstring(text)
    networks = {_text(host, "Name"): "{0}/{1}".format(_text(host, "IPAddress"), length_of(_text(host, "Subnet"))) for host in root.iter("IPHost")}
    groups = {_text(group, "Name"): [networks[host.text or ""] for host in group.iter("Host")] for group in root.iter("IPHostGroup")}
    ports = {_text(one, "Name"): [int(port.text or "") for port in one.iter("DestinationPort")] for one in root.iter("Services")}
    return {name: held(groups[name], numbers) for name, numbers in ports.items()}


def _text(element: ElementTree.Element, tag: str) -> str:
    return element.findtext(tag) or ""


def steps(wish: Wish, where: str) -> tuple[str, ...]:
    """How a person brings it to the device."""
    return (
        "Allow the API for your address: Backup & firmware, API.",
        "Send {0} as the Set of a Request with the Login of an administrator to /webconsole/APIController (see the API help of your version). "
        "If an object is said to exist, send it again with operation=\"update\".".format(where),
        "Use the groups and services in the firewall rule that lets mail in, or as allowed client networks of an SMTP rule. To lock down, put a rule "
        "below it that drops these services.",
    )


VENDOR = Vendor("Sophos Firewall", render, parse, steps, families=(4,))
