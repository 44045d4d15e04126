# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rfi_form
short_description: The Request for Information of a customer as a form
version_added: 0.1.0
description:
  - What the vendor's Connect team asks before it makes the account, answered from a customer file. Service and infrastructure decide which questions there
    are. An answer that is not there is shown as missing. No secret is ever read.
  - The vendor's own form is not published; these are the questions that it is known to ask.
positional: format
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.rfi
options:
  format:
    description: V(markdown), or V(csv) with a row for each answer.
    type: str
    choices: [markdown, csv]
    default: markdown
  name:
    description: Name of the customer.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What would be sent, and what is missing in it
  ansible.builtin.debug:
    msg: "{{ customer | mimecast.connect.rfi_form(name='acme') }}"
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
  description: The form.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi_form import as_csv, as_markdown

FORMATS = {"markdown": as_markdown, "csv": as_csv}


def rfi_form(value: Any, format: str = "markdown", name: str = "") -> str:
    """The form in this format."""
    if not isinstance(value, Mapping) or not name:
        raise AnsibleFilterError("Cannot make the Request for Information: the keys of a customer file are needed, and the customer's name as name")
    if format not in FORMATS:
        raise AnsibleFilterError("Cannot make the Request for Information: format is {0!r}; it is one of {1}".format(format, ", ".join(FORMATS)))
    return FORMATS[format](value, name)


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"rfi_form": rfi_form}
