# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ranges_split
short_description: The same addresses in networks that are not too wide
version_added: 0.1.0
description:
  - For products that take no wider ones, such as the inbound connector of Exchange Online, which takes /24 to /32.
  - Networks are put together first, so the result has no duplicates. Narrower ones stay as they are.
positional: prefix, prefix6
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
requirements:
  - netaddr
options:
  _input:
    description:
      - Networks, addresses, or ranges such as C(192.0.2.0-192.0.2.63), as a list or as one text with commas. IPv4-mapped IPv6 is read as IPv4;
        duplicates and overlaps do not matter; host bits are an error.
    type: list
    elements: str
    required: true
  prefix:
    description: The shortest prefix that IPv4 networks may have.
    type: int
    default: 24
  prefix6:
    description: The same for IPv6. Left out, IPv6 networks stay as they are.
    type: int
"""

EXAMPLES = r"""
- name: 170.10.132.0/24 and 170.10.133.0/24
  ansible.builtin.debug:
    msg: "{{ ['170.10.132.0/23'] | mimecast.connect.ranges_split }}"
"""

RETURN = r"""
_value:
  description: The networks. More than a million are an error.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._ranges import sets
from ansible_collections.mimecast.connect.plugins.plugin_utils._range_filter import networks, number, texts


def ranges_split(value: Any, prefix: Any = 24, prefix6: Any = None) -> list[str]:
    """Networks that are not wider than the prefixes."""
    found = networks("ranges_split", value)
    limits = number("ranges_split", "prefix", prefix, 32), None if prefix6 is None else number("ranges_split", "prefix6", prefix6, 128)
    try:
        return texts(sets.split(found, *limits))
    except ValueError as error:
        raise AnsibleFilterError("ranges_split: {0}".format(error)) from error


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"ranges_split": ranges_split}
