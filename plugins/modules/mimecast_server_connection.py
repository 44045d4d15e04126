#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_server_connection
short_description: See whether a server connection is connected, hand over what a person must do, and delete it
version_added: 0.1.0
description:
  - Through a server connection (in newer consoles, a connector) the service reaches Microsoft 365 or Exchange Web Services.
  - No public API creates or changes one. So a connection that is listed as declared is unchanged, and for any other the module
    returns V(pending) and a handover with the exact steps in the console. It never reports a change that it did not make.
  - The list tells name, provider, product and status of a connection. The other options cannot be compared; they
    are for the handover.
  - The three values of the status, V(configured), V(connected) and V(error), are published, their meaning is not. V(connected) is
    taken for good and the others are not.
  - Which providers belong to which O(type) is not published. V(office_365) takes C(office_365), C(office_365_gcc), C(azure_standard)
    and C(azure_gcc), V(exchange_web_services) the provider of that name.
  - Whether connections made on the older page Services | Server Connections are listed is not published. If yours never is, use O(acknowledged).
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  name:
    description:
      - Name of the connection, which identifies it. If there are two of that name the module fails and tells them apart.
    type: str
    required: true
  type:
    description:
      - The connection type. Required if O(state=present). With other states it guards against one of another type.
    type: str
    choices: [office_365, exchange_web_services]
  application_id:
    description:
      - The Client Id of the console, which comes from the association between the service and V(office_365). Needed for a new connection of that type.
    type: str
  tenant_domain:
    description: The domain of the Microsoft 365 tenant. Needed for a new connection of type V(office_365).
    type: str
  url:
    description:
      - Where Exchange Web Services are. It must be HTTPS on port 443. Needed for a new connection of type V(exchange_web_services).
      - Meant for Exchange on premises. The service has ended basic authentication against Exchange Online.
    type: str
  security_mode:
    description:
      - The security mode, for V(exchange_web_services). That V(strict) is the console's default is published; the name of V(relaxed)
        and whether there are others is not.
    type: str
    choices: [strict, relaxed]
    default: strict
  master_mailbox:
    description:
      - Address of the mailbox that may impersonate the others. Needed for a new connection of type V(exchange_web_services).
        The module warns about a C(.local) name.
    type: str
  master_mailbox_password:
    description:
      - Its password. Needed for a new connection of type V(exchange_web_services), so that the vault holds it when a person wants it.
      - It is sent nowhere and is in no result; the handover says to type it from the vault.
    type: str
  mailbox_check:
    description: A known address of the domain, with which the console tests the connection. Needed for a new connection.
    type: str
  acknowledged:
    description:
      - Somebody's word that the handover is known, or done although the list does not show it. Until that day inclusive (in UTC) the
        handover is marked as acknowledged. It stays pending.
    type: dict
    suboptions:
      by:
        description: Who says so.
        type: str
        required: true
      "on":
        description:
          - The day on which it was said, such as V(2026-01-31).
          - YAML takes an unquoted C(on) for a truth, so quote it or use the alias.
        type: str
        required: true
        aliases: [since]
      until:
        description: The last day on which it holds.
        type: str
        required: true
  wait_timeout:
    description:
      - Seconds to wait until the connection is listed as declared, while a person is at work. At the end the module fails with the
        handover in its message. By default, in check mode, with O(state=absent) and while O(acknowledged) holds it does not wait.
    type: int
    default: 0
  state:
    description:
      - V(present) sees whether the connection is listed with the status V(connected) and a provider of its O(type), or hands over.
      - V(absent) deletes it. The description of the API covers C(azure_standard) and C(azure_gcc) only; others are handed over. A
        connection that a Microsoft 365 directory connector of the tenant or another service uses is not deleted, and the error names
        the user as far as it is known. To see that, the credential must be able to read directory connectors.
      - V(exists) fails unless the connection is listed as declared.
    type: str
    choices: [present, absent, exists]
    default: present
seealso:
  - module: mimecast.connect.mimecast_directory_connector
  - module: mimecast.connect.mimecast_info
"""

EXAMPLES = r"""
- name: Is Microsoft 365 connected, and if not, what is to be done
  mimecast.connect.mimecast_server_connection:
    name: Directory Sync
    type: office_365
    application_id: 00000000-0000-4000-8000-000000000000
    tenant_domain: example.onmicrosoft.com
    mailbox_check: postmaster@example.com
  register: connection

- name: The steps for a person
  ansible.builtin.debug:
    var: connection.handover.steps
  when: connection.pending

- name: Exchange on premises, for which a person has taken over
  mimecast.connect.mimecast_server_connection:
    name: Exchange
    type: exchange_web_services
    url: https://mail.example.com/EWS/Exchange.asmx
    master_mailbox: mimecast@example.com
    master_mailbox_password: "{{ vault_master_mailbox_password }}"
    mailbox_check: postmaster@example.com
    acknowledged: {by: J. Doe, since: '2026-01-31', until: '2026-02-28'}

- name: No longer needed
  mimecast.connect.mimecast_server_connection:
    name: Old tenant
    state: absent
"""

RETURN = r"""
pending:
  description: Whether something is left that only a person can do.
  returned: success
  type: bool
  sample: true
handover:
  description:
    - What a person has to do. C(state) is V(open), V(acknowledged), or V(expired) when the acknowledgement has ended. C(gone_when) says
      which evidence makes it go away. Never holds a secret.
  returned: when something is pending
  type: dict
  sample:
    title: Create the server connection 'Exchange' (Exchange Web Services URL)
    state: open
    for_whom: an administrator of the Mimecast account and an administrator of Exchange
    steps: [Log in to the Administration Console.]
    why: "No public API creates or changes a server connection: the tenant lists none of that name."
    gone_when: The tenant lists server connection 'Exchange' with status 'connected' and provider exchange_web_services.
    acknowledged: {}
server_connection:
  description: The connection as the service lists it; empty when it does not.
  returned: success
  type: dict
  sample: {name: Directory Sync, provider: azure_standard, product: Directory Sync, status: connected}
msg:
  description: That something is to be done by hand, in a sentence.
  returned: when something is pending, or on failure
  type: str
changes:
  description: The deletion, if there is one; in check mode the one that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: delete, kind: server_connections, name: Old tenant}]
diff:
  description: A connection that is deleted, before and after.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 2, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._runner import main
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.server_connection import JOB

if __name__ == "__main__":
    main(JOB)
