# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Ranges of the service by region, as public traces show them; NOT the vendor's own table, which could not be read.

A seed that a customer confirms or completes from the vendor's page "Data Centers and URLs". No source tells the ranges of mail from
those of directory look-ups, EWS or POP, and the vendor wants the whole list of the region opened for all of them. IPv6 for mail:
unknown, every SPF record seen is IPv4 only. uspcom: no range is known.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Tuple

COLLECTED = "2026-11-21"

# What a range was seen doing, and where that can be looked up (REFERENCES).
USES: Dict[str, Tuple[str, Tuple[str, ...]]] = {
    "spf": ("in the SPF record of the region", ("spf_capture",)),
    "relay_seen": ("a host of the region was seen handing mail to the Internet", ("list_headers",)),
    "inbound_delivery_seen": ("a host was seen delivering to a customer's own server", ("list_headers",)),
    "mx_seen": ("an MX host of the region was seen there", ("dns_scans",)),
    "announced": ("announced in BGP by the region's AS", ("bgp", "bgp_lists")),
    "admin_allowlist": ("in public scripts of administrators for this region", ("allowlist_scripts",)),
}

REFERENCES: Dict[str, str] = {
    "spf_capture": "recorded expansion of _netblocks.mimecast.com and its six regional includes, 2025 (exact day unknown)",
    "bgp": "https://github.com/ipverse/asn-ip, undated snapshots of 2024 or later",
    "bgp_lists": "address lists by AS number, undated",
    "list_headers": "Received headers in public archives of mailing lists, each with its day",
    "dns_scans": "public DNS scans and published configurations, 2023 to 2026",
    "allowlist_scripts": "three public scripts that allow the service into Exchange Online, undated, about 2020 to 2023",
}


class KnownRange(NamedTuple):
    """status: current, or deprecated (superseded as far as traces tell; NOT a permission to remove it, see docs/ranges.md).

    uses: names of USES; first_seen, last_seen: days of sightings, so bounds only; migration_role: old or new in the move of
    2022-2023, inferred; still_published: whether the vendor's SPF or AS still had it when this was collected.
    """

    cidr: str
    status: str
    confidence: str
    uses: str
    first_seen: Optional[str] = None
    last_seen: Optional[str] = None
    migration_role: str = "unknown"
    still_published: bool = True
    note: str = ""


