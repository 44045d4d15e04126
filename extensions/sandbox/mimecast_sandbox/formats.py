# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""String formats that the contract names, as checks for jsonschema."""
from __future__ import annotations

import datetime
import ipaddress
import re
from typing import Any

from jsonschema import FormatChecker

_LABEL = re.compile(r"^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$")
CHECKER = FormatChecker(formats=())
_DOCUMENTATION: tuple[Any, ...] = tuple(
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
LEGACY_TIME = "%Y-%m-%dT%H:%M:%S%z"


def is_domain(value: str) -> bool:
    """A host or mail domain in ASCII, with or without dots, without a trailing one."""
    return len(value) <= 253 and all(_LABEL.match(label) for label in value.split("."))


def is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def loopback_target(address: str) -> tuple[str, int]:
    """(host, port) of "127.0.0.1:2525" or "[::1]:2525"; raises ValueError unless it is loopback."""
    host, port = split_address(address)
    if not is_loopback(host):
        raise ValueError(f"{host} is not a loopback address")
    return host, port


def split_address(address: str) -> tuple[str, int]:
    """(host, port) of "192.0.2.1:25"; raises ValueError unless both are right."""
    host, _colon, port = address.rpartition(":")
    host = str(ipaddress.ip_address(host.strip("[]")))
    if not 1 <= int(port) <= 65535:
        raise ValueError(f"{port} is not a port")
    return host, int(port)


def is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback


def documentation_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """A network that belongs to nobody (RFC 5737, RFC 3849); raises ValueError for any other."""
    network = ipaddress.ip_network(text)
    if not any(network.version == known.version and network.subnet_of(known) for known in _DOCUMENTATION):
        raise ValueError(f"{text} is not within one of the networks for documentation: {', '.join(map(str, _DOCUMENTATION))}")
    return network


@CHECKER.checks("sandbox-host")
def _host(value: object) -> bool:
    return not isinstance(value, str) or is_address(value) or is_domain(value)


@CHECKER.checks("sandbox-domain")
def _domain(value: object) -> bool:
    return not isinstance(value, str) or (is_domain(value) and not is_address(value))


@CHECKER.checks("sandbox-address")
def _mail_address(value: object) -> bool:
    if not isinstance(value, str):
        return True
    local, at, domain = value.rpartition("@")
    return bool(at and local and is_domain(domain)) and not re.search(r"\s", local)


@CHECKER.checks("sandbox-cidr")
def _cidr(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return "/" in value


@CHECKER.checks("sandbox-ipv4")
def _ipv4(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return False
    return True


@CHECKER.checks("sandbox-loopback")
def _loopback(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        loopback_target(value)
    except ValueError:
        return False
    return True


@CHECKER.checks("date")
def _date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True


@CHECKER.checks("sandbox-time")
def _legacy_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        datetime.datetime.strptime(value, LEGACY_TIME)
    except ValueError:
        return False
    return True
