# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: outbound_plan
short_description: What outbound mail asks of a customer, and what is missing for it
version_added: 0.1.0
description:
  - Finds the smart hosts of each mail server, from where they are tried out and which domains must be internal, and says what is wrong.
  - It is what the role outbound decides by.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description: The options of the role outbound, named without C(outbound_).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: What outbound mail asks for
  ansible.builtin.debug:
    msg: "{{ wanted | mimecast.connect.outbound_plan }}"
  vars:
    wanted:
      region: eu
      domains:
        - name: example.com
      addresses:
        addresses:
          add: [198.51.100.25]
      servers:
        - product: postfix
          hosts: [mail-1]
      smart_hosts: []
      port: 25
      tls: strict
      username: ""
      password: ""
      spf: true
      dns: {}
      checks: []
      soak_days: 5
      since: ""
"""

RETURN = r"""
_value:
  description:
    - C(domains), that must be internal, and C(spf_domains), whose SPF record includes the service, with C(records), further
      options of M(mimecast.connect.mail_dns_records). C(hosts), from which smart hosts are tried out, and
      C(checks) by host, empty for those that are tried out from the controller. C(postfix), smart hosts by host. C(renderings), one for each other
      product. C(hybrid), whether there is more than one. C(problems) (sentences).
  type: dict
"""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._customers.outbound import plan


def outbound_plan(value: Any) -> dict[str, Any]:
    """The plan of today."""
    try:
        return plan(value, datetime.now(timezone.utc))
    except KeyError as error:
        raise AnsibleFilterError("Cannot plan outbound mail: {0} is missing".format(error)) from error


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"outbound_plan": outbound_plan}
