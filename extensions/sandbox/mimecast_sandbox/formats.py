# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""String formats that the contract names, as checks for jsonschema."""
from __future__ import annotations

import datetime
import ipaddress
import re

from jsonschema import FormatChecker

_LABEL = re.compile(r"^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$")
CHECKER = FormatChecker(formats=())
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
    host, _colon, port = address.rpartition(":")
    host = host.strip("[]")
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"{host} is not a loopback address")
    if not 1 <= int(port) <= 65535:
        raise ValueError(f"{port} is not a port")
    return host, int(port)


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
