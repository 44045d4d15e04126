# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ranges_cover
short_description: Whether networks cover all addresses of others
version_added: 0.1.0
description:
  - True if no address of the other list is missing, however both are written.
positional: other
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
  other:
    description: The networks that are to be covered, in the same forms.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: The firewall lets the service in
  ansible.builtin.assert:
    that: "['170.10.128.0/22'] | mimecast.connect.ranges_cover(['170.10.129.0/24', '170.10.130.17'])"
"""

RETURN = r"""
_value:
  description: Whether they do. An empty list is covered by any.
  type: bool
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._ranges import sets
from ansible_collections.mimecast.connect.plugins.plugin_utils._range_filter import networks


def ranges_cover(value: Any, other: Any) -> bool:
    """Whether nothing of the other list is missing."""
    return not sets.difference(networks("ranges_cover", other), networks("ranges_cover", value))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"ranges_cover": ranges_cover}
