#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_info
short_description: Read facts and objects of a tenant
version_added: 0.1.0
description:
  - Reads the tenant and returns it in the options of the modules, with names instead of ids and without secrets.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.reads
options:
  gather_subset:
    description:
      - What to read. V(whoami) tells which account the credential acts on, V(account) and V(gateway) what the service
        knows of it, the rest are kinds of objects.
      - V(all) is everything but V(users), which can be many; a request reads a hundred of them.
    type: list
    elements: str
    choices: [all, account, whoami, gateway, users, emergency_contact, domains, server_connections, active_directory_connectors,
              microsoft_365_connectors, google_workspace_connectors, groups, outbound_addresses, delivery_routes, dkim, anti_spoofing_policies,
              anti_spoofing_bypass_policies, blocked_senders_policies, greylisting_policies, journaling_services]
    default: [all]
"""

EXAMPLES = r"""
- name: Read where mail goes now
  mimecast.connect.mimecast_info:
    gather_subset: [delivery_routes]
  register: tenant

- name: Show it
  ansible.builtin.debug:
    var: tenant.delivery_routes
"""

RETURN = r"""
account:
  description: The account, as far as the API tells. A value that it does not give is empty.
  returned: when O(gather_subset) includes it
  type: dict
  sample: {account_code: CUSA1A1, account_name: Example, region: us}
whoami:
  description: The account that the credential acts on, and the one that owns it.
  returned: when O(gather_subset) includes it
  type: dict
  sample: {account_codes: {cg: CUSA1A1}, home_account: {cg: CUSA1A1}, type: cg}
gateway:
  description: Facts of the mail gateway, such as the hosts to send outbound mail to and the SPF text.
  returned: when O(gather_subset) includes it
  type: dict
  sample: {account_code: CUSA1A1, region: us, outbound_enabled: true}
users:
  description:
    - Every user that the service lists, the known recipients, in the words of M(mimecast.connect.mimecast_users). No list tells where
      a user comes from.
  returned: when O(gather_subset) names it
  type: list
  elements: dict
  sample: [{email: ada@example.com, name: Ada Lovelace}]
delivery_routes:
  description: Every delivery route with its policies, in the options of M(mimecast.connect.mimecast_delivery_route).
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
  sample: [{name: Headquarters, hostname: mx1.example.com, port: 25, policies: []}]
active_directory_connectors:
  description: These connectors in the options of M(mimecast.connect.mimecast_directory_connector), as far as their list tells.
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
microsoft_365_connectors:
  description: These connectors in the options of M(mimecast.connect.mimecast_directory_connector), as far as their list tells.
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
google_workspace_connectors:
  description: These connectors in the options of M(mimecast.connect.mimecast_directory_connector), as far as their list tells.
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
groups:
  description: Every group, without its members.
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
  sample: [{name: TLS strict, source: cloud}]
domains:
  description: Every internal domain; pending ones are shown by M(mimecast.connect.mimecast_domain) one by one.
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
  sample: [{name: example.com, inbound_type: known}]
outbound_addresses:
  description: The outbound addresses, in the options of M(mimecast.connect.mimecast_outbound_addresses).
  returned: when O(gather_subset) includes it
  type: dict
  sample: {addresses: [198.51.100.7]}
emergency_contact:
  description: The emergency contact, in the options of M(mimecast.connect.mimecast_account); empty when there is none.
  returned: when O(gather_subset) includes it
  type: dict
  sample: {name: Duty manager, email: duty@example.org, mobile_phone: "+442079460000"}
dkim:
  description: Every DKIM definition with its policies, in the options of M(mimecast.connect.mimecast_dkim).
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
anti_spoofing_policies:
  description: These policies in the options of M(mimecast.connect.mimecast_policy); likewise for the other three types.
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
anti_spoofing_bypass_policies:
  description: These policies in the options of M(mimecast.connect.mimecast_policy).
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
blocked_senders_policies:
  description: These policies in the options of M(mimecast.connect.mimecast_policy).
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
greylisting_policies:
  description: These policies in the options of M(mimecast.connect.mimecast_policy).
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
journaling_services:
  description: Every journaling service, in the options of M(mimecast.connect.mimecast_journaling_service).
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
server_connections:
  description:
    - Every connector that the service lists, by name, provider, product and status. That the status is C(configured), C(connected) or
      C(error) is published, what these words mean is not.
  returned: when O(gather_subset) includes it
  type: list
  elements: dict
  sample: [{name: Directory Sync, provider: azure_standard, product: Directory Sync, status: connected}]
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 5, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.objects import facts
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = facts()

if __name__ == "__main__":
    main(JOB)
