#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_message_info
short_description: Show which policies and which encryption messages saw
version_added: 0.1.0
description:
  - Finds messages and returns for each what its envelope said, which policies applied for each recipient, and whether each
    SMTP connection was encrypted. It proves that mail flows, and that policies which no public call can read, such as
    Secure Delivery, take effect.
  - It takes one request for the search and one for each message that is returned.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.reads
options:
  message_id:
    description:
      - The message id from the header of the message, as it stands there. Whether the service also finds it without its
        angle brackets is not documented.
      - Either this or O(start) is needed.
    type: str
  from:
    description: Mail address or domain of the sender.
    type: str
  to:
    description: Mail address or domain of a recipient.
    type: str
  subject:
    description: Text in the subject. How the service compares it is not documented.
    type: str
  sender_ip:
    description: IPv4 address of the server that delivered the message to the service.
    type: str
  start:
    description:
      - Where the time range begins. Either an ISO 8601 time such as V(2026-01-31T10:15:30+0000), which is in UTC if it
        has no offset, or a span before now such as V(90m), V(2h) or V(7d).
    type: str
  end:
    description: Where the time range ends, in the forms of O(start). Now if this is not set.
    type: str
  route:
    description: Directions of the message, as the service calls them.
    type: list
    elements: str
    choices: [all, internal, outbound, inbound, external]
  status:
    description: States of the message, as the service calls them.
    type: list
    elements: str
    choices: [processing, delivery, system, held, accepted, bulk_processing, bulk_delivery, bounced, deferred, rejected, archived]
  reason:
    description: Why you search; the service keeps it in its activity log.
    type: str
  max_messages:
    description: Of how many messages details are returned, the newest first; 0 to 999. With 0 the search alone is made.
    type: int
    default: 10
seealso:
  - module: mimecast.connect.mimecast_audit_info
"""

EXAMPLES = r"""
- name: What happened to mail for the partner in the last two hours
  mimecast.connect.mimecast_message_info:
    to: partner.example
    start: 2h
    route: [outbound]
  register: mail

- name: All of it left encrypted
  ansible.builtin.assert:
    that: mail.messages | map(attribute='legs') | flatten | selectattr('encrypted', 'equalto', false) | list | length == 0

- name: One message
  mimecast.connect.mimecast_message_info:
    message_id: <20260131101530.1@partner.example>
"""

RETURN = r"""
found:
  description:
    - How many messages the service found. At 999 there may be more; an older list of the service was seen to be cut there.
  returned: success
  type: int
  sample: 1
oldest:
  description: When the oldest of them was received, as the service gives it, and null where it gives none.
  returned: success
  type: str
  sample: "2026-01-31T10:15:31+0000"
messages:
  description: The newest of them. Texts and times are as the service gives them, and null where it gives none.
  returned: success
  type: list
  elements: dict
  contains:
    status:
      description: State of the message.
      type: str
      sample: archived
    route:
      description: Its direction.
      type: str
      sample: outbound
    subject:
      description: Its subject.
      type: str
      sample: Offer
    from_envelope:
      description: Sender of the envelope.
      type: str
      sample: ann@example.com
    from_header:
      description: Sender of the header.
      type: str
      sample: ann@example.com
    to:
      description: Recipients.
      type: list
      elements: str
      sample: [bob@partner.example]
    sender_ip:
      description: The server that delivered it to the service.
      type: str
      sample: 192.0.2.7
    sent:
      description: When it was sent.
      type: str
      sample: "2026-01-31T10:15:30+0000"
    received:
      description: When the service received it.
      type: str
      sample: "2026-01-31T10:15:31+0000"
    attachments:
      description: Whether it has attachments.
      type: bool
      sample: false
    policies:
      description: By recipient, type and name of each policy that applied.
      type: dict
      sample: {bob@partner.example: [{type: Secure Delivery, name: TLS strict}]}
    legs:
      description:
        - The SMTP connections, V(in) to the service and V(out) to each recipient's server. RV(messages[].legs[].encrypted) is true or
          false where the service's RV(messages[].legs[].delivery_type) says so, and null where it says nothing or something unknown.
      type: list
      elements: dict
      contains:
        direction:
          description: V(in) or V(out).
          type: str
          sample: out
        recipient:
          description: The recipient, of a connection out of the service.
          type: str
          sample: bob@partner.example
        encrypted:
          description: Whether the connection was encrypted.
          type: bool
          sample: true
        delivery_type:
          description: How the service puts that.
          type: str
          sample: Encrypted (TLS)
        remote_server:
          description: Name of the other server.
          type: str
          sample: mx.partner.example
        remote_ip:
          description: Its address.
          type: str
          sample: 192.0.2.25
        event:
          description: What happened.
          type: str
        queue_status:
          description: State in the queue.
          type: str
        started:
          description: When the connection began.
          type: str
        ended:
          description: When it ended.
          type: str
    problem:
      description: Why there are no details of this message; null where there are.
      type: str
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 2, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.evidence import MESSAGES
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = MESSAGES

if __name__ == "__main__":
    main(JOB)
