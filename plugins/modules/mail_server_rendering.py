#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_server_rendering
short_description: Write what a mail server has to do for the service, as a script or as settings
version_added: 0.1.0
description:
  - Takes where mail to the outside goes, and where copies of mail go, and writes it for a mail server that this collection does not configure itself.
    For Exchange that is a script of PowerShell, for the others the settings of each screen, and for all of them the steps for a person.
  - Nothing is sent anywhere. Each text is read back before it is handed out, and must say the same as the options.
  - A script looks at everything first, creates or sets only what differs, says what it changed, does nothing with C(-WhatIf), and takes back with
    C(-Undo) what it has made. No script was run on a real Exchange; what is untested and unknown stands in docs/mail-servers.md.
  - Postfix is changed by M(mimecast.connect.postfix_routing).
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
      - In check mode it does not write O(dest).
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
    details:
      - Only of O(dest).
options:
  product:
    description: The mail server. V(exchange) is Exchange on premises.
    type: str
    required: true
    choices: [exchange, exchange_online, google_workspace, domino]
  version:
    description:
      - Version of Exchange on premises, one of V(2003), V(2007), V(2010), V(2013), V(2016), V(2019) and V(SE). Without it the script is for those
        from 2010 on. For V(2003) and V(2007) there are settings to enter instead of a script. Other products do not look at it.
    type: str
  name:
    description: First part of the names of the objects, which are called by it and C(outbound) or C(journal).
    type: str
    default: Mimecast
  outbound:
    description: Where all mail to the outside goes.
    type: dict
    suboptions:
      smart_hosts:
        description: Names of the smart hosts that the account shows, mostly two. Those for Exchange Online are other ones.
        type: list
        elements: str
        required: true
      port:
        description: Their port. Exchange Online has no setting for it.
        type: int
        default: 25
      tls:
        description:
          - V(strict) sends only with TLS to a host whose certificate has a chain to a trusted root. V(relaxed) does not look at the certificate.
            V(none) sends without TLS as well. Products that cannot do it say so in a warning.
        type: str
        choices: [strict, relaxed, none]
        default: strict
      authentication:
        description:
          - Whether to log in, which is for servers whose address changes. Others are known by their address.
          - The name and password are given to the script by whoever runs it, as C(-Credential); no text holds them.
        type: bool
        default: false
  journaling:
    description: Where copies of mail go, by SMTP. Exchange 2003 cannot do it.
    type: dict
    suboptions:
      address:
        description: The journaling address, mostly V(journaling@journal.example.com).
        type: str
        required: true
      domain:
        description: The journaling domain. Without it, that of the address.
        type: str
      hosts:
        description: Names of the journal hosts that the account shows, mostly two.
        type: list
        elements: str
        required: true
      port:
        description: Their port.
        type: int
        default: 25
      tls:
        description: As O(outbound.tls), for copies.
        type: str
        choices: [strict, relaxed, none]
        default: strict
      scope:
        description:
          - Which mail is copied, for Exchange. V(internal) is enough where all other mail goes through the service and is archived there.
        type: str
        choices: [global, internal, external]
        default: global
      undeliverable:
        description:
          - Address for copies that the journal hosts do not take, for Exchange. For Exchange Online it has to be outside of it. Without it that setting of
            the organization is left alone.
        type: str
  dest:
    description:
      - Folder to write the text to, where the task runs. The file is called by the product and the parts, as in C(exchange-outbound.ps1). What is there and
        is no rendering for the O(product) is not overwritten.
    type: path
seealso:
  - module: mimecast.connect.postfix_routing
  - module: ansible.windows.win_powershell
"""

EXAMPLES = r"""
- name: A script that lets Exchange send out through the service
  mimecast.connect.mail_server_rendering:
    product: exchange
    version: "2019"
    outbound:
      smart_hosts: [eu-smtp-outbound-1.mimecast.com, eu-smtp-outbound-2.mimecast.com]
  register: exchange

- name: Settings for copies of mail from Google Workspace, in a folder
  mimecast.connect.mail_server_rendering:
    product: google_workspace
    journaling:
      address: journaling@journal.example.com
      hosts: [eu-smtp-journal-1.mimecast.com, eu-smtp-journal-2.mimecast.com]
    dest: "{{ playbook_dir }}"
  register: google

- name: What the administrator has to do
  ansible.builtin.debug:
    var: google.handover
"""

RETURN = r"""
text:
  description: The script, or the settings.
  returned: success
  type: str
  sample: "# mimecast.connect mail_server_rendering: exchange\n"
steps:
  description: What a person has to do, in order. The same as in RV(handover).
  returned: success
  type: list
  elements: str
  sample: ["In the Exchange Management Shell on a mailbox server, run the text of this result with -WhatIf and read what it would change."]
handover:
  description: Who has to do what.
  returned: success
  type: dict
  sample: {title: Let Microsoft Exchange send mail out through Mimecast, state: open, for_whom: Administrator of Microsoft Exchange, steps: ["Run it."]}
data:
  description:
    - Arguments of modules that apply it, by name of the module. Empty for what a person configures.
    - With O(outbound.authentication), add C(sensitive_parameters) with a C(Credential). For Exchange Online, add C(parameters) with C(Connect), the
      parameters of C(Connect-ExchangeOnline).
  returned: success
  type: dict
  sample: {win_powershell: {script: "# mimecast.connect mail_server_rendering: exchange\n"}}
file:
  description: The file.
  returned: when O(dest) is set
  type: str
  sample: renderings/exchange-outbound.ps1
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.mail_server_rendering import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
