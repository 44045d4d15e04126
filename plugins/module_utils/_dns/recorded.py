# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""RRsets as a record keeps them, each string as it was, and the way back to them. Nothing is asked or sent in here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import Change, Found, Key, Mx, Planned, RRset, Txt, Wanted, shown
from ansible_collections.mimecast.connect.plugins.module_utils._dns.render import presented
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import is_spf, join

KINDS = ("MX", "TXT")
_STRING = re.compile(rb'"((?:[^"\\]|\\\d{3}|\\[^\d])*)"')
_ESCAPE = re.compile(rb"\\(\d{3}|.)", re.DOTALL)
_MX = re.compile(r"(\d{1,5}) (\S+)")


def as_record(key: Key, zone: str, found: Found) -> Dict[str, Any]:
    """One RRset for a record; without records where there is none."""
    rrset = found.rrset
    return {
        "zone": zone, "name": key[0], "type": key[1], "alias": found.alias,
        "ttl": rrset.ttl if rrset else None,
        "records": [presented(value) for value in rrset.values] if rrset else [],
    }


def from_record(name: str, kind: str, ttl: int, records: List[str]) -> RRset:
    """The RRset of a record; ValueError says which part of it is none."""
    read = _mx if kind == "MX" else _txt
    return RRset(name, kind, ttl, tuple(sorted({read(text) for text in records})))


@dataclass(frozen=True)
class Restored:
    """What one domain is to go back to: all of its MX records, and of its TXT records those for SPF.

    It stands where a Wish may: the domain is read, planned and written like any other.
    """

    domain: str
    rrsets: Tuple[RRset, ...]
    token: str = ""

    @property
    def keys(self) -> List[Key]:
        return [(rrset.name, rrset.kind) for rrset in self.rrsets]

    @property
    def mx_hosts(self) -> Tuple[str, ...]:
        """Hosts that must have an address."""
        return tuple(value.host for rrset in self.rrsets if rrset.kind == "MX" for value in rrset.values if value.host != ".")


def plan_back(wish: Restored, found: Mapping[Key, Found]) -> Planned:
    """The changes that lead back. ``found`` has every key of the wish."""
    planned = Planned(wish.domain)
    for rrset in wish.rrsets:
        before = found[rrset.name, rrset.kind].rrset
        after = rrset if rrset.kind == "MX" else _with_spf(rrset, before)
        part = "mx" if rrset.kind == "MX" else "spf"
        planned.records += [Wanted(part, rrset.name, rrset.kind, shown(value), bool(before) and value in before.values)
                            for value in rrset.values if rrset.kind == "MX" or is_spf(join(value))]
        if after == before or not (after.values or before):
            continue
        if found[rrset.name, rrset.kind].alias:
            planned.problems.append("{0} is an alias of {1} now, and nothing else may stand beside a CNAME: take it out first".format(
                rrset.name, found[rrset.name, rrset.kind].alias))
        planned.changes.append(Change(before, after))
    return planned


def _with_spf(rrset: RRset, before: Any) -> RRset:
    """TXT records of others stay as they are today, and with them the TTL that they share."""
    others = [value for value in before.values if not is_spf(join(value))] if before else []
    spf = [value for value in rrset.values if is_spf(join(value))]
    return RRset(rrset.name, rrset.kind, before.ttl if others else rrset.ttl, tuple(sorted({*others, *spf})))


def _mx(text: str) -> Mx:
    found = _MX.fullmatch(text.strip())
    if not found or int(found.group(1)) > 65535:
        raise ValueError("{0!r} is no MX record; expected such as '10 mx.example.com.'".format(text))
    host = found.group(2).lower()
    return Mx(int(found.group(1)), host if host == "." else host.rstrip("."))


def _txt(text: str) -> Txt:
    data = text.strip().encode("utf-8")
    strings = _STRING.findall(data)
    if not strings or _STRING.sub(b"", data).strip():
        raise ValueError("{0!r} is no TXT record; expected strings in double quotes".format(text))
    return tuple(_ESCAPE.sub(_byte, one) for one in strings)


def _byte(escape: Any) -> bytes:
    code: bytes = escape.group(1)
    return bytes([int(code)]) if code.isdigit() and len(code) == 3 and int(code) < 256 else code
