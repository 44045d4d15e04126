# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""How many addresses of which domains a directory holds: counted while they pass by, in little memory."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Sequence, Set

from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_messages import Attribute

ATTRIBUTES = ["mail", "proxyAddresses", "userAccountControl"]
MAX_DOMAINS = 10_000  # those beyond are counted, but not told apart
MAX_DOMAIN = 300  # bytes; a name has at most 253 characters
SHOWN_DOMAINS = 50
DISABLED = 0x2  # ACCOUNTDISABLE of userAccountControl


class Coverage:
    """Entries and their addresses by domain. An address counts once for each entry, however often it stands there."""

    def __init__(self, expected: Sequence[str]) -> None:
        """expected: domains in their ASCII form that should have addresses; none of them is lost among very many others."""
        self.entries = self.found = self.disabled = self.mail = self.proxy = self.unreadable = self.beyond = 0
        self._expected = list(dict.fromkeys(expected))
        self._names: Dict[bytes, str] = {domain.encode("ascii"): domain for domain in self._expected}
        self._counts: Dict[str, int] = {}

    def add(self, attributes: Iterable[Attribute]) -> None:
        """One entry."""
        self.entries += 1
        addresses: Set[bytes] = set()
        disabled = False
        for name, values in attributes:
            kind = name.partition(b";")[0].lower()  # Active Directory sends very many values as proxyAddresses;range=0-1499
            if kind == b"mail":
                for value in values:
                    self.mail += 1
                    addresses.add(value.lower())
            elif kind == b"proxyaddresses":
                for value in values:
                    if value[:5].lower() == b"smtp:":
                        self.proxy += 1
                        addresses.add(value[5:].lower())
            elif kind == b"useraccountcontrol":
                disabled = any(_flags(value) & DISABLED for value in values)
        if addresses:
            self.found += 1
            self.disabled += disabled
        for address in addresses:
            self._count(address)

    def _count(self, address: bytes) -> None:
        _local, at, domain = address.strip().rpartition(b"@")
        name = self._names.get(domain)
        if name is None:
            if len(self._names) >= MAX_DOMAINS + len(self._expected):
                self.beyond += 1
                return
            name = self._names[domain] = _name_of(domain) if at and len(domain) <= MAX_DOMAIN else ""
        if name:
            self._counts[name] = self._counts.get(name, 0) + 1
        else:
            self.unreadable += 1

    @property
    def addresses(self) -> int:
        return sum(self._counts.values()) + self.beyond

    @property
    def domains(self) -> List[str]:
        """Domains with addresses, the most first."""
        return sorted(self._counts, key=lambda name: (-self._counts[name], name))

    @property
    def uncovered(self) -> List[str]:
        return [domain for domain in self._expected if domain not in self._counts]

    @property
    def unknown(self) -> List[str]:
        """Domains with addresses that nobody declared; none where nothing is declared."""
        return [domain for domain in self.domains if domain not in self._expected] if self._expected else []

    def as_dict(self) -> Dict[str, Any]:
        """The counts, as evidence."""
        return {
            "entries": self.entries,
            "entries_with_address": self.found,
            "disabled_accounts": self.disabled,
            "mail_addresses": self.mail,
            "proxy_addresses": self.proxy,
            "addresses_without_domain": self.unreadable,
            "addresses_in_further_domains": self.beyond,
            "domains_total": len(self._counts),
            "domains": [{"domain": name, "addresses": self._counts[name]} for name in self.domains[:SHOWN_DOMAINS]],
            "uncovered": self.uncovered[:SHOWN_DOMAINS],
            "unknown": self.unknown[:SHOWN_DOMAINS],
        }


def _name_of(domain: bytes) -> str:
    """The domain in its ASCII form, empty for what is none."""
    try:
        return net.to_alabel(domain.decode("utf-8"))
    except (net.ProbeFailure, UnicodeDecodeError):
        return ""


def _flags(value: bytes) -> int:
    text = value[:12]
    return int(text) if text.lstrip(b"-").isdigit() else 0
