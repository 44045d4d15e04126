#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_journaling_service
short_description: Manage how journal mail reaches the archive
version_added: 0.1.0
description:
  - A journaling service takes copies of all mail from the mail server, either because the server sends them by SMTP, which the
    vendor recommends except for Exchange 2003, or because the service fetches them from a mailbox by POP3.
  - A service is one of the two. To change from one to the other, remove it and declare it anew.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  name:
    description:
      - The description of the service in the console, which identifies it. Names are not unique there; if there are two of
        that name the module fails and tells them apart.
    type: str
    required: true
  enabled:
    description: Whether the service takes mail. A new one does if this is not set.
    type: bool
  message_format:
    description: Whether journal mail is plain mail or wrapped in an Exchange envelope.
    type: str
    choices: [standard_eml, exchange_env]
  remove_journal_headers:
    description: Whether the headers that Exchange adds to journal mail are stripped.
    type: bool
  archive_non_internal:
    description: Whether mail is archived that no internal address sent or received.
    type: bool
  archive_unknown_internal:
    description: Whether mail is archived for internal addresses that the service does not know.
    type: bool
  smtp:
    description: The mail server sends journal mail. C(journaling_service.hostnames) in the result says where to.
    type: dict
    suboptions:
      email:
        description: The journal address. Needed.
        type: str
      source_ranges:
        description: Networks to take journal mail from besides the known ones. Takes C(set), or C(add) and C(remove).
        type: dict
        suboptions:
          add:
            description: Networks that must be in the set.
            type: list
            elements: str
          remove:
            description: Networks that must not be in the set.
            type: list
            elements: str
          set:
            description: The whole set.
            type: list
            elements: str
      authentication:
        description: Whether the server has to log on with O(smtp.password).
        type: bool
      password:
        description: The password; it can be written but never read, see O(update_secret).
        type: str
      tls:
        description: Whether the connection must be encrypted.
        type: bool
      prefer_clear_text:
        description: Whether the clear text of protected items is preferred.
        type: bool
      extended_deduplication:
        description: Whether more is done to keep one copy of each message.
        type: bool
      delivery_wait_attempts:
        description: How often the service waits for the delivery of a message that it has seen only as journal mail.
        type: int
      inactivity_timeout:
        description: Minutes without journal mail, 180 to 960, after which the service shows an error.
        type: int
      initial_delay:
        description: Minutes to wait before journal mail is processed.
        type: int
  pop3:
    description: The service fetches journal mail from a mailbox. Prove that it works before journaling is switched on, or the mailbox fills.
    type: dict
    suboptions:
      email:
        description: The journal address. Needed.
        type: str
      mailbox:
        description: Name of the mailbox. Needed.
        type: str
      password:
        description: Its password, needed to create the service; it can be written but never read, see O(update_secret).
        type: str
      host:
        description: The POP3 server. Needed.
        type: str
      port:
        description: Its port, usually 110, or 995 with O(pop3.pop3s).
        type: int
      pop3s:
        description:
          - Whether the connection is encrypted from the start. The API has another name for this in changes than in creations, and
            whether both have the same sense is not published. The same is assumed, and read back.
        type: bool
      relaxed:
        description: Whether a certificate that cannot be verified is accepted.
        type: bool
      detailed_log:
        description: Whether a detailed log is kept.
        type: bool
  state:
    description:
      - V(present) creates or changes the service. Options that are not set stay as they are.
      - V(absent) removes it. V(exists) changes nothing and fails unless the service exists and has the given values.
    type: str
    choices: [present, absent, exists]
    default: present
  update_secret:
    description:
      - V(on_create) sends the password when the service is created, and with other changes of O(smtp) or O(pop3).
      - V(always) sends it in each run, which then reports a change, because the service does not tell the password it has.
    type: str
    choices: [on_create, always]
    default: on_create
seealso:
  - module: mimecast.connect.mimecast_tenant
"""

EXAMPLES = r"""
- name: Journal mail arrives by SMTP
  mimecast.connect.mimecast_journaling_service:
    name: Exchange
    message_format: exchange_env
    smtp:
      email: journaling@journal.example.com
      tls: true
  register: journal

- name: Where the mail server's connector sends it
  ansible.builtin.debug:
    var: journal.journaling_service.hostnames
"""

RETURN = r"""
journaling_service:
  description: The service after the run, or as it would be in check mode; empty when it is gone. Never holds the password.
  returned: success
  type: dict
  sample: {name: Exchange, enabled: true, smtp: {email: journaling@journal.example.com}, hostnames: [us-smtp-journal-1.mimecast.com]}
changes:
  description: The writes in their order, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: create, kind: journaling_services, name: Exchange}]
diff:
  description: Each object that changes, before and after.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 1, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.objects import single
from ansible_collections.mimecast.connect.plugins.module_utils._resources.journaling import JOURNALING_SERVICES
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = single(JOURNALING_SERVICES)

if __name__ == "__main__":
    main(JOB)
