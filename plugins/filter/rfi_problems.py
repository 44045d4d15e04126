# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rfi_problems
short_description: What is missing or wrong in a customer's Request for Information
version_added: 0.1.0
description:
  - All at once, each in one sentence that says what would be right. Addresses have to be public and single, domains real, contacts complete, and answers must
    not contradict each other.
  - It is what the role rfi decides by. Nobody is asked; what was found in the DNS is given as O(verdicts).
positional: verdicts
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.rfi
options:
  verdicts:
    description: Verdicts of M(mimecast.connect.connectivity_check) on the MX records of the domains. Those that are not passed are problems too.
    type: list
    elements: dict
    default: []
  allow_documentation:
    description: Whether addresses and names pass that are reserved for documentation and tests (RFC 2544, RFC 2606, RFC 5737), for examples and rehearsals.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: The form is complete
  ansible.builtin.fail:
    msg: "{{ customer | mimecast.connect.rfi_problems | join(' ') }}"
  when: customer | mimecast.connect.rfi_problems != []
  vars:
    customer:
      service: email_security
      region: eu
      infrastructure: {type: postfix}
      contacts:
        - {role: technical, name: Grace Hopper, email: grace@example.com, mobile_phone: "+44 20 7946 0001"}
      domains: [{name: example.com, inbound_type: known}]
      directory: {type: import}
"""

RETURN = r"""
_value:
  description: Sentences; empty if nothing is wrong.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi_problems import problems


def rfi_problems(value: Any, verdicts: Any = (), allow_documentation: bool = False) -> list[str]:
    """The sentences."""
    if not isinstance(value, Mapping):
        raise AnsibleFilterError("Cannot check the Request for Information: the keys of a customer file are needed, not {0}".format(type(value).__name__))
    return problems(value, verdicts, boolean(allow_documentation))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"rfi_problems": rfi_problems}
