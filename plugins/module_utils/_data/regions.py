# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The regions of the service and their host names, collected 2026-11-21 from public material, not from the vendor's own table.

A value that no source gives is None or empty, and whoever needs it has to say so: never guess a neighbour's pattern.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Tuple


class Region(NamedTuple):
    """One region. account_prefix: how its account codes begin; hosts: full names, those for Microsoft 365 apart; spf_include: the regional SPF record."""

    code: str
    name: str
    account_prefix: Optional[str]
    smart_hosts: Tuple[str, ...]
    mx_hosts: Tuple[str, ...]
    journal_hosts: Tuple[str, ...]
    spf_include: Optional[str]
    microsoft_smart_hosts: Tuple[str, ...] = ()


# As recorded in 2025 it covers these regions only; it lacks usb and uspcom, and costs 7 look-ups.
GLOBAL_SPF_INCLUDE = "_netblocks.mimecast.com"
GLOBAL_SPF_REGIONS = ("eu", "us", "za", "de", "au", "ca")

REGIONS: Dict[str, Region] = {
    region.code: region
    for region in (
        Region(
            "eu", "Europe (excluding Germany)", "CUK",
            ("eu-smtp-outbound-1.mimecast.com", "eu-smtp-outbound-2.mimecast.com"),
            ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com"),
            ("eu-smtp-journal-1.mimecast.com", "eu-smtp-journal-2.mimecast.com"),
            "eu._netblocks.mimecast.com",
            ("eu-smtp-o365-outbound-1.mimecast.com", "eu-smtp-o365-outbound-2.mimecast.com"),
        ),
        Region(
            "de", "Germany", "CDE",
            ("de-smtp-outbound-1.mimecast.com", "de-smtp-outbound-2.mimecast.com"),
            ("de-smtp-inbound-1.mimecast.com", "de-smtp-inbound-2.mimecast.com"),
            ("de-smtp-journal-1.mimecast.com", "de-smtp-journal-2.mimecast.com"),
            "de._netblocks.mimecast.com",
            ("de-smtp-o365-outbound-1.mimecast.com", "de-smtp-o365-outbound-2.mimecast.com"),
        ),
        Region(
            "us", "United States of America (A grid)", "CUSA",
            ("us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com"),
            ("us-smtp-inbound-1.mimecast.com", "us-smtp-inbound-2.mimecast.com"),
            ("us-smtp-journal-1.mimecast.com", "us-smtp-journal-2.mimecast.com"),
            "us._netblocks.mimecast.com",
            ("us-smtp-o365-outbound-1.mimecast.com", "us-smtp-o365-outbound-2.mimecast.com"),
        ),
        Region(
            "usb", "United States of America (B grid)", "CUSB",
            ("usb-smtp-outbound-1.mimecast.com", "usb-smtp-outbound-2.mimecast.com"),
            ("usb-smtp-inbound-1.mimecast.com", "usb-smtp-inbound-2.mimecast.com"),
            (),
            "usb._netblocks.mimecast.com",
        ),
        Region(
            "ca", "Canada", "CCA",
            ("ca-smtp-outbound-1.mimecast.com", "ca-smtp-outbound-2.mimecast.com"),
            (),
            (),
            "ca._netblocks.mimecast.com",
        ),
        Region(
            "za", "South Africa", "CSA",
            ("za-smtp-outbound-1.mimecast.co.za", "za-smtp-outbound-2.mimecast.co.za"),
            ("za-smtp-inbound-1.mimecast.co.za", "za-smtp-inbound-2.mimecast.co.za"),
            (),
            "za._netblocks.mimecast.com",
            ("za-smtp-o365-outbound-1.mimecast.co.za", "za-smtp-o365-outbound-2.mimecast.co.za"),
        ),
        Region(
            "au", "Australia", "CAU",
            ("au-smtp-outbound-1.mimecast.com", "au-smtp-outbound-2.mimecast.com"),
            ("au-smtp-inbound-1.mimecast.com", "au-smtp-inbound-2.mimecast.com"),
            ("au-smtp-journal-1.mimecast.com", "au-smtp-journal-2.mimecast.com"),
            "au._netblocks.mimecast.com",
            ("au-smtp-o365-outbound-1.mimecast.com", "au-smtp-o365-outbound-2.mimecast.com"),
        ),
        Region(
            "je", "Offshore (Jersey)", None,
            ("je-smtp-outbound-1.mimecast-offshore.com", "je-smtp-outbound-2.mimecast-offshore.com"),
            ("je-smtp-inbound-1.mimecast-offshore.com", "je-smtp-inbound-2.mimecast-offshore.com"),
            (),
            None,
            ("je-smtp-o365-outbound-1.mimecast-offshore.com", "je-smtp-o365-outbound-2.mimecast-offshore.com"),
        ),
        Region(
            "uspcom", "US public-sector commercial (USPCOM)", None,
            ("uspcom-smtp-outbound-1.mimecast-pscom-us.com", "uspcom-smtp-outbound-2.mimecast-pscom-us.com"),
            (),
            (),
            "uspcom._netblocks.mimecast-pscom-us.com",
        ),
    )
}


def region_of(text: str) -> Region:
    """The region of a code such as eu, or of an account code such as CUSA12A34; ValueError says what there is."""
    word = text.strip()
    if word.lower() in REGIONS:
        return REGIONS[word.lower()]
    for region in REGIONS.values():
        if region.account_prefix and word.upper().startswith(region.account_prefix):
            return region
    prefixes = ", ".join(region.account_prefix for region in REGIONS.values() if region.account_prefix)
    raise ValueError("{0!r} is no region and no account code; regions are {1}, account codes begin with {2}".format(
        word, ", ".join(REGIONS), prefixes))
