# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: acceptance_plan
short_description: Which tests of acceptance there are for a customer, and what they need
version_added: 0.1.0
description:
  - Puts together what the role acceptance checks, sends and looks for, in the order of its cases.
  - It is what the role acceptance decides by.
positional: tags
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description: Options of the role acceptance, without its name.
    type: dict
    required: true
  tags:
    description: Tags of the run. Those that begin with C(acceptance_) choose parts; all are planned without one.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: How many cases there are
  ansible.builtin.debug:
    msg: "{{ (options | mimecast.connect.acceptance_plan(['acceptance_inbound'])).cases | length }}"
"""

RETURN = r"""
_value:
  description:
    - C(cases), each with C(id) and C(by), which is V(person) where no machine can tell.
      C(tenant), C(checks), C(delivery_routes), C(directory_connectors), C(domains) and C(messages), what to ask and to send.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._acceptance.plan import plan


def acceptance_plan(value: Any, tags: Any = ()) -> dict[str, Any]:
    """What to do."""
    try:
        return plan(value, [str(tag) for tag in tags])
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError("acceptance_plan: the input has another form than expected ({0})".format(error)) from error


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"acceptance_plan": acceptance_plan}
