#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_dns_records_info
short_description: The DNS records that mail_dns_records may touch, exactly as they are
version_added: 0.1.0
description:
  - Reads the MX and TXT records of domains, and the TXT records of their DKIM keys, from the authoritative servers, each string and TTL as it is.
    O(mimecast.connect.mail_dns_records#module:restore) of M(mimecast.connect.mail_dns_records) takes them back in that form.
  - If one domain cannot be read, or its servers differ, the module fails.
  - The service itself is not called.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.attributes
  - mimecast.connect.attributes.reads
  - mimecast.connect.dns
attributes:
  action_group:
    description: Use C(group/mimecast.connect.dns) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - mimecast.connect.dns
options:
  domains:
    description: The domains. Names in other scripts are taken in their C(xn--) form.
    type: list
    elements: str
    required: true
  dkim_names:
    description: Names of DKIM keys whose TXT records are read as well, such as V(mimecast20261122._domainkey.example.com).
    type: list
    elements: str
    default: []
seealso:
  - module: mimecast.connect.mail_dns_records
"""

EXAMPLES = r"""
- name: What the DNS holds today
  mimecast.connect.mail_dns_records_info:
    domains: [example.com]
    dkim_names: [mimecast20261122._domainkey.example.com]
  register: dns
"""

RETURN = r"""
rrsets:
  description:
    - All records of one name and type. C(records) is as zone files write them, and empty, with no C(ttl), where there are none.
      C(alias) is the target where the name is an alias.
  returned: success
  type: list
  elements: dict
  sample:
    - {zone: example.com, name: example.com, type: MX, alias: "", ttl: 3600, records: ["10 mx1.example.com."]}
    - {zone: example.com, name: example.com, type: TXT, alias: "", ttl: 300, records: ['"v=spf1 mx -all"']}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.mail_dns_info import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
