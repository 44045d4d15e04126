# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""An SPF record walked to its ends, as the receiver does who finds no match before: look-ups counted, networks collected.

Sources: RFC 7208 4.6.4 for the limits, 5 for the mechanisms, 7 for macros. The module asks nothing by itself: ``ask`` does,
a function from (name, type) to an Answer of lookup.py, or to anything with its status and records.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Any, Callable, List, NamedTuple, Optional, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import LOOKUP_LIMIT, Network, Record, Term, is_spf, parse

VOID_LIMIT = 2
MX_LIMIT = 10
WALK_LIMIT = 20  # look-ups after which nobody needs to know how many more there are
DEPTH_LIMIT = LOOKUP_LIMIT + 1
SOURCES_LIMIT = 10_000
PROBLEMS_SHOWN = 20

Ask = Callable[[str, str], Any]
Path = Tuple[str, ...]


class Problem(NamedTuple):
    """code: lookups, voids, mx_hosts, loop, syntax, no_record, several_records (which receivers refuse) or unresolved (nobody knows).

    where: the domain whose record has it; detail: what it is.
    """

    code: str
    where: str
    detail: str


class Source(NamedTuple):
    """A network that may send, and the way to it: the domain asked for, then each term that was followed."""

    network: Network
    path: Path


@dataclass
class Evaluation:
    """What a domain's SPF comes to.

    record: its text; lookups, voids: counted as if no mechanism matched; sources: networks of mechanisms that pass;
    includes: domains whose records were included with pass, at any depth; end: qualifier of the all that decides in the end, or
    empty; opaque: terms whose macros depend on the sender, so that their networks cannot be told; ttl: seconds for which
    all of this holds.
    """

    domain: str
    record: str = ""
    lookups: int = 0
    voids: int = 0
    sources: List[Source] = field(default_factory=list)
    includes: List[str] = field(default_factory=list)
    end: str = ""
    opaque: List[str] = field(default_factory=list)
    problems: List[Problem] = field(default_factory=list)
    ttl: Optional[int] = None

    @property
    def networks(self) -> List[Network]:
        """Every network once, IPv4 first, sorted."""
        return sorted({source.network for source in self.sources}, key=lambda one: (one.version, one))


def evaluate(domain: str, ask: Ask, text: Optional[str] = None) -> Evaluation:
    """Evaluate the record of a domain; ``text`` is its record where the caller has it already (or plans it)."""
    name = domain.lower().rstrip(".")
    walk = _Walk(name, ask)
    if text is None:
        text = walk.record_of(name)
    if text is not None:
        walk.found.record = text
        walk.follow(name, parse(text), (name,), (name,), True)
    return walk.finished()


def expand(spec: str, domain: str, root: str) -> Optional[str]:
    """A domain-spec with the macros that need no sender (%{d}, %{o} and escapes) filled in; None if there are others."""
    if re.search(r"%\{[^doDO]", spec):
        return None
    filled = re.sub(r"%\{([doDO])(\d*)(r?)([-.+,/_=]*)\}", lambda macro: _transformed(macro, domain, root), spec)
    for escape, meaning in (("%_", " "), ("%-", "%20"), ("%%", "%")):
        filled = filled.replace(escape, meaning)
    return filled.lower().rstrip(".")


def _transformed(macro: re.Match[str], domain: str, root: str) -> str:
    letter, digits, backwards, delimiters = macro.groups()
    parts = re.split("[{0}]".format(re.escape(delimiters or ".")), domain if letter in "dD" else root)
    if backwards:
        parts.reverse()
    return ".".join(parts[-int(digits):] if digits and int(digits) else parts)


