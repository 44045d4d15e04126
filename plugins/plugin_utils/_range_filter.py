# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the filters on ranges share: their input read, and what is wrong with it said as Ansible says it."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.basic import missing_required_lib
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, read, shown
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import HAS_NETADDR, netaddr


def need_netaddr() -> None:
    """AnsibleFilterError where the library is missing."""
    if not HAS_NETADDR:
        raise AnsibleFilterError(missing_required_lib("netaddr"))


def networks(name: str, value: Any) -> list[netaddr.IPNetwork]:
    """The networks in a list, or in a text with commas such as a plain lookup returns."""
    need_netaddr()
    entries = value.split(",") if isinstance(value, str) else value
    if not isinstance(entries, (list, tuple)):
        raise AnsibleFilterError("{0}: a list of networks is needed, not {1}".format(name, shown(value)))
    try:
        return read((("entry {0}".format(number), entry) for number, entry in enumerate(entries, 1)), sources=False).networks
    except RangesError as error:
        raise AnsibleFilterError("{0}: {1}".format(name, error)) from error


def texts(found: list[netaddr.IPNetwork]) -> list[str]:
    """Networks as plain texts."""
    return [str(network) for network in found]


def number(name: str, option: str, value: Any, limit: int) -> int:
    """A prefix length."""
    try:
        prefix = int(str(value))
        if not 0 <= prefix <= limit:
            raise ValueError
        return prefix
    except ValueError:
        raise AnsibleFilterError("{0}: {1} must be a number from 0 to {2}, not {3}".format(name, option, limit, shown(value))) from None
