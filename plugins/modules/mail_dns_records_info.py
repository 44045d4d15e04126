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
requirements:
  - dnspython 2.0 or newer
extends_documentation_fragment:
  - mimecast.connect.attributes
  - mimecast.connect.attributes.reads
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
  backend:
    description:
      - How O(mimecast.connect.mail_dns_records#module:backend) of M(mimecast.connect.mail_dns_records) is used for these domains. With V(nsupdate) just
        O(server) is asked, so with views that of the key is seen, else all authoritative servers.
    type: str
    choices: [handover, nsupdate]
    default: handover
  server:
    description: For V(nsupdate), name or address of the primary server of the zones.
    type: str
  port:
    description: Its port.
    type: int
    default: 53
  key_name:
    description: Name of the TSIG key.
    type: str
  key_secret:
    description: The key in base64. It is in no result.
    type: str
  key_algorithm:
    description: Its algorithm.
    type: str
    choices: [hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512]
    default: hmac-sha256
  resolver:
    description: Address, or address and port, of the resolver that finds zones. Those of the machine are asked if this is not set.
    type: str
  nameservers:
    description: Addresses, or addresses and ports, of authoritative servers by their host names, where they are not those in the DNS.
    type: dict
  timeout:
    description: Seconds for reading one domain.
    type: int
    default: 10
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
