# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: connect_plan
short_description: Which steps of Connect a customer goes through, in which order, and why
version_added: 0.1.0
description:
  - The steps of the service that was bought, and those that the customer file declares besides (C(tls_policies), C(server_connections), C(acceptance)).
    Each comes after those that it builds on.
  - It is what the role connect goes by. Nobody is asked; whether a step is needed or can run, its role finds out.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description: The variables of the customer's host, as the inventory plugin P(mimecast.connect.customers#inventory) makes them.
    type: dict
    required: true
  only:
    description: The steps to run, as a list or a text with commas. All if it is empty. What came before has to be there already, which each step looks at.
    type: raw
    default: []
  until:
    description: The last step to run.
    type: str
    default: ""
  tags:
    description: The tags of the command line. Parts of roles, such as V(verify), cannot be run without the others.
    type: list
    elements: str
    default: []
  skipped:
    description: The tags that the command line skips. Those of parts of roles cannot be.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: What comes up to inbound
  ansible.builtin.debug:
    msg: "{{ hostvars[inventory_hostname] | mimecast.connect.connect_plan(until='inbound') }}"
"""

RETURN = r"""
_value:
  description:
    - C(steps), those to run, in their order, each with C(step) and C(why). C(others), the rest, each with C(step), C(state) (V(not_part) or
      V(not_reached)) and C(why). C(problem), one sentence that says what is wrong with O(only) or O(until), or nothing.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers import journey
from ansible_collections.mimecast.connect.plugins.plugin_utils._journey_filter import variables_of


def connect_plan(value: Any, only: Any = (), until: str = "", tags: Any = (), skipped: Any = ()) -> dict[str, Any]:
    """The plan of one customer."""
    return journey.plan(variables_of("connect_plan", value), only or (), until or "", tags or (), skipped or ())


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"connect_plan": connect_plan}
