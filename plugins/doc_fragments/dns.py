# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Where the records of domains are read and updated."""

    DOCUMENTATION = r"""
requirements:
  - dnspython 2.0 or newer
options:
  backend:
    description:
      - How M(mimecast.connect.mail_dns_records) publishes records of the domains. With V(nsupdate) O(server) is updated, and is asked for what is there
        too, so with views that of the key is seen. With V(handover) the records are handed over, and all authoritative servers are asked.
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
    description:
      - Address, or address and port, of the resolver that finds zones, and evaluates SPF where it changes. Those of the machine are asked if this is not
        set.
    type: str
  nameservers:
    description: For V(handover), addresses, or addresses and ports, of authoritative servers by their host names, where they are not those in the DNS.
    type: dict
  timeout:
    description: Seconds for reading one domain, and for each answer of O(server).
    type: int
    default: 10
"""
