#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_group
short_description: Manage a profile group and its members
version_added: 0.1.0
description:
  - A profile group holds mail addresses and whole domains. Policies can apply to it, and follow when its members change.
  - Members are read by pages and written in batches of 500, so a group of 20,000 takes some 40 writes. No limit is published
    for these calls; 500 are in use in production with an older one.
  - Groups that come from a directory cannot be changed here. The built-in group of permitted senders refuses changes too.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  name:
    description:
      - The description of the group in the console, which identifies it. Names are not unique there; if there are two of
        that name, whatever their parents, the module fails and tells them apart. A new group is made at the top.
    type: str
    required: true
  members:
    description:
      - Mail addresses and domains. Their case and order do not matter, and there are no wildcards.
      - Left out, members are neither read nor changed.
    type: dict
    suboptions:
      add:
        description: Members that must be in the group.
        type: list
        elements: str
      remove:
        description: Members that must not be in the group.
        type: list
        elements: str
      set:
        description: All members of the group.
        type: list
        elements: str
  state:
    description:
      - V(present) creates or changes the group. V(absent) removes its members and then the group; a group that a policy
        uses is not removed, and the error says which one uses it.
      - V(exists) changes nothing and fails unless the group exists and has the given members.
    type: str
    choices: [present, absent, exists]
    default: present
seealso:
  - module: mimecast.connect.mimecast_tenant
"""

EXAMPLES = r"""
- name: Partners whose mail must be encrypted
  mimecast.connect.mimecast_group:
    name: TLS strict
    members:
      set: [partner.example, bank.example]

- name: One more, whoever else is there
  mimecast.connect.mimecast_group:
    name: TLS strict
    members:
      add: [supplier.example]
"""

RETURN = r"""
group:
  description: The group after the run, or as it would be in check mode; empty when it is gone. Members are not repeated here.
  returned: success
  type: dict
  sample: {name: TLS strict, source: cloud}
changes:
  description: The writes in their order, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: update, kind: groups, name: TLS strict, options: [members]}]
diff:
  description: Each object that changes, before and after. Of members just those that come or go.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 3, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.objects import single
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory import GROUPS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = single(GROUPS)

if __name__ == "__main__":
    main(JOB)
