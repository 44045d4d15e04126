#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_allowlist_info
short_description: Which services firewall_allowlist keeps on this machine, and who else connected to them
version_added: 0.1.0
description:
  - Reads the live rules of M(mimecast.connect.firewall_allowlist) on the machine on which the task runs, their counters, and the strangers
    that were seen while a service observed or enforced.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
requirements:
  - nftables, iptables with ipset, firewalld 0.9 or newer, or ufw with ipset, on the machine, and root there.
options:
  backend:
    description: The firewall to read. V(auto) takes the one that holds services of the module.
    type: str
    choices: [auto, firewalld, iptables, nftables, ufw]
    default: auto
  max_strangers:
    description: At most this number of strangers is returned, those with the most tries first.
    type: int
    default: 1000
extends_documentation_fragment:
  - mimecast.connect.attributes.reads
attributes:
  check_mode:
    support: full
  action_group:
    description: Use C(group/mimecast.connect.firewall) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - mimecast.connect.firewall
seealso:
  - module: mimecast.connect.firewall_allowlist
"""

EXAMPLES = r"""
- name: Who connects to the mail server besides the service
  mimecast.connect.firewall_allowlist_info:
  become: true
  register: firewall

- name: Nobody does
  ansible.builtin.assert:
    that: firewall.strangers == []
"""

RETURN = r"""
backend:
  description: The firewall that was read.
  returned: success
  type: str
  sample: nftables
services:
  description:
    - The services. C(connections) are first packets from sources (C(allowed)) and, except with C(open), from others, since the counters began. It is
      empty with firewalld, which does not count.
    - C(observed_since) is when observing these ports began, C(observed_hours) how long ago that is, or the last boot if that is later.
  returned: success
  type: list
  elements: dict
  sample:
    - name: smtp
      ports: [25]
      mode: observe
      sources: [198.51.100.0/24]
      observed_since: "2026-11-21T09:00:00Z"
      observed_hours: 24.5
      connections: {allowed: 2210, others: 3}
strangers:
  description:
    - Who connected without being a source. C(count) is the number of first packets, repeated ones included. A stranger is forgotten
      after 21 days. C(first_seen) is known with iptables and ufw only.
    - Always empty with firewalld, which remembers nobody. There an empty list says nothing.
  returned: success
  type: list
  elements: dict
  sample:
    - {service: smtp, address: 203.0.113.9, port: 25, count: 3, first_seen: null, last_seen: "2026-11-22T08:14:02Z"}
strangers_total:
  description: How many there are.
  returned: success
  type: int
  sample: 1
drift:
  description: What of the live rules is not as the module writes it, as sentences. The next run of the module repairs it.
  returned: success
  type: list
  elements: str
  sample: []
notes:
  description: Rules of others that decide about these services too, as sentences.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.firewall_allowlist import INFO_JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

JOB = INFO_JOB

if __name__ == "__main__":
    main(JOB)
