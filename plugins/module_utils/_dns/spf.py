# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""SPF records as they are written (RFC 7208, 4.5 to 7.1): from text to terms and back. Nothing is looked up in here."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Iterable, List, NamedTuple, Optional, Tuple, Union

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
STRING_LIMIT = 255  # bytes in one string of a TXT record, RFC 1035 3.3
LOOKUP_LIMIT = 10  # RFC 7208 4.6.4
# Terms that make a receiver ask the DNS, each once for the limit above.
ASKING = frozenset(["include", "a", "mx", "ptr", "exists", "redirect"])
MECHANISMS = frozenset(["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"])
_NEEDS_DOMAIN = frozenset(["include", "exists"])
_VERSION = re.compile(r"v=spf1(?= |$)", re.IGNORECASE)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)=(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"([-+~?]?)([A-Za-z][A-Za-z0-9._-]*)([:/].*)?", re.DOTALL)
_MACROS = re.compile(r"(?:%\{[slodiphcrtv]\d*r?[-.+,/_=]*\}|%%|%_|%-|[!-$&-~])*", re.IGNORECASE)
_GLUED = re.compile(r"(include|ip[46]|exists|redirect|a|mx)[:=]|[-+~?]all$")
_LABELS = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?")


class Term(NamedTuple):
    """One term. text: as it is written; value: what follows `:` or `=`, without prefix lengths; problem: why it is invalid.

    kind: mechanism or modifier; qualifier is + where none is written, and means nothing for a modifier.
    bits4, bits6: prefix lengths of a and mx.
    """

    text: str
    kind: str
    name: str
    value: str = ""
    qualifier: str = "+"
    bits4: int = 32
    bits6: int = 128
    problem: str = ""

    @property
    def domain(self) -> str:
        """The value in the form in which domains compare."""
        return self.value.lower().rstrip(".")

    @property
    def has_macro(self) -> bool:
        return "%" in self.value

    @property
    def asks(self) -> bool:
        """Whether it counts for the limit of look-ups."""
        return self.name in ASKING

    @property
    def ends(self) -> bool:
        """Whether it is an all, which nothing behind it outlives."""
        return self.name == "all" and not self.problem

    @property
    def network(self) -> Optional[Network]:
        """The network of a valid ip4 or ip6, host bits cleared as receivers do."""
        return ipaddress.ip_network(self.value, strict=False) if self.name in ("ip4", "ip6") and not self.problem else None


@dataclass(frozen=True)
class Record:
    """An SPF record; version: as it is written."""

    terms: Tuple[Term, ...]
    version: str = "v=spf1"

    def __str__(self) -> str:
        return " ".join([self.version, *(term.text for term in self.terms)])

    @property
    def active(self) -> Tuple[Term, ...]:
        """Mechanisms up to the first all; those behind it are never looked at."""
        found = []
        for term in self.terms:
            if term.kind == "mechanism":
                found.append(term)
                if term.ends:
                    break
        return tuple(found)

    @property
    def all(self) -> Optional[Term]:
        """The first all, which is the one that counts."""
        return next((term for term in self.terms if term.ends), None)

    @property
    def redirect(self) -> Optional[Term]:
        """redirect=, which counts only without an all."""
        return None if self.all else next((term for term in self.terms if term.name == "redirect"), None)

    @property
    def asking(self) -> Tuple[Term, ...]:
        """Terms that ask the DNS when no earlier one matches."""
        last = (self.redirect,) if self.redirect else ()
        return tuple(term for term in self.active if term.asks) + last

    def problems(self) -> List[str]:
        """Why receivers refuse the whole record, which one bad term is enough for; empty for a valid one."""
        found = ["{0!r}: {1}".format(term.text, term.problem) for term in self.terms if term.problem]
        for name in ("redirect", "exp"):
            if sum(term.kind == "modifier" and term.name == name for term in self.terms) > 1:
                found.append("{0}= may be there only once".format(name))
        return found


