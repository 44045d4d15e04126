# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Exchange Online: the inbound connector, and the skip list of enhanced filtering.

SenderIPAddresses takes IPv4 only, in networks of /24 to /32 (Set-InboundConnector); wider ones are cut. The warnings are the vendor's and
those of people who run it: ranges are a restriction, never a proof of who sends; a sender of the same region passes the service twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.powershell import array, literals, quoted
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import (
    Held, Names, Rendering, Vendor, Wish, held, lines_of, mode_of, one_list, split)

NAMES = Names(r"[!-~]([ -~]*[!-~])?", 64, "characters of ASCII, no space at its ends")
CERTIFICATES = Names(r"(\*\.)?[A-Za-z0-9.-]+", 253, "a domain, or *. and a domain")
CONNECTOR, SKIP_LIST = "Exchange Online inbound connector", "Exchange Online enhanced filtering"
RANGES = "$ranges = "
IPV6 = "Service {0!r}: its IPv6 ranges are left out, Exchange Online takes IPv4 only"
SECURITY = (
    "In the admin center the ranges are on the screen Security restrictions (reject mail not from these addresses). Never put them on the screen "
    "Authenticating sent email: there they would prove who sends.")
OWN = "Other mail that comes straight to the tenant, from partners or devices, needs connectors of its own, or it is rejected."
DIRECT = "Direct Send to the tenant's own host goes around the MX records: block it as well."
NARROW = (
    "If a sender's Mimecast account is in the same region, its mail passes Mimecast twice, and Microsoft's SPF passes only because that sender's SPF "
    "names Mimecast: keep the skip list as narrow as it can be.")


def _head(wish: Wish, title: str) -> Iterator[str]:
    yield "$ErrorActionPreference = 'Stop'"
    yield "$name = " + quoted(NAMES.checked(wish.name))
    yield RANGES + array(split(one_list(wish, title, mail_only=True).sources4))


def _warnings(wish: Wish, title: str) -> tuple[str, ...]:
    service = one_list(wish, title, mail_only=True)
    return (IPV6.format(service.name),) if service.sources6 else ()


def connector(wish: Wish) -> Rendering:
    """Make or change the connector; with enforce it rejects mail from elsewhere."""
    rejects = one_list(wish, CONNECTOR, mail_only=True).mode == ENFORCE
    content = lines_of((
        *_head(wish, CONNECTOR),
        "$settings = @{ ConnectorType = 'Partner'; SenderDomains = '*'; RequireTls = $true; SenderIPAddresses = $ranges",
        "  TlsSenderCertificateName = {0}; RestrictDomainsToIPAddresses = ${1} }}".format(
            quoted(CERTIFICATES.checked(wish.certificate, "certificate")), "true" if rejects else "false"),
        "if (Get-InboundConnector -Identity $name -ErrorAction SilentlyContinue) {",
        "  Set-InboundConnector -Identity $name @settings",
        "} else {",
        "  New-InboundConnector -Name $name -Enabled $true @settings | Out-Null",
        "}",
    ))
    return Rendering(content, warnings=_warnings(wish, CONNECTOR))


def skip_list(wish: Wish) -> Rendering:
    """Tell the connector to look behind these addresses for the sender."""
    content = lines_of((*_head(wish, SKIP_LIST), "Set-InboundConnector -Identity $name -EFSkipLastIP $false -EFSkipIPs $ranges"))
    return Rendering(content, warnings=_warnings(wish, SKIP_LIST))


def parse(text: str) -> dict[str, Held]:
    """The ranges of either script, and whether it rejects."""
    sources = next(literals(line) for line in text.splitlines() if line.startswith(RANGES))
    rejects = re.search(r"RestrictDomainsToIPAddresses = \$(true|false)", text)
    return {"": held(sources, mode=mode_of(True, rejects[1] == "true") if rejects else None)}


def _steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (
        "In PowerShell with the module ExchangeOnlineManagement, run Connect-ExchangeOnline as an administrator of the tenant.",
        "Run {0} there.".format(where),
        "Look at the result with Get-InboundConnector {0} | Format-List.".format(quoted(wish.name)),
    )


def _connector_steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (OWN, *_steps(wish, where), SECURITY, DIRECT)


def _skip_list_steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (NARROW, *_steps(wish, where))


VENDOR = Vendor(
    CONNECTOR, connector, parse, _connector_steps, always=True, one_list=True, mail_only=True, keeps_ports=False, keeps_mode=True, families=(4,))
SKIPPING = Vendor(SKIP_LIST, skip_list, parse, _skip_list_steps, always=True, one_list=True, mail_only=True, keeps_ports=False, families=(4,))
