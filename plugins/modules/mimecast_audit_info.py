#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_audit_info
short_description: Show who changed what in a tenant
version_added: 0.1.0
description:
  - Reads audit events of a time range, newest first. The text of an event holds the definition of a changed policy, so
    events show changes of objects too that no public call can read.
  - The order in which the service lists events is not documented. So all events of the range are read, hundred with each
    request, before the newest are taken.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.reads
options:
  start:
    description:
      - Where the time range begins, 60 days ago at most. Either an ISO 8601 time such as V(2026-01-31T10:15:30+0000), which
        is in UTC if it has no offset, or a span before now such as V(90m), V(2h) or V(7d).
    type: str
    required: true
  end:
    description: Where the time range ends, in the forms of O(start). Now if this is not set.
    type: str
  categories:
    description:
      - Codes of the categories to read, all if this is not set. C(/api/audit/get-categories), called with
        M(mimecast.connect.mimecast_api), lists them.
    type: list
    elements: str
  text:
    description:
      - Only events whose C(eventInfo) holds this text, in any case of letters. It is looked for here and not by the service,
        for which fields its own search looks at is not documented.
    type: str
  max_events:
    description: How many events are returned, 1 to 10000.
    type: int
    default: 100
seealso:
  - module: mimecast.connect.mimecast_message_info
  - module: mimecast.connect.mimecast_api
"""

EXAMPLES = r"""
- name: Who touched the policy for partners this week
  mimecast.connect.mimecast_audit_info:
    start: 7d
    text: TLS strict
    max_events: 20
"""

RETURN = r"""
found:
  description: How many events match.
  returned: success
  type: int
  sample: 1
events:
  description: The newest of them, as the service gives them.
  returned: success
  type: list
  elements: dict
  contains:
    time:
      description: When it happened.
      type: str
      sample: "2026-01-31T10:15:30+0000"
    category:
      description: Code of the category.
      type: str
      sample: policy_logs
    type:
      description: What kind of event it is.
      type: str
      sample: Existing Policy Changed
    user:
      description: Who did it; a service principal for an API application.
      type: str
      sample: admin@example.com
    info:
      description: The service's own text.
      type: str
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 2, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.evidence import AUDIT
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = AUDIT

if __name__ == "__main__":
    main(JOB)
