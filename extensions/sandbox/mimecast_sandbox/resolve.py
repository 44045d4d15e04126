# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS questions to the server of the setting `resolver`, which is on loopback; without it nothing is asked."""
from __future__ import annotations

import dns.asyncresolver
import dns.exception
import dns.resolver

from .formats import loopback_target

_LIMIT_S = 5


class ResolveError(Exception):
    """The DNS gave no answer; that is not the same as the answer that there is no such record."""


async def look_up(resolver: str | None, name: str, kind: str) -> list[str]:
    """The records as texts, sorted: MX as "10 mx.example.com", names without the last dot, the strings of a TXT joined.

    An empty list when the name or the record does not exist. Raises ResolveError.
    """
    if resolver is None:
        raise ResolveError("the sandbox asks no DNS: its setting resolver is not set")
    host, port = loopback_target(resolver)
    client = dns.asyncresolver.Resolver(configure=False)
    client.nameservers, client.port = [host], port
    try:
        answer = await client.resolve(name, kind.upper(), search=False, lifetime=_LIMIT_S)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise ResolveError(f"the DNS gave no answer about {name}: {type(error).__name__}") from error
    if kind.upper() == "TXT":
        return sorted(b"".join(row.strings).decode("utf-8", "replace") for row in answer)
    return sorted(row.to_text().removesuffix(".") for row in answer)
