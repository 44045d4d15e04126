# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: acceptance_result
short_description: What the tests of acceptance have shown
version_added: 0.1.0
description:
  - Gives each case of P(mimecast.connect.acceptance_plan#filter) its verdict, from what was checked, sent and found.
  - It is what the role acceptance decides by.
positional: found
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description: The plan, as P(mimecast.connect.acceptance_plan#filter) returns it.
    type: dict
    required: true
  found:
    description: What was found, with C(tenant), C(verdicts), C(sent) and C(seen).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Which mandatory cases failed
  ansible.builtin.debug:
    msg: "{{ (plan | mimecast.connect.acceptance_result({'verdicts': proof.verdicts})).failed }}"
"""

RETURN = r"""
_value:
  description:
    - C(cases), each with C(id), C(part), C(title), C(mandatory), C(by), C(verdict), C(message) and C(evidence).
      C(verdicts) of the checks, C(failed), sentences about mandatory cases that failed, and C(handovers).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._acceptance.result import judged


def acceptance_result(value: Any, found: Any) -> dict[str, Any]:
    """What it came to."""
    try:
        return judged(value, found)
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError("acceptance_result: the input has another form than expected ({0})".format(error)) from error


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"acceptance_result": acceptance_result}
