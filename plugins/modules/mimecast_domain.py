#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_domain
short_description: Register, verify and check a domain of the tenant
version_added: 0.1.0
description:
  - A domain is absent, pending or internal. Registering makes it pending and gives a code. Publish the code in the returned
    TXT record, and let the service look for it with O(verify), which makes the domain internal. Policies and routes can name
    internal domains only.
  - A subdomain of an internal domain of the tenant becomes internal at once. A domain that any account of the service has is
    refused, and so is a subdomain of another account's domain.
  - The service makes an anti-spoofing policy for each new internal domain.
  - The calls that register and verify are documented without their bodies. Domain and O(inbound_type) are sent as in the
    older calls of the same purpose; what came of it is read back.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the service.
    support: partial
    details:
      - The client lets no write through in check mode. With O(verify) nobody is asked and no change is predicted, because
        looking for the record cannot be had without its effect.
options:
  name:
    description: The domain, such as V(example.com). Names in other scripts are compared in their C(xn--) form.
    type: str
    required: true
  inbound_type:
    description:
      - How recipients of inbound mail are checked, in the words of the service. V(any) takes every address, V(known) those
        that the tenant knows, V(ldap) those of the directory, V(smtp) asks the mail server. V(backup_mx) and V(smtp_null) are
        not explained in public.
      - A new domain gets what the service chooses if this is not set. It cannot change while the domain is pending; it is
        brought about when the domain is internal.
    type: str
    choices: [any, smtp, ldap, known, backup_mx, smtp_null]
  verify:
    description:
      - Whether the service is asked to look for the record of a pending domain. If it finds it the domain is internal.
      - That it does not find it is no error but part of the result, unless O(wait_timeout) is set.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds for which the service is asked again and again. After that the module fails. With V(0) it is asked once.
      - Only with O(verify).
    type: int
    default: 0
  renew_token:
    description:
      - Whether a pending domain whose code has expired, or will within O(renew_days), gets one that lives 30 days from now.
        Compare the returned record with what is published, since the value may be a new one.
    type: bool
    default: false
  renew_days:
    description: How many days a code must still live so that O(renew_token) leaves it alone, from V(1) to V(29).
    type: int
    default: 7
  check_mx:
    description: Whether the service is asked if the MX records of an internal domain lead to it. Changes nothing.
    type: bool
    default: false
  state:
    description:
      - V(present) registers the domain unless it is pending or internal, and sets O(inbound_type) of an internal one.
      - V(absent) removes a pending domain. No call of the API removes an internal domain, so for one the module fails and
        changes nothing.
      - V(exists) changes nothing and fails unless the domain is internal and has the given O(inbound_type).
    type: str
    choices: [present, absent, exists]
    default: present
seealso:
  - module: mimecast.connect.mimecast_tenant
  - module: mimecast.connect.mimecast_policy
"""

EXAMPLES = r"""
- name: The domain is registered, and internal as soon as its record is found
  mimecast.connect.mimecast_domain:
    name: new-customer.example
    inbound_type: known
    renew_token: true
    verify: true
  register: registration

- name: What to publish
  ansible.builtin.debug:
    var: registration.record

- name: Mail of an internal domain comes in through the service
  mimecast.connect.mimecast_domain:
    name: example.com
    inbound_type: ldap
    check_mx: true
  register: inbound

- name: What to do about the MX records
  ansible.builtin.debug:
    var: inbound.mx.message
"""

RETURN = r"""
domain:
  description: The domain after the run, or as it would be in check mode; empty when it is gone.
  returned: success
  type: dict
  sample: {name: new-customer.example, state: pending, inbound_type: known}
record:
  description: The record to publish while the domain is pending, and when its code expires; otherwise empty.
  returned: success
  type: dict
  sample: {name: new-customer.example, type: TXT, value: 4f1c09be7a2d3, expires: "2031-01-31T09:00:00+0000"}
verification:
  description: Whether the domain is internal now, what to do if it is not, and in C(answer) the service's own words.
  returned: when O(verify) is set
  type: dict
  sample: {verified: false, message: "Domain 'new-customer.example' is pending. Publish a TXT record ..."}
mx:
  description:
    - What the service says of the MX records. C(status) is V(mx_ok), V(mx_error), V(mx_missing), V(mx_single_host),
      V(mx_priority_mismatch), V(mx_invalid_priority) or V(mx_non_mimecast), and empty if it was not asked because the domain is not internal.
    - C(verdict) is V(ok), V(degraded), V(failed) or V(unknown), C(message) says what to do, C(records) are those found.
  returned: when O(check_mx) is set
  type: dict
  sample: {status: mx_single_host, verdict: degraded, message: "Only one host of the service is published; ...", records: []}
changes:
  description: The writes in their order, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: create, kind: domains, name: new-customer.example}]
diff:
  description: The domain before and after, as far as it changes.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 2, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.domains import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