def is_spf(text: str) -> bool:
    """Whether receivers take this text for an SPF record."""
    return bool(_VERSION.match(text))


def parse(text: str) -> Record:
    """The record in a text, whose invalid terms say so in their problem; ValueError if it is no SPF record at all."""
    version = _VERSION.match(text)
    if not version:
        raise ValueError("{0!r} does not begin with v=spf1 and a space".format(text[:60]))
    return Record(tuple(parse_term(word) for word in text[version.end():].split(" ") if word), version.group())


def parse_term(text: str) -> Term:
    """One term of a record."""
    modifier = _MODIFIER.fullmatch(text)
    if modifier:
        return _modifier(text, modifier.group(1).lower(), modifier.group(2))
    directive = _DIRECTIVE.fullmatch(text)
    if not directive:
        return Term(text, "mechanism", text.lower(), problem="is no term of SPF")
    qualifier, name, written = directive.group(1) or "+", directive.group(2).lower(), directive.group(3) or ""
    if name in ("ip4", "ip6"):
        return _address(text, name, written, qualifier)
    return _mechanism(text, name, written, qualifier)


def join(strings: Iterable[bytes]) -> str:
    """The text of a TXT record's strings, which receivers join without a space (RFC 7208 3.3)."""
    return b"".join(strings).decode("utf-8", "replace")


def split(text: str) -> List[str]:
    """The text as strings of at most 255 bytes, as a TXT record holds them; join makes it whole again."""
    parts, size = [""], 0
    for character in text:
        width = len(character.encode("utf-8"))
        if size + width > STRING_LIMIT:
            parts.append("")
            size = 0
        parts[-1] += character
        size += width
    return parts


def _modifier(text: str, name: str, value: str) -> Term:
    known = name in ("redirect", "exp")
    problem = _domain_problem(value) if known else "" if _MACROS.fullmatch(value) else "holds a character or macro that SPF does not know"
    return Term(text, "modifier", name, value, problem=problem)


def _address(text: str, name: str, written: str, qualifier: str) -> Term:
    value = written[1:] if written.startswith(":") else ""
    kind = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
    problem = ""
    try:
        kind(value, strict=False)
    except ValueError:
        problem = "{0} takes an address or network of that kind".format(name)
    if not re.fullmatch(r"[^/]*(/\d+)?", value):
        problem = "the prefix is a number"
    return Term(text, "mechanism", name, value, qualifier, problem=problem)


def _mechanism(text: str, name: str, written: str, qualifier: str) -> Term:
    bits4, bits6, problem = 32, 128, ""
    prefix = re.search(r"(?:/(\d+))?(?://(\d+))?$", written) if name in ("a", "mx") else None
    if prefix and prefix.group():
        written = written[:prefix.start()]
        bits4, bits6 = int(prefix.group(1) or 32), int(prefix.group(2) or 128)
        if bits4 > 32 or bits6 > 128:
            problem = "a prefix is at most /32 or //128"
    value = written[1:] if written.startswith(":") else ""
    if name not in MECHANISMS:
        problem = "SPF has no mechanism {0}".format(name)
    elif name == "all":
        problem = "all takes no value" if written else ""
    elif written or name in _NEEDS_DOMAIN:
        problem = problem or _domain_problem(value)
    return Term(text, "mechanism", name, value, qualifier, bits4, bits6, problem)


def _domain_problem(value: str) -> str:
    if not value:
        return "a domain is missing"
    if not _MACROS.fullmatch(value):
        return "holds a character or macro that SPF does not know"
    if "%" not in value and not _LABELS.fullmatch(value):
        glued = ": was a space lost between two strings of the TXT record?" if _GLUED.search(value) else ""
        return "{0!r} is no domain{1}".format(value[:80], glued)
    if "%" not in value and value.rstrip(".").rpartition(".")[2].isdigit():
        return "takes a domain, not an address"
    return "" if len(value) <= 253 or "%" in value else "a domain has at most 253 characters"
