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


def is_domain(value: str) -> bool:
    """A host or mail domain in ASCII, with or without dots, without a trailing one."""
    return len(value) <= 253 and all(_LABEL.match(label) for label in value.split("."))


def is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


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


@CHECKER.checks("date")
def _date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True
