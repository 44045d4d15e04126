# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What is declared of a Postfix, what is there, and what there will be: plain values. Facts are those of postconf(5) and transport(5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Optional

STRICT, RELAXED, NONE = "strict", "relaxed", "none"
LEVELS = {STRICT: "secure match=nexthop", RELAXED: "encrypt", NONE: "may"}

# Every parameter that this module may touch.
RELAYHOST, FALLBACK, TLS_POLICY, CA_FILE = "relayhost", "smtp_fallback_relay", "smtp_tls_policy_maps", "smtp_tls_CAfile"
SASL, SASL_MAPS, SASL_OPTIONS = "smtp_sasl_auth_enable", "smtp_sasl_password_maps", "smtp_sasl_tls_security_options"
ALWAYS_BCC, TRANSPORT = "always_bcc", "transport_maps"
TOUCHED = (RELAYHOST, FALLBACK, TLS_POLICY, CA_FILE, SASL, SASL_MAPS, SASL_OPTIONS, ALWAYS_BCC, TRANSPORT)

# Every file that is its own, in the configuration folder. Smart hosts and journal have files of their own, so that one can be left alone.
SMART_HOSTS_TLS, JOURNAL_TLS, JOURNAL_TRANSPORT = "mimecast_smart_hosts_tls", "mimecast_journal_tls", "mimecast_journal_transport"
PASSWORD = "mimecast_smart_hosts_password"  # the name of a file
FILES = (SMART_HOSTS_TLS, JOURNAL_TLS, JOURNAL_TRANSPORT, PASSWORD)
MODES = {name: 0o600 if name == PASSWORD else 0o644 for name in FILES}

HEADER = "# This file is that of mimecast.connect.postfix_routing, which writes it anew.\n"
HIDDEN = "********"
_LOGIN = re.compile(r"^([^#\s]\S*[ \t]+[^:\n]*:)[^\n]*$", re.M)


class PostfixError(Exception):
    """What is wrong, as a sentence."""


@dataclass(frozen=True)
class SmartHosts:
    """Where outgoing mail goes. Without ``username`` nobody logs in."""

    hosts: tuple[str, ...]
    port: int
    tls: str
    username: str = ""
    password: str = ""

    def hops(self) -> tuple[str, ...]:
        return hops(self.hosts, self.port)


@dataclass(frozen=True)
class Journal:
    """Where a copy of each message goes."""

    address: str
    domain: str
    hosts: tuple[str, ...]
    port: int
    tls: str

    def hops(self) -> tuple[str, ...]:
        return hops(self.hosts, self.port)


@dataclass(frozen=True)
class Wish:
    """What is declared. A part that is None is left alone. An empty ``ca_file`` leaves the roots to Postfix or the system."""

    smart_hosts: Optional[SmartHosts]
    journal: Optional[Journal]
    ca_file: str = ""


@dataclass(frozen=True)
class Override:
    """A parameter that master.cf sets for one service, by -o."""

    service: str
    program: str
    name: str
    value: str


@dataclass(frozen=True)
class Found:
    """A Postfix as it is.

    ``given`` holds the parameters that main.cf sets, as they are written; ``values`` some as they work, with what they refer to. ``files`` are texts by
    name, None where there is none, ``loose`` names of those that others may read and should not. ``programs`` are those of the services of kind unix.
    ``wildcards`` says where foreign transport_maps send any address, by map; ``unasked`` are maps that did not answer.
    """

    folder: str
    release: str
    given: dict[str, str]
    values: dict[str, str]
    files: dict[str, Optional[str]]
    loose: tuple[str, ...] = ()
    programs: dict[str, str] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    wildcards: dict[str, str] = field(default_factory=dict)
    unasked: tuple[str, ...] = ()
    roots: str = ""
    sasl: bool = True
    unfinished: Optional[dict[str, Any]] = None

    @property
    def takes_lists(self) -> bool:
        """Whether a next hop may be several (Postfix 3.5 and later)."""
        return version(self.release) >= (3, 5)

    def parameters(self) -> dict[str, Optional[str]]:
        """What main.cf says of each parameter that the module may touch; None where it says nothing. One that holds passwords itself is not among them."""
        found = {name: self.given.get(name) for name in TOUCHED}
        if holds_passwords(found[SASL_MAPS]):
            del found[SASL_MAPS]
        return found

    def before(self) -> dict[str, Any]:
        """What ``restore`` takes, without the password."""
        return {"parameters": self.parameters(), "files": {name: shown(name, text) for name, text in self.files.items()}}


@dataclass(frozen=True)
class Target:
    """What there will be: parameters and files of which there is something to say, None for none, and sentences about what a person should know."""

    parameters: dict[str, Optional[str]]
    files: dict[str, Optional[str]]
    warnings: tuple[str, ...] = ()


def hops(hosts: tuple[str, ...], port: int) -> tuple[str, ...]:
    """Next hops that are asked for no MX, always with the port, since tables are searched for exactly this text."""
    return tuple("[{0}]:{1}".format(host, port) for host in hosts)


def version(release: str) -> tuple[int, int]:
    """(3, 7) of 3.7.11 or of a snapshot such as 3.9-20240101."""
    found = re.match(r"(\d+)\.(\d+)", release)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def table(folder: str, name: str) -> str:
    """One of its own files as a lookup table, which needs no postmap."""
    return "texthash:{0}/{1}".format(folder, name)


def holds_passwords(maps: Optional[str]) -> bool:
    """Whether passwords stand in the list of maps itself."""
    return bool(re.search(r"\b(inline|static):", maps or ""))


def shown(name: str, text: Optional[str]) -> Optional[str]:
    """The text of a file as results may show it."""
    return _LOGIN.sub(r"\g<1>" + HIDDEN, text) if text and name == PASSWORD else text
