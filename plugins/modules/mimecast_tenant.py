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

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import document
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = document()

if __name__ == "__main__":
    main(JOB)
