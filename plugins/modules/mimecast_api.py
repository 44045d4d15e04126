#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_api
short_description: Make any other call of the API
version_added: 0.1.0
description:
  - Makes one call, or follows the pages of one list, with the log-on, retries, rate limit and check mode of all modules of this
    collection. It is meant for what has no module of its own.
  - A call that reads is repeated after failures, and is made in check mode too. A call that writes is not.
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
      - Reads are carried out. Writes are not sent, and the result says what would be sent.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
  idempotent:
    description: When run twice in a row with the same arguments, the second invocation indicates no change.
    support: partial
    details:
      - Each write counts as a change, since nothing is known of what it does.
options:
  method:
    description: The HTTP method.
    type: str
    choices: [GET, POST, PUT, PATCH, DELETE]
    default: GET
  path:
    description:
      - Where to, beginning with C(/) and without a host, which is that of O(base_url) or O(region).
      - Ids hold characters that must be percent-encoded, the slash too, as in
        C({{ id | urlencode | replace('/', '%2F') }}).
    type: str
    required: true
  query:
    description: Parameters of the query. Null leaves one out, a list repeats it.
    type: dict
  body:
    description:
      - A mapping or a list, sent as JSON. With O(envelope=legacy) it is the item of C(data), or the list of its items.
      - Values under names of passwords, secrets, keys and tokens are not shown in results, errors and logs.
    type: raw
  envelope:
    description:
      - The form in which the call speaks. V(legacy) calls are POST, put items into C(data), and can fail with HTTP 200, which
        is an error here as well.
      - If this is not set, it is V(legacy) for paths below C(/api/) and C(/config-snapshot/v1/), else V(v1).
    type: str
    choices: [v1, legacy]
  kind:
    description:
      - Whether the call only reads. Left out, GET reads and everything else writes.
      - Many reads of the service are POST, those with V(legacy) all. Say V(read) only of a call that changes nothing, for
        it is then made in check mode and repeated after failures.
    type: str
    choices: [read, write]
  paged:
    description: Whether to read all pages of a list and return its items. For reads.
    type: bool
    default: false
  list_key:
    description:
      - With O(paged), the name of the list in the answer. Lists of V(legacy) calls are C(data); name one that
        stands in the items of C(data).
    type: str
seealso:
  - module: mimecast.connect.mimecast_info
"""

EXAMPLES = r"""
- name: Which categories audit events can have
  mimecast.connect.mimecast_api:
    method: POST
    path: /api/audit/get-categories
    kind: read
  register: categories

- name: All domains with what the service knows of them
  mimecast.connect.mimecast_api:
    path: /domain/cloud-gateway/v1/internal-domains
    paged: true
    list_key: domains
  register: domains

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ domains.rows | map(attribute='domain') }}"

- name: A write, which check mode only describes
  mimecast.connect.mimecast_api:
    method: PUT
    path: /account/cloud-gateway/v1/emergency-contact
    body:
      contactName: Duty manager
      contactEmailAddress: duty@example.org
      mobilePhone: "+442079460000"
"""

RETURN = r"""
answer:
  description:
    - The JSON object of the answer, empty if there was none; a bare list stands under C(data). Values under names of passwords, pass phrases and secrets are
      replaced; keys and tokens are not, since those that the service tells are often to be published.
  returned: success, without O(paged), except for writes in check mode
  type: dict
  sample: {data: [{code: account_logs, id: account_logs, name: Account logs}]}
rows:
  description: The items of all pages.
  returned: success, with O(paged)
  type: list
  elements: dict
  sample: [{domain: example.com, inboundType: known}]
would_send:
  description: The call that a real run makes, without the values of secrets.
  returned: in check mode, for writes
  type: dict
  sample: {method: PUT, path: /account/cloud-gateway/v1/emergency-contact, query: {}, body: {contactName: Duty manager}}
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 2, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.any_call import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
