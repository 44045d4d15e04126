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
  - What only a person can do is never a change. It stands in RV(handovers), and the rest of the document is applied all the same.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.tenant
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  users_src:
    description: O(users) as a file, see O(mimecast.connect.mimecast_users#module:src). One of both can be given.
    type: path
  purge:
    description:
      - Kinds of which everything is removed that the document does not declare. By default nothing is.
      - The document has to declare the kind, if only as an empty list.
      - Server connections that the API does not delete are handed over.
    type: list
    elements: str
    choices: [server_connections, active_directory_connectors, microsoft_365_connectors, google_workspace_connectors, groups,
              delivery_routes, dkim, anti_spoofing_policies, anti_spoofing_bypass_policies, blocked_senders_policies, greylisting_policies,
              journaling_services]
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
  require_recipients:
    description:
      - Whether a plan is refused that lets a domain take mail for recipients of a directory or known ones only (O(domains[].inbound_type)) while
        the tenant knows no address of that domain. Users that the same document declares count as known.
      - The service is asked only about domains whose check would change, a request for each. It tells addresses, not where they come from.
    type: bool
    default: false
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

- name: What a person must do, beside what the API does
  mimecast.connect.mimecast_tenant:
    server_connections:
      - name: Exchange
        type: exchange_web_services
        url: https://mail.example.com/EWS/Exchange.asmx
        master_mailbox: mimecast@example.com
        master_mailbox_password: "{{ vault_master_mailbox_password }}"
        mailbox_check: postmaster@example.com
    users:
      - email: ada@example.com
        name: Ada Lovelace
    domains:
      - name: example.com
        inbound_type: known
  register: result

- name: The steps, if any are left
  ansible.builtin.debug:
    var: result.handovers
  when: result.pending

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
  description: Each object that changes, before and after. Of users that are imported at most 1,000.
  returned: success
  type: dict
pending:
  description: Whether something is left that only a person can do.
  returned: success
  type: bool
  sample: true
handovers:
  description:
    - What a person has to do, each as M(mimecast.connect.mimecast_server_connection) returns it, with title, state, steps and the evidence
      that makes it go away. Never holds a secret.
  returned: success
  type: list
  elements: dict
  sample:
    - title: Create the server connection 'Exchange' (Exchange Web Services URL)
      state: open
      for_whom: an administrator of the Mimecast account and an administrator of Exchange
      steps: [Log in to the Administration Console.]
      why: "No public API creates or changes a server connection: the tenant lists none of that name."
      gone_when: The tenant lists server connection 'Exchange' with status 'connected' and provider exchange_web_services.
      acknowledged: {}
msg:
  description: The titles of the handovers in a sentence, or what failed.
  returned: when something is pending, or on failure
  type: str
users:
  description: How many users were declared, and how many of them are created or renamed; in check mode would be.
  returned: when users are declared
  type: dict
  sample: {declared: 20000, created: 12, updated: 1}
imports:
  description: The imports of users at the service, each with its id, number of users, and last seen status.
  returned: when users were imported
  type: list
  elements: dict
  sample: [{id: eNoVzc0OgjAQ, users: 13, status: completed}]
rejected:
  description: Users that the service left out, each with the line of the file (or the place in O(users)), email and reason.
  returned: when the service left out some, which fails the task before anything else is written
  type: list
  elements: dict
  sample: [{line: 17, email: x@elsewhere.example, reason: err_xdk_operation_forbidden_for_address}]
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 2, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._runner import main
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tenant import JOB

if __name__ == "__main__":
    main(JOB)
