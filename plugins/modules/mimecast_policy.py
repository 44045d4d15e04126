#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_policy
short_description: Manage policies of the mail gateway
version_added: 0.1.0
description:
  - Anti-spoofing policies say whether mail from outside may carry the tenant's own addresses, bypass policies who is
    exempt from that, blocked senders policies whom the tenant refuses, greylisting policies whom it lets try again.
  - Policies of delivery routes and of DKIM belong to M(mimecast.connect.mimecast_delivery_route) and
    M(mimecast.connect.mimecast_dkim).
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.policy
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  type:
    description: Kind of the policy.
    type: str
    required: true
    choices: [anti_spoofing, anti_spoofing_bypass, blocked_senders, greylisting]
  name:
    description:
      - The description of the policy in the console, which identifies it among those of its type. The service does not keep
        names unique. If there are two of that name the module fails and tells them apart.
    type: str
    required: true
  action:
    description:
      - What the policy does, in the words of the service. Needed to create a policy.
      - V(no_action), V(apply) and V(apply_non_mimecast) go with anti-spoofing, V(enable_bypass) and V(disable_bypass) with
        anti-spoofing bypass, V(no_action) and V(block_sender) with blocked senders, V(no_action) and V(apply) with greylisting.
    type: str
    choices: [no_action, apply, apply_non_mimecast, enable_bypass, disable_bypass, block_sender]
  hostnames:
    description: Host names from which the mail must come, for anti-spoofing. Takes C(set), or C(add) and C(remove).
    type: dict
    suboptions: &edited
      add:
        description: Items that must be in the set.
        type: list
        elements: str
      remove:
        description: Items that must not be in the set.
        type: list
        elements: str
      set:
        description: The whole set.
        type: list
        elements: str
  spf_domains:
    description: Domains whose SPF record the mail must satisfy, for anti-spoofing bypass. Takes C(set), or C(add) and C(remove).
    type: dict
    suboptions: *edited
  state:
    description:
      - V(present) creates or changes the policy. Options that are not set stay as they are.
      - V(absent) removes it. V(exists) changes nothing and fails unless the policy exists and has the given values.
    type: str
    choices: [present, absent, exists]
    default: present
notes:
  - Public sources disagree whether a greylisting policy has O(to). If the service does not take it, the error says so.
seealso:
  - module: mimecast.connect.mimecast_tenant
"""

EXAMPLES = r"""
- name: A newsletter service may send in our name
  mimecast.connect.mimecast_policy:
    type: anti_spoofing_bypass
    name: Newsletter
    action: enable_bypass
    from: {type: domain, domain: example.com}
    to: {type: internal}
    spf_domains:
      set: [news.example.net]

- name: Nobody else may
  mimecast.connect.mimecast_policy:
    type: anti_spoofing
    name: Default
    action: apply
    from: {type: internal}
    to: {type: internal}

- name: A sender is refused until the end of the year
  mimecast.connect.mimecast_policy:
    type: blocked_senders
    name: Too much mail
    action: block_sender
    from: {type: address, address: sales@example.net}
    valid_to: "2031-12-31"
"""

RETURN = r"""
policy:
  description: The policy after the run, or as it would be in check mode; empty when it is gone.
  returned: success
  type: dict
  sample: {name: Default, action: apply, from: {type: internal}, to: {type: internal}}
changes:
  description: The writes in their order, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: create, kind: anti_spoofing_policies, name: Default}]
diff:
  description: Each object that changes, before and after.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 1, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.objects import variants
from ansible_collections.mimecast.connect.plugins.module_utils._resources.gateway_policies import POLICY_TYPES
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = variants("type", POLICY_TYPES, "policy")

if __name__ == "__main__":
    main(JOB)
