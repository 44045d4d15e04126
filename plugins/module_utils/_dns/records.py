# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The records of a domain that a step of Connect needs, and what has to change for them. Nothing is asked or sent in here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import is_spf, join, split
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf_merge import merge_txt

DEFAULT_PREFERENCE = 10
DEFAULT_TTL = 3600
NO_MAIL = "."


class Mx(NamedTuple):
    """host: lower case, without the final dot; `.` alone says that the domain takes no mail (RFC 7505)."""

    preference: int
    host: str


Txt = Tuple[bytes, ...]  # the strings of one TXT record
Value = Union[Mx, Txt]
Key = Tuple[str, str]  # (owner, type)


@dataclass(frozen=True)
class RRset:
    """All records of one owner and type. values are sorted; the owner has no final dot."""

    name: str
    kind: str
    ttl: int
    values: Tuple[Any, ...]

    def as_dict(self) -> Dict[str, Any]:
        """As results hold it; empty where there are no records."""
        return {"ttl": self.ttl, "records": [shown(value) for value in self.values]} if self.values else {}


@dataclass(frozen=True)
class Found:
    """What the DNS holds of one owner and type; alias: the CNAME's target where there is one."""

    rrset: Optional[RRset] = None
    alias: str = ""


@dataclass(frozen=True)
class Change:
    """An RRset that is not as it should be; before is None where there is none yet, and after has no values where it goes.

    Another TTL is that of every record, so all of them go and come.
    """

    before: Optional[RRset]
    after: RRset

    @property
    def key(self) -> Key:
        return self.after.name, self.after.kind

    @property
    def removed(self) -> Tuple[Any, ...]:
        return tuple(value for value in (self.before.values if self.before else ()) if self._new_ttl or value not in self.after.values)

    @property
    def added(self) -> Tuple[Any, ...]:
        return tuple(value for value in self.after.values if not self.before or self._new_ttl or value not in self.before.values)

    @property
    def kept(self) -> Tuple[Any, ...]:
        return tuple(value for value in self.after.values if value not in self.added)

    @property
    def _new_ttl(self) -> bool:
        return self.before is not None and bool(self.after.values) and self.before.ttl != self.after.ttl

    def is_in(self, found: Found) -> bool:
        """Whether the DNS shows it by now."""
        return found.rrset == (self.after if self.after.values else None)


@dataclass(frozen=True)
class Wish:
    """The parts that one domain needs; a part without its value is not asked for.

    mx_hosts, spf_include, token; dkim_name and dkim_text: owner and text of the key record. mx_replace, dkim_replace: whether
    others there go. preference, ttl: None keeps what is there. spf_drop, spf_all, spf_replace_all: as spf_merge.merge takes them.
    """

    domain: str
    mx_hosts: Tuple[str, ...] = ()
    mx_replace: bool = False
    preference: Optional[int] = None
    spf_include: str = ""
    spf_all: str = "~all"
    spf_replace_all: bool = False
    spf_drop: Tuple[str, ...] = ()
    token: str = ""
    dkim_name: str = ""
    dkim_text: str = ""
    dkim_replace: bool = False
    ttl: Optional[int] = None

    @property
    def keys(self) -> List[Key]:
        """The RRsets that the parts stand in."""
        found = [(self.domain, "MX")] if self.mx_hosts else []
        found += [(self.domain, "TXT")] if self.spf_include or self.token else []
        return found + ([(self.dkim_name, "TXT")] if self.dkim_name else [])


class Wanted(NamedTuple):
    """One record that a part needs, and whether it is there already."""

    part: str
    name: str
    kind: str
    value: str
    present: bool


@dataclass
class Planned:
    """records: what is needed; changes: what is to be written for it; problems: why nothing may be written for this domain."""

    domain: str
    records: List[Wanted] = field(default_factory=list)
    changes: List[Change] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)
    problems: List[str] = field(default_factory=list)


Judge = Callable[[str], Tuple[List[str], List[str]]]


def plan(wish: Wish, found: Mapping[Key, Found], judge: Judge, token_alias: bool = False) -> Planned:
    """What a wish needs beside what is there. ``found`` has every key of the wish.

    judge: problems and notes of an SPF record's text, evaluated; token_alias: whether the domain is verified by its CNAME.
    """
    planned = Planned(wish.domain)
    for key in wish.keys:
        before = found[key].rrset
        values = list(before.values) if before else []
        if key == (wish.domain, "MX"):
            values = _with_mx(wish, values, planned)
        elif key == (wish.domain, "TXT"):
            values = _with_token(wish, _with_spf(wish, values, planned, judge), planned, token_alias)
        else:
            values = _with_dkim(wish, values, planned)
        ttl = before.ttl if before else wish.ttl if wish.ttl is not None else DEFAULT_TTL
        after = RRset(key[0], key[1], ttl, tuple(sorted(set(values))))
        if after.values == (before.values if before else ()):
            continue
        if found[key].alias:
            planned.problems.append("{0} is an alias of {1}, and nothing else may stand beside a CNAME: take it out, or publish at its target".format(
                key[0], found[key].alias))
        planned.changes.append(Change(before, after))
    return planned


