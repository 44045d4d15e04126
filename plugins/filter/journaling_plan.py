# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: journaling_plan
short_description: What journaling asks of a tenant and its mail servers
version_added: 0.1.0
description:
  - Puts what is declared of journaling together with what the tenant has, and says what is to be done, which connections prove it, and why it cannot be
    done yet.
  - It is what the role journaling decides by.
positional: tenant
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description: The options of the role journaling, without its name.
    type: dict
    required: true
  tenant:
    description: A result of M(mimecast.connect.mimecast_info) with C(domains) and C(journaling_services).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Why journaling cannot be set up yet
  ansible.builtin.debug:
    msg: "{{ (wanted | mimecast.connect.journaling_plan(tenant)).problems }}"
  vars:
    tenant:
      domains: [{name: example.com}]
      journaling_services: []
    wanted:
      method: smtp
      domain: journal.example.com
      email: journaling@journal.example.com
      services:
        - name: Journal
          smtp: {email: journaling@journal.example.com, tls: true}
      domains: []
      region: eu
      hosts: []
      port: 25
      products: [exchange]
      version: "2019"
      tenant_domain: ""
      mail_servers: []
      checks: []
      verify: true
"""

RETURN = r"""
_value:
  description:
    - C(problems) (sentences). C(address) and C(domain), and C(register), whether the domain has to be registered, with C(inbound_type). C(hosts), to which
      copies go, and C(tls), how strictly. C(checks), options of M(mimecast.connect.connectivity_check) by mail server, or under an empty name those of the
      controller; those of a mailbox hold its password. C(sends), whether mail servers are to send copies. C(hands_over), whether a person has to look
      after that, and C(handovers) for what no module knows. C(seen), what the service says of itself, and whether copies arrive.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._journaling.plan import plan


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"journaling_plan": plan}
