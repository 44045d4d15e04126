# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: lockdown_plan
short_description: What a lock-down asks of firewalls, and which strangers nobody has accepted
version_added: 0.1.0
description:
  - Puts ranges and accepted strangers together to services of M(mimecast.connect.firewall_allowlist), and says why they must not be enforced yet.
  - It is what the role firewall_lockdown decides by.
positional: firewalls
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
requirements:
  - netaddr
options:
  _input:
    description:
      - C(services), to be locked down, and C(opened), which stay open to others, each a list with C(name) and C(ports). C(ranges), a list of networks.
        C(accepted), strangers, each with C(range), C(reason), C(by), C(until), and C(allow) for those who are let in.
        C(logs_read), names of firewalls that keep no list of strangers and whose log somebody has read.
    type: dict
    required: true
  firewalls:
    description: Results of M(mimecast.connect.firewall_allowlist_info), registered in a loop over the names of the firewalls.
    type: list
    elements: dict
    required: true
  enforce:
    description: Whether others are to be shut out. Otherwise they are observed, and only what is wrong with O(_input) is a problem.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Services that observe
  ansible.builtin.debug:
    msg: "{{ wanted | mimecast.connect.lockdown_plan([]) }}"
  vars:
    wanted:
      services: [{name: smtp, ports: [25]}]
      opened: []
      ranges: [170.10.128.0/22]
      accepted:
        - range: 203.0.113.9
          reason: Scans of our own auditors
          by: Jane Doe
          until: "2027-01-31"
"""

RETURN = r"""
_value:
  description:
    - C(services), and C(watching), those to be locked down as they observe. C(products), the same for firewalls that cannot observe. C(locks), names
      of firewalls that shut nobody out yet. C(problems) (sentences), and C(strangers), those whom nobody has accepted.
  type: dict
"""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._ranges import lockdown
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError
from ansible_collections.mimecast.connect.plugins.plugin_utils._range_filter import need_netaddr


def lockdown_plan(value: Any, firewalls: Any, enforce: bool = False) -> dict[str, Any]:
    """The plan of today."""
    need_netaddr()
    try:
        return lockdown.plan(value, firewalls, enforce, datetime.now(timezone.utc).date().isoformat())
    except RangesError as error:
        raise AnsibleFilterError("Cannot plan the lock-down: {0}".format(error)) from error


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"lockdown_plan": lockdown_plan}
