#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_directory_connector
short_description: Manage where the service learns which recipients exist
version_added: 0.1.0
description:
  - A directory connector synchronises users and groups from Active Directory over LDAP, from Microsoft 365, or from Google
    Workspace, three times a day and on request (M(mimecast.connect.mimecast_directory_sync)).
  - While one connector of the account is disabled or failing, the service makes no removal or change of type on any of them. The
    module warns about that.
  - Domino directories and the Synchronization Engine cannot be created through the API.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  type:
    description: Kind of the directory.
    type: str
    required: true
    choices: [active_directory, microsoft_365, google_workspace]
  name:
    description:
      - The description of the connector in the console, which identifies it among those of its type. Names are not unique
        there; if there are two of that name the module fails and tells them apart.
    type: str
    required: true
  hostname:
    description: The LDAP server, which the service must reach from its ranges. Needed to create an V(active_directory) connector.
    type: str
  alternate_hostname:
    description: A second LDAP server.
    type: str
  port:
    description: Port of the LDAP server, 636, or 389 where it is not encrypted. A new connector gets 636 if this is not set.
    type: int
  encryption:
    description:
      - V(strict) wants a certificate that chains to a trusted root, V(relaxed) takes any, V(none) sends the password in clear
        text. A new connector is V(strict) if this is not set.
    type: str
    choices: [strict, relaxed, none]
  user_dn:
    description: The account to log on with; one that may only read and whose password does not age. Needed for V(active_directory).
    type: str
  password:
    description: Its password, needed to create the connector; it can be written but never read, see O(update_secret).
    type: str
  root_dn:
    description: Where the search begins. Needed for V(active_directory).
    type: str
  tenant_domain:
    description: The domain of the Microsoft 365 tenant. Needed for V(microsoft_365).
    type: str
  connector:
    description: Name of the server connection that holds the consent, for V(microsoft_365). A person gives it in the console.
    type: str
  cloud:
    description: Whether the tenant is in Microsoft's standard or government cloud.
    type: str
    choices: [standard, gov]
  sync_guests:
    description: Whether guests are synchronised, for V(microsoft_365).
    type: bool
  user:
    description: The account to act as, for V(google_workspace). Needed there.
    type: str
  key:
    description: The key of the service account as JSON text, for V(google_workspace). Needed there; it can be written but never read.
    type: str
  info:
    description: A remark.
    type: str
  enabled:
    description: Whether it synchronises. A new connector does if this is not set.
    type: bool
  domains:
    description: Domains to synchronise. An empty set means all internal domains.
    type: dict
    suboptions:
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
  acknowledge_disabled_accounts:
    description: Whether accounts that are disabled in the directory count as disabled.
    type: bool
  sync_contacts:
    description: Whether contacts are synchronised, for V(active_directory) and V(microsoft_365).
    type: bool
  delete_users:
    description: Whether users that leave the directory are deleted rather than kept.
    type: bool
  max_unlink:
    description: How many users one synchronisation may unlink at most.
    type: str
    choices: ["0", "10", "20", "50", "100", "300", "500", "1000", "2000", "5000", "10000", "50000", "100000", unlimited]
  test:
    description:
      - Whether the service runs every test that it has for this type, once the connector exists. Of most answers just C(success)
        is published; the rest is returned as it comes.
    type: bool
    default: false
  state:
    description:
      - V(present) creates or changes the connector. Options that are not set stay as they are. V(absent) removes it.
      - V(exists) changes nothing and fails unless the connector exists and has the given values.
    type: str
    choices: [present, absent, exists]
    default: present
  update_secret:
    description:
      - V(on_create) sends C(password) or C(key) when the connector is created. V(always) sends it in each run, which then
        reports a change, because the service does not tell the one it has.
    type: str
    choices: [on_create, always]
    default: on_create
seealso:
  - module: mimecast.connect.mimecast_directory_sync
"""

EXAMPLES = r"""
- name: Recipients come from Active Directory
  mimecast.connect.mimecast_directory_connector:
    type: active_directory
    name: Head office
    hostname: ldap.example.com
    encryption: strict
    user_dn: cn=mimecast,ou=service,dc=example,dc=com
    password: "{{ vault_ldap_password }}"
    root_dn: dc=example,dc=com
    max_unlink: "100"
"""

RETURN = r"""
directory_connector:
  description: The connector after the run, or as it would be in check mode; empty when it is gone. Never holds a secret.
  returned: success
  type: dict
  sample: {name: Head office, hostname: ldap.example.com, port: 636, encryption: strict}
tests:
  description: One verdict for each test, V(ok), V(failed) or V(unknown), and the service's answer.
  returned: when O(test) is set and the connector exists
  type: list
  elements: dict
  sample: [{test: connectivity, verdict: ok, answer: {success: true}}]
changes:
  description: The writes in their order, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
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

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.directory import CONNECTOR as JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
