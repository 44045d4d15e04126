#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_message
short_description: Send one real message, and say what the mail server made of it
version_added: 0.1.0
description:
  - Sends a short message to one recipient by SMTP, and gives a verdict, whether the server accepted or refused it as expected.
  - Sending a message is no change of configuration, so C(changed) is always false. Each run sends another one.
  - The connection starts where the task runs. Use C(delegate_to) to send from another place, such as the mail server itself.
  - The service itself is not called. M(mimecast.connect.mimecast_message_info) finds the message there by RV(message_id).
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.attributes
attributes:
  action_group:
    description: Use C(group/mimecast.connect.mail) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - mimecast.connect.mail
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details:
      - In check mode there is no connection and no message, and the verdict is V(unknown).
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
  idempotent:
    description: When run twice in a row with the same arguments, the second invocation indicates no change.
    support: full
    details:
      - No run indicates a change, though each sends a message.
options:
  host:
    description: Name of the server, which its certificate must carry with O(tls=strict).
    type: str
    required: true
  port:
    description: TCP port.
    type: int
    default: 25
  address:
    description: Connect to this address, or address and port as in V(198.51.100.7:2525), instead of resolving O(host).
    type: str
  tls:
    description:
      - V(strict) sends only over TLS 1.2 or newer to a server with a trusted certificate for its name. V(relaxed) takes any certificate. V(none)
        sends in clear text.
    type: str
    choices: [strict, relaxed, none]
    default: relaxed
  ca_path:
    description: PEM file or folder with the roots to trust instead of those of the system.
    type: path
  helo:
    description: The name to greet with. That of the machine if this is not set.
    type: str
  from:
    description: Mail address of the sender, in ASCII.
    type: str
    required: true
  to:
    description: Mail address of the recipient, in ASCII.
    type: str
    required: true
  subject:
    description: Subject of the message.
    type: str
    default: Test of the mail flow
  username:
    description: Name to log in with. Nobody logs in if this is not set. The connection must be encrypted.
    type: str
  password:
    description: Its password. It is in no result, not even where the server repeats it.
    type: str
  expect:
    description: Whether the server is meant to accept or to refuse the message.
    type: str
    choices: [accepted, refused]
    default: accepted
  timeout:
    description: Seconds that all of it may take.
    type: int
    default: 60
  assert:
    description: Whether to fail if the verdict is V(failed) or V(unknown). In check mode it does not.
    type: bool
    default: false
notes:
  - A server that defers the message (such as greylisting) has not accepted it. Real mail servers come back later; this module does not.
seealso:
  - module: mimecast.connect.mimecast_message_info
  - module: mimecast.connect.connectivity_check
"""

EXAMPLES = r"""
- name: Mail for somebody who does not exist is refused
  mimecast.connect.mail_message:
    host: eu-smtp-inbound-1.mimecast.com
    from: tester@example.net
    to: nobody-8f3a@example.com
    expect: refused
    assert: true

- name: A message leaves by the customer's mail server
  mimecast.connect.mail_message:
    host: localhost
    tls: none
    from: postmaster@example.com
    to: tester@example.net
  delegate_to: mail-1
  register: sent

- name: The service has seen it, and it came encrypted
  mimecast.connect.mimecast_message_info:
    message_id: "{{ sent.message_id }}"
  register: seen
  until: seen.messages | length > 0
  retries: 12
  delay: 10
"""

RETURN = r"""
verdict:
  description: How it stands, V(ok), V(degraded), V(unknown) or V(failed), as with M(mimecast.connect.connectivity_check).
  returned: success
  type: str
  sample: ok
code:
  description: A stable word for it.
  returned: success
  type: str
  sample: ok_message_accepted
message:
  description: A sentence that says what to do.
  returned: success
  type: str
  sample: "mx1.example.com:25 accepted the message for <ada@example.com>: 250 2.0.0 Ok; nothing to do"
evidence:
  description: What was seen of the server, as with M(mimecast.connect.connectivity_check), and C(command), which decided.
  returned: success
  type: dict
  sample: {peer: "198.51.100.7:25", command: message}
accepted:
  description: Whether the server took the message.
  returned: success
  type: bool
  sample: true
message_id:
  description: The id in the header of the message, with angle brackets.
  returned: success
  type: str
  sample: <6f9619ff8b86d011b42d00c04fc964ff@example.com>
reply:
  description: What the server said last, null if it did not come so far.
  returned: success
  type: str
  sample: 250 2.0.0 Ok
encrypted:
  description: Whether the message went over an encrypted connection, null if it did not come so far.
  returned: success
  type: bool
  sample: true
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.mail_message import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
