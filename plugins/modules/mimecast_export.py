#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_export
short_description: Read a live tenant into a customer file
version_added: 0.1.0
description:
  - Turns what a tenant holds into the document that M(mimecast.connect.mimecast_tenant) takes. Names stand for ids, options
    with their default are left out, the order is stable, and secrets, which cannot be read, become named variables.
  - Applying the document to the same tenant changes nothing.
  - Server connections are told by name and type. Users are not exported, because no list tells which of them a directory brings;
    M(mimecast.connect.mimecast_info) lists them.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the service.
    support: full
    details:
      - This module only reads from the service. In check mode it does not write O(dest) either.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
options:
  kinds:
    description: What to read.
    type: list
    elements: str
    choices: [all, emergency_contact, domains, server_connections, active_directory_connectors, microsoft_365_connectors,
              google_workspace_connectors, groups, outbound_addresses, delivery_routes, dkim, anti_spoofing_policies, anti_spoofing_bypass_policies,
              blocked_senders_policies, greylisting_policies, journaling_services]
    default: [all]
  members:
    description: Whether the members of groups are read too, which takes a request for each group and hundred members.
    type: bool
    default: true
  dest:
    description: File to write the document to, as YAML with comments, where the task runs. Needs PyYAML there.
    type: path
seealso:
  - module: mimecast.connect.mimecast_tenant
"""

EXAMPLES = r"""
- name: Everything that can be declared, as a customer file
  mimecast.connect.mimecast_export:
    dest: example.yml

- name: Just the routes
  mimecast.connect.mimecast_export:
    kinds: [delivery_routes]
  register: live
"""

RETURN = r"""
document:
  description: The tenant document.
  returned: success
  type: dict
  sample: {delivery_routes: [{name: Headquarters, hostname: mx1.example.com}]}
secrets:
  description: Names of the variables that stand for secrets in the document.
  returned: success
  type: list
  elements: str
  sample: [vault_delivery_route_headquarters_smtp_authentication_password]
notes:
  description: What the document cannot say, and why.
  returned: success
  type: list
  elements: str
  sample: ["group 'Staff': its members follow the directory"]
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 13, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.export import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
