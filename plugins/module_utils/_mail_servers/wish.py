# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a rendering for a mail server is: declared, cut into the objects or screens of the product, and written in its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional

STRICT, RELAXED, NONE = TLS_MODES = ("strict", "relaxed", "none")
SCOPES = ("global", "internal", "external")

# Every value goes through one of these before it gets into a text, so none can be a command, and none needs more than plain ASCII.
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(r"(?=.{{1,253}}\Z)({0}\.)+(?!\d+\Z){0}\Z".format(_LABEL))
_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*\Z")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 _.-]*[A-Za-z0-9])?\Z")
MOST_IN_NAME = 50  # Exchange takes 64, and what the object is for is added


class MailServerError(Exception):
    """What is declared is wrong, or impossible with this product; the text says which."""


@dataclass(frozen=True)
class Outbound:
    """Where all mail to the outside goes."""

    smart_hosts: tuple[str, ...]
    port: int = 25
    tls: str = STRICT
    authentication: bool = False


@dataclass(frozen=True)
class Journaling:
    """Where copies of mail go. ``undeliverable`` gets the copies that nobody takes; empty leaves that setting alone."""

    address: str
    domain: str
    hosts: tuple[str, ...]
    port: int = 25
    tls: str = STRICT
    scope: str = "global"
    undeliverable: str = ""


@dataclass(frozen=True)
class Wish:
    """What is declared. Objects are called ``name`` and what they are for."""

    product: str
    name: str = "Mimecast"
    version: str = ""
    outbound: Optional[Outbound] = None
    journaling: Optional[Journaling] = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the declaration, by the words that files and titles have for them."""
        return tuple(word for word, given in (("outbound", self.outbound), ("journaling", self.journaling)) if given)

    @property
    def outbound_name(self) -> str:
        """How what sends mail out is called."""
        return self.name + " outbound"

    @property
    def journal_name(self) -> str:
        """How what sends copies is called."""
        return self.name + " journal"


@dataclass(frozen=True)
class Part:
    """One object or screen: the noun of its cmdlets or the way to it, its name, and its settings in order."""

    kind: str
    name: str
    settings: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Product:
    """A mail server. ``render`` writes parts, ``parse`` reads them back, ``undo`` and ``steps`` are for people.

    ``notes`` say what is unknown or in doubt; they stand in the text, in the steps and, where something may go wrong, in the warnings.
    """

    title: str
    parts: Callable[[Wish], tuple[Part, ...]]
    render: Callable[[Wish, tuple[Part, ...]], str]
    parse: Callable[[str], tuple[Part, ...]]
    steps: Callable[[Wish, str], tuple[str, ...]]
    warnings: Callable[[Wish], tuple[str, ...]]
    check: Callable[[Wish], None]
    suffix: str
    scripted: bool


def checked_name(name: str) -> str:
    """A name for objects, or an error that says what would be right."""
    if not _NAME.match(name) or len(name) > MOST_IN_NAME:
        raise MailServerError("name {0!r} is not possible: letters, digits, spaces and _ . - of ASCII, at most {1}, a letter or digit at both ends".format(
            name, MOST_IN_NAME))
    return name


def checked_hosts(hosts: list[str], what: str) -> tuple[str, ...]:
    """Names of hosts in small letters, or an error."""
    found = tuple(host.lower().rstrip(".") for host in hosts)
    if not found:
        raise MailServerError("{0} is empty; give the hosts that the account shows, mostly two".format(what))
    for host in found:
        if not _HOST.match(host):
            raise MailServerError("{0}: {1!r} is no host name; give full names such as eu-smtp-outbound-1.mimecast.com, no addresses".format(what, host))
    if len(set(found)) < len(found):
        raise MailServerError("{0} names a host twice".format(what))
    return found


def checked_domain(domain: str, what: str) -> str:
    """A domain in small letters, or an error."""
    found = domain.lower().rstrip(".")
    if not _HOST.match(found):
        raise MailServerError("{0} {1!r} is no domain; give one such as journal.example.com, in its xn-- form if it has other letters".format(what, domain))
    return found


def checked_address(address: str, what: str) -> str:
    """A mail address, or an error."""
    local, _at, domain = address.rpartition("@")
    if not _LOCAL.match(local) or len(local) > 64:
        raise MailServerError("{0} {1!r} is no mail address that can be rendered; before the @ there may be letters, digits and . _ + -".format(what, address))
    return "{0}@{1}".format(local, checked_domain(domain, "the domain of {0}".format(what)))


def checked_port(port: int, what: str) -> int:
    """A port, or an error."""
    if not 1 <= port <= 65535:
        raise MailServerError("{0} is {1}; give a number from 1 to 65535".format(what, port))
    return port
