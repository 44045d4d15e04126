# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ranges_difference
short_description: The addresses that are not in another list
version_added: 0.1.0
description:
  - What is left of the networks, as few networks as possible. An empty list means that the other one covers them all.
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
    description: The networks to take away, in the same forms.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: What the firewall lacks
  ansible.builtin.debug:
    msg: "{{ ['170.10.128.0/22'] | mimecast.connect.ranges_difference(['170.10.128.0/23']) }}"  # 170.10.130.0/23
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


def ranges_difference(value: Any, other: Any) -> list[str]:
    """What is not in the other list."""
    return texts(sets.difference(networks("ranges_difference", value), networks("ranges_difference", other)))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"ranges_difference": ranges_difference}