class _Walk:
    def __init__(self, domain: str, ask: Ask) -> None:
        self.found = Evaluation(domain)
        self._ask = ask

    def follow(self, domain: str, record: Record, path: Path, trail: Path, passes: bool) -> None:
        """Walk one record. trail: the domains on the way here; passes: whether a match in it lets mail pass in the end."""
        for problem in record.problems():
            self._problem("syntax", domain, problem)
        for term in record.active:
            if not term.problem and self.found.lookups <= WALK_LIMIT:
                self._mechanism(domain, term, path + (term.text,), trail, passes and term.qualifier == "+")
        if record.all and len(path) == 1 + _redirects(path):
            self.found.end = record.all.qualifier
        if record.redirect and not record.redirect.problem:
            self._into(domain, record.redirect, path + (record.redirect.text,), trail, passes)

    def _mechanism(self, domain: str, term: Term, path: Path, trail: Path, passes: bool) -> None:
        if term.network is not None:
            self._source(term.network, path, passes)
        elif term.name == "include":
            self._into(domain, term, path, trail, passes)
        elif term.asks:
            self._count()
            self._addresses(domain, term, path, passes)

    def _into(self, domain: str, term: Term, path: Path, trail: Path, passes: bool) -> None:
        """The record that include or redirect names."""
        self._count()
        target = expand(term.value, domain, self.found.domain)
        if target is None:
            self.found.opaque.append(term.text)
        elif target in trail or len(trail) > DEPTH_LIMIT:
            self._problem("loop", domain, " > ".join((*trail, target)))
        else:
            text = self.record_of(target, term.text)
            if text is not None:
                if passes and target not in self.found.includes:
                    self.found.includes.append(target)
                self.follow(target, parse(text), path, (*trail, target), passes)

    def record_of(self, domain: str, term: str = "") -> Optional[str]:
        """The SPF record of a domain, or None with the problem noted."""
        answer = self._question(domain, "TXT")
        texts = [text for text in answer.records if is_spf(text)] if answer.status == "found" else []
        if answer.status in ("nodata", "nxdomain") and term:
            self._void()
        if len(texts) == 1:
            found: str = texts[0]
            return found
        if len(texts) > 1:
            self._problem("several_records", domain, "it has {0} SPF records".format(len(texts)))
        elif answer.status in ("found", "nodata", "nxdomain", "loop"):
            self._problem("no_record", domain, "{0} finds no SPF record".format(term) if term else "there is none")
        return None

    def _addresses(self, domain: str, term: Term, path: Path, passes: bool) -> None:
        """a, mx, exists and ptr; what a reverse look-up finds depends on the sender."""
        target = expand(term.value, domain, self.found.domain) if term.value else domain
        if term.name == "ptr" or target is None:
            return self.found.opaque.append(term.text)
        hosts = [target]
        if term.name == "mx":
            answer = self._question(target, "MX")
            hosts = sorted({host for _preference, host in answer.records if host != "."})
            if answer.status in ("nodata", "nxdomain"):
                self._void()
            if len(hosts) > MX_LIMIT:
                return self._problem("mx_hosts", domain, "{0} finds {1} hosts, {2} are allowed".format(term.text, len(hosts), MX_LIMIT))
        for host in hosts:
            self._host(host, term, path, passes)
        return None

    def _host(self, host: str, term: Term, path: Path, passes: bool) -> None:
        kinds = ("A",) if term.name == "exists" else ("A", "AAAA")
        answers = [self._question(host, kind) for kind in kinds]
        if term.name != "mx" and all(answer.status in ("nodata", "nxdomain") for answer in answers):
            self._void()
        if term.name == "exists":
            if answers[0].status == "found" and passes:
                self.found.opaque.append(term.text)  # it lets everybody pass, which no list of networks can say
            return
        for answer, bits in zip(answers, (term.bits4, term.bits6)):
            for address in answer.records if answer.status == "found" else ():
                self._source(ipaddress.ip_network("{0}/{1}".format(address, bits), strict=False), path, passes)

    def _question(self, name: str, kind: str) -> Any:
        answer = self._ask(name, kind)
        if answer.status not in ("found", "nodata", "nxdomain", "loop"):
            self._problem("unresolved", name, "{0} {1}: {2}".format(name, kind, answer.status))
        if answer.status == "found":
            self.found.ttl = answer.ttl if self.found.ttl is None else min(self.found.ttl, answer.ttl)
        return answer

    def _source(self, network: Network, path: Path, passes: bool) -> None:
        if not passes:
            return
        if len(self.found.sources) < SOURCES_LIMIT:
            self.found.sources.append(Source(network, path))
        else:
            self._problem("unresolved", self.found.domain, "it authorises more than {0} networks".format(SOURCES_LIMIT))

    def _count(self) -> None:
        self.found.lookups += 1

    def _void(self) -> None:
        self.found.voids += 1

    def _problem(self, code: str, where: str, detail: str) -> None:
        problem = Problem(code, where, detail)
        if problem not in self.found.problems and len(self.found.problems) < PROBLEMS_SHOWN:
            self.found.problems.append(problem)

    def finished(self) -> Evaluation:
        found = self.found
        if found.lookups > LOOKUP_LIMIT:
            more = "more than {0}".format(WALK_LIMIT) if found.lookups > WALK_LIMIT else str(found.lookups)
            self._problem("lookups", found.domain, "it takes {0} look-ups, {1} are allowed".format(more, LOOKUP_LIMIT))
        if found.voids > VOID_LIMIT:
            self._problem("voids", found.domain, "{0} look-ups find nothing, {1} may".format(found.voids, VOID_LIMIT))
        return found


def _redirects(path: Path) -> int:
    return sum(step.lower().startswith("redirect=") for step in path)
