# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rollback_document
short_description: What leads back to before a step of Connect
version_added: 0.1.0
description:
  - Compares the record of what there was before the first change with what is declared and there now, and tells what brings back what one step owns.
    Nothing else is in it.
  - What was there comes back as it was. What is declared and was not there goes, where an API can take it away, or is a handover.
  - It is what the playbook C(mimecast.connect.rollback) applies.
positional: declared, step
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description:
      - The record, with C(tenant), C(dns), C(firewall) and C(postfix), each what the file of that name holds, as the role acceptance writes it, or null.
    type: dict
    required: true
  declared:
    description:
      - Keys of the customer file, and C(now) with C(firewall) (services by gateway) and C(postfix) (C(before) of
        M(mimecast.connect.postfix_routing) by host). C(secrets) has values for the variables that the record names instead of secrets.
    type: dict
    required: true
  step:
    description: The step.
    type: str
    required: true
    choices: [outbound, recipient_validation, journaling, inbound, tls_policies, firewall_lockdown]
"""

EXAMPLES = r"""
- name: What would be taken back
  ansible.builtin.debug:
    msg: "{{ {'tenant': {}} | mimecast.connect.rollback_document({'delivery_routes': [{'name': 'HQ', 'hostname': 'mx1.example.com'}]}, 'inbound') }}"
"""

RETURN = r"""
_value:
  description:
    - C(tenant), a document for M(mimecast.connect.mimecast_tenant), with C(max_removals) and C(max_removal_percent), raised to what it needs.
      C(restore) for M(mimecast.connect.mail_dns_records). C(postfix), by host C(restore) of M(mimecast.connect.postfix_routing). C(firewall), by
      gateway C(services) for M(mimecast.connect.firewall_allowlist), C(absent) and its guards. C(tls), options of
      M(mimecast.connect.mimecast_tls_policy). C(waits), whether mail servers have to be taken back by a person before the DNS and the tenant.
      C(handovers).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._rollback.document import RollbackError, document


def rollback_document(value: Any, declared: Any, step: Any) -> dict[str, Any]:
    """The way back."""
    for name, given in (("the record", value), ("declared", declared)):
        if not isinstance(given, dict):
            raise AnsibleFilterError("Cannot plan the rollback: {0} must be a dictionary, not {1}".format(name, type(given).__name__))
    try:
        return document(value, declared, str(step))
    except RollbackError as error:
        raise AnsibleFilterError("Cannot plan the rollback: {0}".format(error)) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError("Cannot plan the rollback: the record or what is declared has another form than expected ({0})".format(error)) from error


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"rollback_document": rollback_document}
