#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_delivery_route
short_description: Manage a delivery route and its policies
version_added: 0.1.0
description:
  - A delivery route says to which mail server the service delivers mail. Its policies say for which mail it is used.
  - A policy for mail from everyone or from outside to a domain needs an internal domain of the tenant.
  - If two routes have policies with the same sender and recipient side, the service picks one at random for each message.
  - Definition and policies are one thing here. The module creates, changes and removes both, and writes only what differs.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
  - mimecast.connect.policy.owned
options:
  name:
    description:
      - The description of the route in the console, which identifies it. At most 255 characters, compared exactly.
      - The service does not keep names unique. If there are two of that name the module fails and tells them apart.
    type: str
    required: true
  hostname:
    description:
      - Host name or IPv4 address of the mail server. Needed to create a route. Domain names outside ASCII are sent in
        their C(xn--) form.
    type: str
  port:
    description:
      - TCP port of the mail server, 1 to 65535. A new route gets 25 if this is not set.
    type: int
  alternate_route:
    description:
      - Name of another delivery route to use when this one cannot be reached. An empty string removes it.
      - In M(mimecast.connect.mimecast_tenant) it may be a route that the same document creates.
    type: str
  smtp_authentication:
    description:
      - How the service logs on to the mail server. The service takes this only as a whole, so whoever changes a part
        has to give the password as well. An empty list of mechanisms switches it off.
    type: dict
    suboptions:
      mechanisms:
        description:
          - Mechanisms in the order in which they are tried. V(LOGIN) and V(PLAIN) are known, the full list is not published.
        type: list
        elements: str
      username:
        description: The user name.
        type: str
      password:
        description:
          - The password. It can be written but never read, see O(update_secret).
        type: str
      domain:
        description: The log-on domain, if there is one.
        type: str
  state:
    description:
      - V(present) creates or changes the route. Options that are not set stay as they are.
      - V(absent) removes its policies and then the route. A route that another route uses as its alternate is not removed.
      - V(exists) changes nothing and fails unless the route exists and has the given values.
    type: str
    choices: [present, absent, exists]
    default: present
  update_secret:
    description:
      - V(on_create) sends the password when the route is created or when another part of O(smtp_authentication) changes.
      - V(always) sends it in each run, which then reports a change, because the service does not tell the password it has.
    type: str
    choices: [on_create, always]
    default: on_create
seealso:
  - module: mimecast.connect.mimecast_tenant
  - module: mimecast.connect.connectivity_check
"""

EXAMPLES = r"""
- name: Mail for example.com goes to the mail server at headquarters
  mimecast.connect.mimecast_delivery_route:
    name: Headquarters
    hostname: mx1.example.com
    policies:
      - name: Inbound to headquarters
        to:
          type: domain
          domain: example.com

- name: The route gets an alternate and a log-on
  mimecast.connect.mimecast_delivery_route:
    name: Headquarters
    alternate_route: Second site
    smtp_authentication:
      mechanisms: [LOGIN, PLAIN]
      username: mimecast
      password: "{{ vault_route_password }}"

- name: One more source network, whatever else is there
  mimecast.connect.mimecast_delivery_route:
    name: Headquarters
    policies:
      - name: Inbound to headquarters
        source_ranges:
          add: [198.51.100.0/24]

- name: Fail unless the route is as expected
  mimecast.connect.mimecast_delivery_route:
    name: Headquarters
    hostname: mx1.example.com
    state: exists

- name: The route goes, its policies first
  mimecast.connect.mimecast_delivery_route:
    name: Headquarters
    state: absent
"""

RETURN = r"""
delivery_route:
  description: The route after the run, or as it would be in check mode; empty when it is gone. Never holds the password.
  returned: success
  type: dict
  sample:
    name: Headquarters
    hostname: mx1.example.com
    port: 25
    alternate_route: Second site
    policies:
      - name: Inbound to headquarters
        to: {type: domain, domain: example.com}
changes:
  description:
    - The writes in their order, each with action, kind and name. In check mode those that would be made.
    - When a run fails in the middle, those that were written before.
  returned: always
  type: list
  elements: dict
  sample: [{action: update, kind: delivery_routes, name: Headquarters, options: [hostname]}]
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

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.objects import single
from ansible_collections.mimecast.connect.plugins.module_utils._resources.delivery_routes import DELIVERY_ROUTES
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = single(DELIVERY_ROUTES)

if __name__ == "__main__":
    main(JOB)
