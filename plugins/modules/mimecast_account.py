#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_account
short_description: Manage settings of the account
version_added: 0.1.0
description:
  - So far the emergency contact, the person whom the service calls when mail cannot be delivered.
  - The API cannot remove it. What else it tells of the account is read by M(mimecast.connect.mimecast_info).
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  emergency_contact:
    description: The emergency contact.
    type: dict
    suboptions:
      name:
        description: Name of the person, at most 60 characters. Needed where there is no contact yet.
        type: str
      email:
        description: Mail address, best one that works without the service. Needed where there is no contact yet.
        type: str
      mobile_phone:
        description: Mobile number in international form, such as V(+44 20 7946 0000). Needed where there is no contact yet.
        type: str
      telephone:
        description: Another number in international form.
        type: str
      alternate_emails:
        description: Up to four more addresses. Takes C(set), or C(add) and C(remove).
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
      state:
        description: V(present) makes the contact so. V(exists) changes nothing and fails unless it is so.
        type: str
        choices: [present, exists]
        default: present
seealso:
  - module: mimecast.connect.mimecast_info
"""

EXAMPLES = r"""
- name: Whom the service calls in an emergency
  mimecast.connect.mimecast_account:
    emergency_contact:
      name: Duty manager
      email: duty@example.org
      mobile_phone: +44 20 7946 0000
"""

RETURN = r"""
changes:
  description: The writes, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: update, kind: emergency_contact, name: "", options: [email]}]
diff:
  description: The contact before and after, if it changes.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 1, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.objects import document
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = document(("emergency_contact",))

if __name__ == "__main__":
    main(JOB)
