# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ranges_merge
short_description: The same addresses in as few networks as possible
version_added: 0.1.0
description:
  - Duplicates, overlaps and neighbours are put together. IPv4 comes first, and everything is in order.
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
"""

EXAMPLES = r"""
- name: 170.10.128.0/22
  ansible.builtin.debug:
    msg: "{{ ['170.10.128.0/23', '170.10.130.0/24', '170.10.131.0-170.10.131.255'] | mimecast.connect.ranges_merge }}"
"""

RETURN = r"""
_value:
  description: The networks.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._ranges import sets
from ansible_collections.mimecast.connect.plugins.plugin_utils._range_filter import networks, texts


def ranges_merge(value: Any) -> list[str]:
    """As few networks as possible."""
    return texts(sets.merge(networks("ranges_merge", value)))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"ranges_merge": ranges_merge}