def shown(value: Value) -> str:
    """One record's data as people write it: `10 mx.example.com.`, or the joined text of a TXT record."""
    if isinstance(value, Mx):
        return "{0} {1}".format(value.preference, fqdn(value.host))
    return join(value)


def fqdn(name: str) -> str:
    """With its final dot."""
    return name if name.endswith(".") else name + "."


def txt(text: str) -> Txt:
    """A text as the strings of one TXT record."""
    return tuple(part.encode("utf-8") for part in split(text))


def _with_mx(wish: Wish, values: Sequence[Mx], planned: Planned) -> List[Mx]:
    others = sorted({value.host for value in values if value.host not in wish.mx_hosts})
    ours = {value for value in values if value.host in wish.mx_hosts}
    preferences = {value.preference for value in ours}
    preference = wish.preference
    if preference is None:
        preference = preferences.pop() if len(preferences) == 1 else DEFAULT_PREFERENCE
    wanted = [Mx(preference, host) for host in wish.mx_hosts]
    planned.records += [Wanted("mx", wish.domain, "MX", shown(value), value in values) for value in wanted]
    if others and not wish.mx_replace:
        planned.problems.append("its MX records name {0}: with mx=replace {1} out and all mail goes to {2} from then on".format(
            _hosts(others), "this goes" if len(others) == 1 else "these go", " and ".join(wish.mx_hosts)))
    elif others:
        planned.notes.append("{0} no longer {1} its mail".format(_hosts(others), "gets" if len(others) == 1 else "get"))
    return wanted


def _hosts(names: Iterable[str]) -> str:
    return ", ".join("the null MX, which refuses all mail," if name == NO_MAIL else name for name in names)


def _with_spf(wish: Wish, values: List[Txt], planned: Planned, judge: Judge) -> List[Txt]:
    if not wish.spf_include:
        return values
    merged = merge_txt([join(value) for value in values], wish.spf_include, all=wish.spf_all, replace_all=wish.spf_replace_all, drop=wish.spf_drop)
    planned.notes += ["SPF: " + note for note in merged.notes]
    planned.problems += ["SPF: " + problem for problem in merged.problems]
    if merged.record is None:
        return values
    if not merged.problems:
        problems, notes = judge(merged.record)
        planned.problems += ["SPF: " + problem for problem in problems]
        planned.notes += ["SPF: " + note for note in notes]
    present = any(join(value) == merged.record for value in values)
    planned.records.append(Wanted("spf", wish.domain, "TXT", merged.record, present))
    return values if present else [value for value in values if not is_spf(join(value))] + [txt(merged.record)]


def _with_token(wish: Wish, values: List[Txt], planned: Planned, token_alias: bool) -> List[Txt]:
    if not wish.token:
        return values
    present = token_alias or any(join(value).strip() == wish.token for value in values)
    planned.records.append(Wanted("verification", wish.domain, "TXT", wish.token, present))
    return values if present else [*values, txt(wish.token)]


def _with_dkim(wish: Wish, values: List[Txt], planned: Planned) -> List[Txt]:
    present = len(values) == 1 and _key(join(values[0])) == _key(wish.dkim_text)
    planned.records.append(Wanted("dkim", wish.dkim_name, "TXT", wish.dkim_text, present))
    if present:
        return values
    if values and not wish.dkim_replace:
        planned.problems.append("at {0} there is {1}: with dkim_replace it is replaced, and mail that was signed with an earlier key fails then".format(
            wish.dkim_name, " and ".join(repr(join(value)[:40]) for value in values)))
    elif values:
        planned.notes.append("the record at {0} is replaced".format(wish.dkim_name))
    return [txt(wish.dkim_text)]


def _key(text: str) -> Tuple[str, str]:
    """Type and key of a DKIM record, which say whether two are the same (RFC 6376 3.6.1)."""
    parts = (part.partition("=") for part in re.sub(r"\s", "", text).split(";"))
    tags = {name: value for name, _equals, value in parts}
    return tags.get("k", "rsa").lower(), tags.get("p", text)