KNOWN: Dict[str, Tuple[KnownRange, ...]] = {
    "eu": (
        KnownRange("195.130.217.0/24", "current", "high", "spf announced inbound_delivery_seen", last_seen="2025-10-27"),
        KnownRange("91.220.42.0/24", "current", "high", "spf announced"),
        KnownRange("207.82.80.0/24", "current", "medium", "spf announced relay_seen", last_seen="2021-01-21"),
        KnownRange(
            "185.58.84.0/22", "current", "high", "spf announced relay_seen", last_seen="2023-09-15",
            note="SPF lists only .85.0/24 and .86.0/24; .84.93/32 is in the US SPF",
        ),
        KnownRange("147.28.36.0/24", "current", "medium", "spf announced"),
        KnownRange("193.7.204.0/23", "current", "low", "announced"),
        KnownRange(
            "146.101.78.0/24", "deprecated", "low", "spf relay_seen", last_seen="2020-05-21",
            note="not originated by the vendor's AS in the snapshot, but still in the SPF capture of 2025",
        ),
    ),
    "de": (
        KnownRange("194.104.108.0/22", "current", "high", "spf announced relay_seen", "2021-05-13", "2022-04-25", "new"),
        KnownRange("147.28.34.0/23", "current", "low", "announced"),
        KnownRange(
            "51.163.158.0/23", "deprecated", "medium", "spf announced relay_seen", None, "2020-11-25", "old",
            note="51.163.159.21/32 left the SPF between the flattened copy and the capture of 2025",
        ),
        KnownRange("62.140.7.0/24", "deprecated", "medium", "spf announced relay_seen", None, "2021-04-09", "old"),
        KnownRange("62.140.10.0/24", "deprecated", "low", "spf announced", migration_role="old", note="SPF lists .10.21/32 only"),
    ),
    "us": (
        KnownRange(
            "170.10.128.0/22", "current", "high", "spf announced inbound_delivery_seen relay_seen admin_allowlist", "2022-01-15", "2026-07-07", "new",
            note="first seen relaying 2022-01-15, delivering inbound 2024-11-18",
        ),
        KnownRange("170.10.132.0/23", "current", "high", "spf announced relay_seen admin_allowlist", "2021-08-11", "2025-07-18", "new"),
        KnownRange(
            "205.139.110.0/23", "current", "medium", "spf announced inbound_delivery_seen relay_seen admin_allowlist", last_seen="2026-02-24",
            note=".110 delivered inbound until 2024-08-15 at least; .111.44 relayed on 2026-02-24 although .111 is not in the SPF capture of 2025",
        ),
        KnownRange("207.211.30.0/24", "current", "medium", "spf announced relay_seen admin_allowlist", last_seen="2025-07-14"),
        KnownRange(
            "207.211.31.0/25", "deprecated", "medium", "spf inbound_delivery_seen admin_allowlist", None, "2024-01-09", "old",
            note="still delivering inbound 3.5 months after the extended deadline; not originated by AS30031; in the SPF capture of 2025",
        ),
        KnownRange("216.205.24.0/24", "deprecated", "medium", "spf announced relay_seen admin_allowlist", None, "2021-11-03", "old"),
        KnownRange("63.128.21.0/24", "deprecated", "medium", "spf announced relay_seen admin_allowlist", None, "2021-03-12", "old"),
        KnownRange("205.217.25.132/32", "deprecated", "low", "admin_allowlist", None, None, "old", False, "absent from the SPF capture of 2025"),
        KnownRange("205.217.25.135/32", "deprecated", "low", "admin_allowlist", None, None, "old", False, "absent from the SPF capture of 2025"),
        KnownRange("207.211.41.113/32", "current", "low", "spf admin_allowlist"),
        KnownRange("216.145.221.0/24", "current", "medium", "spf"),
    ),
    "usb": (
        KnownRange(
            "170.10.150.0/23", "current", "high", "announced relay_seen", first_seen="2021-10-15",
            note="in October and November 2021 these hosts greeted as us-smtp-delivery-124 for a US customer",
        ),
        KnownRange("170.10.152.0/23", "current", "high", "announced relay_seen mx_seen", last_seen="2026-09-02"),
    ),
    "ca": (
        KnownRange("170.10.144.0/22", "current", "high", "spf announced"),
        KnownRange("216.145.216.0/24", "current", "medium", "spf"),
    ),
    "za": (
        KnownRange("41.74.192.0/21", "current", "high", "spf announced"),
        KnownRange("41.74.200.0/23", "current", "high", "spf announced relay_seen", last_seen="2025-07-29"),
        KnownRange("41.74.204.0/22", "current", "high", "spf announced relay_seen", note="SPF lists .204.0/23 and .206.0/24"),
        KnownRange("41.74.202.0/24", "current", "low", "announced"),
    ),
    "au": (
        KnownRange("103.96.20.0/22", "current", "high", "spf announced relay_seen", first_seen="2021-12-27", migration_role="new"),
        KnownRange("103.13.69.0/24", "current", "medium", "spf announced"),
        KnownRange("180.189.28.0/24", "current", "low", "spf announced relay_seen", last_seen="2021-02-21"),
        KnownRange("216.145.217.0/24", "current", "medium", "spf"),
        KnownRange("170.10.134.0/23", "current", "low", "announced"),
        KnownRange("124.47.150.0/24", "deprecated", "medium", "spf", migration_role="old", note="not originated by AS136792 in the snapshot"),
        KnownRange(
            "124.47.189.0/24", "deprecated", "medium", "spf relay_seen", None, "2020-06-05", "old", note="not originated by AS136792 in the snapshot",
        ),
    ),
    "je": (
        KnownRange("213.167.75.0/24", "current", "medium", "announced mx_seen spf", note="its lower /25 is in the EU SPF"),
        KnownRange("213.167.81.0/24", "current", "medium", "announced mx_seen spf", note="its lower /25 is in the EU SPF"),
        KnownRange("193.7.206.0/23", "current", "medium", "announced spf", note="two /25s of it are in the EU SPF"),
        KnownRange("170.10.141.0/24", "current", "low", "announced"),
    ),
    "uspcom": (),
}

# The networks in each region's SPF record as it was recorded in 2025. Some lie outside of the region's own blocks, so an account that
# is to get all mail needs them as well: EU lists Jersey's, US lists one of Europe's.
SPF_CAPTURE: Dict[str, Tuple[str, ...]] = {
    region: tuple(networks.split())
    for region, networks in {
        "eu": "195.130.217.0/24 91.220.42.0/24 146.101.78.0/24 207.82.80.0/24 213.167.81.0/25 193.7.207.0/25 213.167.75.0/25 185.58.85.0/24 "
              "185.58.86.0/24 193.7.206.0/25 147.28.36.0/24",
        "de": "51.163.158.0/24 194.104.109.0/24 194.104.111.0/24 194.104.110.21/32 194.104.110.240/28 62.140.10.21/32 62.140.7.0/24 "
              "194.104.108.240/29 194.104.108.21/32",
        "us": "207.211.31.0/25 205.139.110.0/24 216.205.24.0/24 170.10.129.0/24 63.128.21.0/24 170.10.133.0/24 185.58.84.93/32 207.211.41.113/32 "
              "207.211.30.64/26 207.211.30.128/25 216.145.221.0/24 170.10.128.0/24 170.10.132.56/29 170.10.132.64/29",
        "ca": "170.10.145.0/24 170.10.147.0/24 170.10.144.126/32 170.10.146.126/32 170.10.144.240/29 170.10.146.240/29 216.145.216.0/24",
        "za": "41.74.192.0/22 41.74.200.0/23 41.74.196.0/22 41.74.204.0/23 41.74.206.0/24",
        "au": "103.13.69.0/24 124.47.150.0/24 124.47.189.0/24 103.96.23.0/24 103.96.21.0/24 180.189.28.0/24 216.145.217.0/24 103.96.22.96/28 "
              "103.96.22.22/32 103.96.20.22/32 103.96.20.96/28",
    }.items()
}
