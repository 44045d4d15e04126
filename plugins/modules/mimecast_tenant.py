#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_tenant
short_description: Bring a tenant to the state of its document
version_added: 0.1.0
description:
  - The tenant document is all of a tenant's desired state as one plain structure, one key for each kind of object.
    Give it whole or with just some keys.
  - Each collection that the document names is read once. Everything is compared and planned before the first write,
    in an order in which each object is there before others refer to it and removals come last.
  - Objects that the document does not name stay as they are.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.tenant
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  purge:
    description:
      - Kinds of which everything is removed that the document does not declare. By default nothing is.
      - The document has to declare the kind, if only as an empty list.
    type: list
    elements: str
    choices: [active_directory_connectors, microsoft_365_connectors, google_workspace_connectors, groups, delivery_routes, dkim,
              anti_spoofing_policies, anti_spoofing_bypass_policies, blocked_senders_policies, greylisting_policies, journaling_services]
    default: []
  protect:
    description: Names of objects, of whatever kind, that are not removed in any case. A plan that would is refused.
    type: list
    elements: str
    default: []
  max_removals:
    description: A plan with more removals than this is refused.
    type: int
    default: 10
  max_removal_percent:
    description: A plan is refused that removes more than this share of a kind of which the tenant has ten or more.
    type: int
    default: 30
  plan_file:
    description:
      - Where to write the plan, as JSON with a checksum, also in check mode. Without secrets, readable by its owner only.
      - The file is written where the task runs.
    type: path
  apply_plan:
    description:
      - A plan to carry out exactly. What is to be done now must be in that plan, or be what an interrupted run has left of
        it; otherwise the run is refused and the message says what has moved. Secrets are taken from the document.
    type: path
seealso:
  - module: mimecast.connect.mimecast_delivery_route
"""

EXAMPLES = r"""
- name: Two routes, the second as the first one's alternate
  mimecast.connect.mimecast_tenant:
    delivery_routes:
      - name: Headquarters
        hostname: mx1.example.com
        alternate_route: Second site
        policies:
          - name: Inbound to headquarters
            to: {type: domain, domain: example.com}
      - name: Second site
        hostname: mx2.example.com

- name: What would change, without changing anything
  mimecast.connect.mimecast_tenant:
    delivery_routes: "{{ delivery_routes }}"
  check_mode: true
  register: plan

- name: The same as a file to be reviewed
  mimecast.connect.mimecast_tenant:
    delivery_routes: "{{ delivery_routes }}"
    plan_file: plan.json
  check_mode: true

- name: Exactly the reviewed plan, or nothing
  mimecast.connect.mimecast_tenant:
    delivery_routes: "{{ delivery_routes }}"
    apply_plan: plan.json
"""

RETURN = r"""
changes:
  description:
    - The writes in their order, each with action, kind and name. In check mode those that would be made.
    - When a run fails in the middle, those that were written before.
  returned: always
  type: list
  elements: dict
  sample: [{action: create, kind: delivery_routes, name: Headquarters}]
diff:
  description: Each object that changes, before and after.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 2, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import tenant
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = tenant()

if __name__ == "__main__":
    main(JOB)
