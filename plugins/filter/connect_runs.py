# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: connect_runs
short_description: Whether a step of a customer's journey can run now
version_added: 0.1.0
description:
  - A step runs if it is planned, has not run, and none of those that it builds on waits, failed or is still to run.
  - The role connect asks it before each step.
positional: plan, step
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description: The variables of the customer's host, with what the roles of earlier steps have set.
    type: dict
    required: true
  plan:
    description: What the filter P(mimecast.connect.connect_plan#filter) returns.
    type: dict
    required: true
  step:
    description: Name of the step, or a list of steps of which one is enough.
    type: raw
    required: true
  check_mode:
    description: Whether nothing was written, so that later steps cannot find it.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: The step inbound
  ansible.builtin.include_role:
    name: mimecast.connect.inbound
  when: hostvars[inventory_hostname] | mimecast.connect.connect_runs(connect_plan, 'inbound')
"""

RETURN = r"""
_value:
  description: Whether it can run now.
  type: bool
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers import account
from ansible_collections.mimecast.connect.plugins.module_utils._handover import today
from ansible_collections.mimecast.connect.plugins.plugin_utils._journey_filter import plan_of, variables_of


def connect_runs(value: Any, plan: Any, step: Any, check_mode: bool = False) -> bool:
    """Whether the step, or one of the steps, can run now."""
    return account.runs(variables_of("connect_runs", value), plan_of("connect_runs", plan), step, bool(check_mode), today())


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"connect_runs": connect_runs}
