# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Canonical forms of what people write: two spellings of one thing become equal, nonsense becomes ValueError.

Each function takes what the user or the service gave and returns the form that is compared, shown and sent.
The text of a ValueError completes "<option> is <value>: ...".
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable
from typing import Any

# Nothing is published on lengths outside directory integrations; this is the collection's own limit.
MAX_NAME = 255

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_LOCAL_PART = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}\Z")
_BETWEEN_DIGITS = re.compile(r"[\s()/-]")
_PHONE = re.compile(r"\+[0-9]{6,18}\Z")
# Sharp s, final sigma and the joiners name different domains in IDNA 2003 and IDNA 2008.
_AMBIGUOUS = re.compile("[\u00df\u03c2\u200c\u200d]")


def text(value: Any) -> str:
    """Any single line of text, without surrounding blanks."""
    found = str(value).strip()
    if not found.isprintable():
        raise ValueError("it must be one line without control characters")
    return found


def name(value: Any) -> str:
    """The name of an object: 1 to 255 characters."""
    found = text(value)
    if not found:
        raise ValueError("it must not be empty")
    if len(found) > MAX_NAME:
        raise ValueError("it has {0} characters, at most {1} are allowed".format(len(found), MAX_NAME))
    return found


def port(value: Any) -> int:
    """A TCP port."""
    found = number(value)
    if not 1 <= found <= 65535:
        raise ValueError("it must be a number from 1 to 65535")
    return found


def number(value: Any) -> int:
    """A whole number, which the service sometimes writes as 1,000."""
    return int(str(value).replace(",", ""))


def domain(value: Any) -> str:
    """A DNS domain as lower-case A-labels, without a final dot (RFC 1035, RFC 3490)."""
    found = text(value).rstrip(".").lower()
    if found.startswith("@"):
        raise ValueError("write the domain without @")
    if _AMBIGUOUS.search(found):
        raise ValueError("it holds a character that two standards read differently; write the domain in its xn-- form")
    try:
        ascii_form = found.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_form = ""
    labels = ascii_form.split(".")
    split = ascii_form.count(".") != found.count(".")  # some characters stand for a letter and a dot
    if not ascii_form or split or len(ascii_form) > 253 or not all(_LABEL.match(label) for label in labels):
        raise ValueError("it is not a domain name such as example.com")
    return ascii_form


def host(value: Any) -> str:
    """A host name (see ``domain``) or an IPv4 address."""
    found = text(value)
    if "/" in found:
        raise ValueError("give the bare host name, without https:// or a path")
    if ":" in found or found.startswith("["):
        raise ValueError("give a host name or an IPv4 address; no use of IPv6 by the service is published, and a port goes into its own option")
    try:
        return str(ipaddress.IPv4Address(found))
    except ValueError:
        name_form = domain(found)
    if name_form.rpartition(".")[2].isdigit():
        raise ValueError("it is not an IPv4 address such as 198.51.100.7")
    return name_form


def ipv4(value: Any) -> str:
    """One IPv4 address; networks and IPv6 are not taken."""
    try:
        return str(ipaddress.IPv4Address(text(value)))
    except ValueError:
        raise ValueError("{0!r} is not a single IPv4 address such as 198.51.100.7".format(str(value))) from None


def phone(value: Any) -> str:
    """A telephone number in international form, without blanks."""
    found = _BETWEEN_DIGITS.sub("", text(value))
    if not _PHONE.match(found):
        raise ValueError("it is not a number in international form such as +44 20 7946 0000")
    return found


def between(least: int, most: int) -> Callable[[Any], int]:
    """A whole number within limits."""

    def clean(value: Any) -> int:
        found = number(value)
        if not least <= found <= most:
            raise ValueError("it must be a number from {0} to {1}".format(least, most))
        return found

    return clean


def short_text(most: int) -> Callable[[Any], str]:
    """Text of 1 to ``most`` characters."""

    def clean(value: Any) -> str:
        found = text(value)
        if not 1 <= len(found) <= most:
            raise ValueError("it must have 1 to {0} characters".format(most))
        return found

    return clean


def address(value: Any) -> str:
    """A mail address in lower case, its domain as A-labels."""
    local, at, rest = text(value).rpartition("@")
    if not at or not _LOCAL_PART.match(local):
        raise ValueError("it is not a mail address such as postmaster@example.com")
    return "{0}@{1}".format(local.lower(), domain(rest))


def cidr(value: Any) -> str:
    """A network such as 198.51.100.0/24; a single address becomes /32 (or /128)."""
    found = text(value)
    try:
        return str(ipaddress.ip_network(found))
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(found, strict=False)
    except ValueError:
        raise ValueError("it is not a network such as 198.51.100.0/24") from None
    raise ValueError("its host bits are set; write {0} if the whole network is meant".format(meant))


def date(value: Any) -> str:
    """A day as YYYY-MM-DD; a time of day, which the service may add, is left out."""
    found = text(value)
    try:
        if found[10:11] not in ("", "T", " "):
            raise ValueError
        return datetime.datetime.fromisoformat(found[:19]).date().isoformat()
    except ValueError:
        raise ValueError("it is not a day such as 2026-12-31") from None
