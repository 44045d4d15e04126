#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_routing
short_description: Let a Postfix send through the smart hosts of the service, and send copies to its journal
version_added: 0.1.0
description:
  - Runs on the mail server itself. Sets the few parameters in C(main.cf) that decide where mail goes, keeps up to four files of its own beside it, checks
    the configuration, reloads Postfix, and reads everything back. If the check or the reload fails, it puts everything back as it was.
  - What it finds besides stays. Lists of maps are kept, with its own map before them. A value that is replaced is in the diff and in a warning.
  - What would send mail past the smart hosts is refused by name, before anything is changed - a host in C(default_transport), an entry for any address
    in C(transport_maps), or a parameter that C(master.cf) sets differently for the service by which mail goes. Tables that decide by sender are a warning.
  - A run that is interrupted is finished by running the same task again.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
requirements:
  - Postfix, and root, on the machine on which the task runs. From 3.5 on Postfix takes several hosts; before, the second smart host becomes
    C(smtp_fallback_relay), and only the first journal host is used.
options:
  smart_hosts:
    description:
      - Names of the hosts that take outgoing mail, in the order in which Postfix tries them. It does not take turns. If left out, outgoing mail is left alone.
    type: list
    elements: str
  port:
    description: Port of the smart hosts.
    type: int
    default: 25
  tls:
    description:
      - How mail is encrypted on its way to the hosts that this task names. V(strict) demands TLS with a certificate that is trusted and carries the name of the
        host. V(relaxed) demands TLS with any certificate. V(none) uses it where it is offered. Mail that cannot be sent so waits in the queue.
    type: str
    choices: [strict, relaxed, none]
    default: strict
  tls_ca_file:
    description:
      - PEM file on the mail server with the roots to trust. It becomes C(smtp_tls_CAfile), which counts for all servers to which this Postfix sends.
      - If left out, what is set stays. If nothing is set and O(tls=strict), the roots of the system are set.
    type: path
  username:
    description:
      - Name to log in with at the smart hosts. Without it, none is used, and one that this module has set before is removed.
    type: str
  password:
    description:
      - Its password. It is kept in a file of its own that only root can read, and is in no result. Requires O(tls) to be V(strict) or V(relaxed).
    type: str
  journal:
    description: Where a copy of each message goes. If left out, copies are left alone.
    type: dict
    suboptions:
      address:
        description: Address of the journal, as in V(journaling@journal.example.com). It becomes C(always_bcc), of which there is only one.
        type: str
        required: true
      domain:
        description: Domain of the address, if it shall be said as well. Mail for the whole domain goes to the journal hosts.
        type: str
      hosts:
        description: Names of the journal hosts, in the order in which Postfix tries them.
        type: list
        elements: str
        required: true
      port:
        description: Port of the journal hosts.
        type: int
        default: 25
  config_directory:
    description: The folder with C(main.cf).
    type: path
    default: /etc/postfix
  restore:
    description:
      - RV(before) of an earlier result. Brings every parameter and file of it back, so that C(postconf -n) is what it was, whatever has changed there since.
      - A result keeps no password. If there was a log-in before and it is still there, its password stays as it is now. If it is not, O(username) and
        O(password) have to be given along.
    type: dict
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details:
      - C(postfix check) makes missing folders, so it runs only when something is changed.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row with the same arguments, the second invocation indicates no change.
    support: full
  action_group:
    description: Use C(group/mimecast.connect.mail) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - mimecast.connect.mail
seealso:
  - module: mimecast.connect.mail_server_rendering
  - module: mimecast.connect.connectivity_check
notes:
  - A Postfix that does not run is configured and not started, with a warning.
"""

EXAMPLES = r"""
- name: Send through the service
  mimecast.connect.postfix_routing:
    smart_hosts: [eu-smtp-outbound-1.mimecast.com, eu-smtp-outbound-2.mimecast.com]
  become: true
  register: routing

- name: Log in at the smart hosts, from an address that changes
  mimecast.connect.postfix_routing:
    smart_hosts: [eu-smtp-outbound-1.mimecast.com, eu-smtp-outbound-2.mimecast.com]
    port: 587
    username: relay@example.com
    password: "{{ vault_relay_password }}"
  become: true

- name: Send a copy of each message to the journal
  mimecast.connect.postfix_routing:
    journal:
      address: journaling@journal.example.com
      hosts: [eu-smtp-journal-1.mimecast.com, eu-smtp-journal-2.mimecast.com]
  become: true

- name: Take it all back
  mimecast.connect.postfix_routing:
    restore: "{{ routing.before }}"
  become: true
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - {action: update, kind: postfix_parameter, name: relayhost}
    - {action: create, kind: postfix_file, name: mimecast_smart_hosts_tls}
    - {action: update, kind: postfix_service, name: reload}
before:
  description:
    - What O(restore) takes, all parameters and files that this module may touch, as they were, null where there was none. Passwords are hidden.
    - When the run finished one that was interrupted, it is what was there before that one.
    - C(smtp_sasl_password_maps) is left out where it holds passwords itself.
  returned: success
  type: dict
  sample: {parameters: {relayhost: "[old.example.com]", always_bcc: null}, files: {mimecast_smart_hosts_tls: null}}
parameters:
  description: The same parameters as they are after the run, null where C(main.cf) says nothing.
  returned: success
  type: dict
  sample: {relayhost: "[eu-smtp-outbound-1.mimecast.com]:25, [eu-smtp-outbound-2.mimecast.com]:25", always_bcc: null}
version:
  description: Version of Postfix.
  returned: success
  type: str
  sample: 3.7.11
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.postfix_routing import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
