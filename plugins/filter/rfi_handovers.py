# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rfi_handovers
short_description: Who sends a customer's Request for Information, and what they enter
version_added: 0.1.0
description:
  - The form is behind a link that the vendor's Connect team sends, so a person fills it in. The handover is gone once the customer file has C(account_code)
    and C(done.rfi).
positional: name
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.rfi
options:
  name:
    description: Name of the customer.
    type: str
    required: true
  dest:
    description: The file that has all answers.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: What a person has to do
  ansible.builtin.debug:
    msg: "{{ customer | mimecast.connect.rfi_handovers('acme') }}"
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
  description: Handovers, as M(mimecast.connect.mimecast_tenant) returns them.
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi_form import handovers


def rfi_handovers(value: Any, name: str = "", dest: str = "") -> list[dict[str, Any]]:
    """The handovers."""
    if not isinstance(value, Mapping) or not name:
        raise AnsibleFilterError("Cannot hand over the Request for Information: the keys of a customer file are needed, and the customer's name as name")
    return handovers(value, name, dest)


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"rfi_handovers": rfi_handovers}
