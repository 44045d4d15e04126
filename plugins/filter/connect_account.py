# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: connect_account
short_description: What became of each step of a customer's journey
version_added: 0.1.0
description:
  - Puts what the roles of the steps have set together to one account. The role connect makes it at the end of each run.
  - Handovers that the customer file acknowledges by their title are marked, and nobody waits for them.
positional: plan
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description: The variables of the customer's host, with what the roles of the steps have set.
    type: dict
    required: true
  plan:
    description: What the filter P(mimecast.connect.connect_plan#filter) returns.
    type: dict
    required: true
  failure:
    description: Why the run stopped; empty if it did not.
    type: str
    default: ""
  check_mode:
    description: Whether nothing was written.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: The account of a journey
  ansible.builtin.set_fact:
    journey: "{{ hostvars[inventory_hostname] | mimecast.connect.connect_account(connect_plan) }}"
"""

RETURN = r"""
_value:
  description:
    - C(customer), C(account_code), C(region), C(service), C(infrastructure) and C(day) (UTC). C(state) of the whole journey, and C(next), one sentence.
    - C(steps), all there are, each with C(step), C(state), C(why), C(proof) (verdicts of M(mimecast.connect.connectivity_check)), C(changes),
      C(handovers), and C(soak) with C(since) and C(until) where there is one. C(state) is V(done), V(changed) (in check mode, it would be),
      V(waiting) (C(why) says for what), V(failed), V(not_reached) or V(not_part).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers import account
from ansible_collections.mimecast.connect.plugins.module_utils._handover import today
from ansible_collections.mimecast.connect.plugins.plugin_utils._journey_filter import plan_of, variables_of


def connect_account(value: Any, plan: Any, failure: str = "", check_mode: bool = False) -> dict[str, Any]:
    """The account of today."""
    variables = variables_of("connect_account", value)
    name = str(variables.get("inventory_hostname") or "")
    return account.account(name, variables, plan_of("connect_account", plan), str(failure or ""), bool(check_mode), today())


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"connect_account": connect_account}
