#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_outbound_addresses
short_description: Manage the addresses from which a tenant may send
version_added: 0.1.0
description:
  - The service takes outbound mail only from these addresses. They are single IPv4 addresses, networks are not taken.
  - The service replaces the list as a whole. The module reads it first, so that O(addresses.add) and
    O(addresses.remove) leave the rest alone.
  - The vendor's support article says that only support may change the list the console calls Authorized Outbounds, while
    the API documents these calls. If the service refuses, the error shows its words. A change can take two hours to work.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  addresses:
    description: The addresses. The order does not matter.
    type: dict
    suboptions:
      add:
        description: Addresses that must be in the list.
        type: list
        elements: str
      remove:
        description: Addresses that must not be in the list.
        type: list
        elements: str
      set:
        description: The whole list.
        type: list
        elements: str
  allow_empty:
    description: Whether the last address may go. Without any the service refuses all outbound mail of the tenant.
    type: bool
    default: false
  state:
    description: V(present) makes the list so. V(exists) changes nothing and fails unless it is so.
    type: str
    choices: [present, exists]
    default: present
seealso:
  - module: mimecast.connect.mimecast_tenant
"""

EXAMPLES = r"""
- name: The new mail server may send, whatever else may
  mimecast.connect.mimecast_outbound_addresses:
    addresses:
      add: [198.51.100.7]

- name: Just these two may
  mimecast.connect.mimecast_outbound_addresses:
    addresses:
      set: [198.51.100.7, 198.51.100.8]
"""

RETURN = r"""
outbound_addresses:
  description: The list after the run, or as it would be in check mode.
  returned: success
  type: dict
  sample: {addresses: [198.51.100.7, 198.51.100.8]}
changes:
  description: The writes, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: update, kind: outbound_addresses, name: "", options: [addresses]}]
diff:
  description: The list before and after, if it changes.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 1, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.objects import single
from ansible_collections.mimecast.connect.plugins.module_utils._resources.settings import OUTBOUND_ADDRESSES
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = single(OUTBOUND_ADDRESSES)

if __name__ == "__main__":
    main(JOB)
