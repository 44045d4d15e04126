#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_dkim
short_description: Manage DKIM signing of outbound mail
version_added: 0.1.0
description:
  - A definition has a key that the service makes and keeps. Publish the returned record in the DNS of the domain, let the
    service check it with O(verify), and add a policy so that mail is signed.
  - Domain, selector and key length are fixed when the key is made. To change one, declare a second definition, publish its
    record, move the policy, then remove the first.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.policy.owned
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  name:
    description:
      - The description of the definition in the console, which identifies it. The service does not keep names unique. If
        there are two of that name the module fails and tells them apart.
    type: str
    required: true
  domain:
    description: The domain whose mail is signed. Needed to create a definition; cannot change.
    type: str
  selector:
    description: The selector. The service makes one if this is not set; cannot change.
    type: str
  key_length:
    description: Length of the key in bits, V(1024) or V(2048). A new definition gets 2048 if this is not set; cannot change.
    type: int
  sign:
    description: Whether mail is signed. A new definition signs if this is not set.
    type: bool
  verify:
    description:
      - Whether the service is asked to look for the record in the DNS, once the definition exists. The fields of its answer are not
        published, so it is returned as it comes and not judged; C(dkim.validated) says what the service holds.
    type: bool
    default: false
  state:
    description:
      - V(present) creates or changes the definition. V(absent) removes its policies and then the definition with its key.
      - V(exists) changes nothing and fails unless the definition exists and has the given values.
    type: str
    choices: [present, absent, exists]
    default: present
seealso:
  - module: mimecast.connect.mimecast_tenant
"""

EXAMPLES = r"""
- name: Mail of example.com is signed
  mimecast.connect.mimecast_dkim:
    name: example.com 2031
    domain: example.com
    selector: mimecast2031
    policies:
      - name: Sign all mail of example.com
        from: {type: domain, domain: example.com}
        to: {type: external}
  register: signing

- name: What to publish
  ansible.builtin.debug:
    var: signing.record
"""

RETURN = r"""
dkim:
  description: The definition after the run, or as it would be in check mode; empty when it is gone.
  returned: success
  type: dict
  sample: {name: example.com 2031, domain: example.com, selector: mimecast2031, validated: false}
record:
  description: The DNS record to publish; empty as long as the service has made no key.
  returned: success
  type: dict
  sample: {name: mimecast2031._domainkey.example.com, type: TXT, value: v=DKIM1; k=rsa; p=MIIB}
verification:
  description: What the service answered, as it came.
  returned: when O(verify) is set and the definition exists
  type: dict
changes:
  description: The writes in their order, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: create, kind: dkim, name: example.com 2031}]
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

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.dkim import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
