#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_allowlist
short_description: Let only given ranges connect to services of this machine, after having observed who else does
version_added: 0.1.0
description:
  - Keeps, in the firewall of the machine on which the task runs, who may connect to the TCP ports of its mail services. Only the
    ports that are named here are judged, only rules and sets of its own are written, and each change is one transaction.
  - Only first packets of connections are judged. What is established is never cut, and neither are the loopback interface and SSH.
  - It judges connections to the machine itself, not those that it forwards, such as to published ports of containers.
  - Services that are not named stay as they are.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
requirements:
  - nftables, iptables with ipset, firewalld 0.9 or newer, or ufw with ipset, on the machine, and root there.
options:
  services:
    description:
      - The services. Required with O(state=present). With O(state=absent) only their names count; without services all are removed.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the service, at most 19 small letters, digits and underscores, as in V(smtp). It is part of the names of rules and sets.
        type: str
        required: true
      ports:
        description: TCP ports, at most 15. A port belongs to one service. Required with O(state=present).
        type: list
        elements: int
      sources:
        description:
          - Who may connect. Addresses, networks, or first and last address as in V(198.51.100.0-198.51.100.127), IPv4 and IPv6. This is the whole list.
            Required with O(state=present).
          - Set host bits are cleared, IPv4-mapped addresses are taken as IPv4, duplicates and overlaps are merged; RV(normalised) tells.
        type: list
        elements: str
      mode:
        description:
          - V(open) allows the sources and leaves others to the rest of the firewall. V(observe) does the same, and remembers and counts who
            else connects. V(enforce) drops who else connects, IPv6 as well, which means all IPv6 if no source is IPv6.
            Required with O(state=present).
        type: str
        choices: [open, observe, enforce]
  state:
    description: Whether the services shall be as declared, or not be there.
    type: str
    choices: [present, absent]
    default: present
  backend:
    description:
      - The firewall to use. V(auto) takes the one that holds services of this module already, else firewalld where it runs, ufw where it is enabled,
        iptables where its administrator uses it (rules in INPUT, a policy of DROP, or files that are loaded at boot), else nftables.
      - V(firewalld) can neither count nor remember strangers, changes in several steps, and needs a reload for a new service.
      - To move to another one, remove the services from the old one first.
    type: str
    choices: [auto, firewalld, iptables, nftables, ufw]
    default: auto
  persist:
    description:
      - Whether the services are kept across a reboot, in the backend's own way. If nothing on the machine would load them, that is an error,
        and nothing is changed.
    type: bool
    default: true
  paths:
    description: Files to use for that instead of those of the distribution.
    type: dict
    suboptions:
      nftables_main:
        description: The file that is loaded at boot, such as V(/etc/nftables.conf). One line that includes O(paths.nftables_own) is added to it, if none does.
        type: path
      nftables_own:
        description: The file with the services, such as V(/etc/nftables.d/mimecast_connect.nft). It belongs to this module.
        type: path
      ipset_sets:
        description: The file with sets that is loaded at boot, such as V(/etc/iptables/ipsets). Only the lines of this module's sets are written.
        type: path
      iptables_rules:
        description: The file with IPv4 rules, such as V(/etc/iptables/rules.v4). Only the lines of this module's chains are written.
        type: path
      ip6tables_rules:
        description: The file with IPv6 rules, such as V(/etc/iptables/rules.v6). Only the lines of this module's chains are written.
        type: path
  confirm_timeout:
    description:
      - Seconds, 5 to 3600, within which a change of the rules has to be confirmed, counted from before it. The machine is made to take the change back by
        itself first, then the rules change, then the controller makes a new connection and runs O(confirm_checks), and only then the change is made to
        stay and O(persist) is done.
      - If a check does not pass, the change is taken back at once, and the task fails. If the controller cannot come back, or dies, the machine
        takes the change back by itself. Without a change of rules nothing of this happens.
      - A change that a former run left unconfirmed is taken back before anything else, with or without this option, and told in a warning.
    type: int
  confirm_checks:
    description:
      - Checks that have to pass before the change stays, each with the options of an element of O(mimecast.connect.connectivity_check#module:checks).
        They run on the controller, so their libraries are needed there. Requires O(confirm_timeout).
    type: list
    elements: dict
  confirm_end:
    description: How the controller's side of O(confirm_timeout) ends what it began. It is not meant for playbooks.
    type: dict
    suboptions:
      name:
        description: The change.
        type: str
        required: true
      keep:
        description: Whether it stays.
        type: bool
        required: true
  min_addresses:
    description: A service whose sources are fewer addresses than this is refused, since the list may be cut off.
    type: int
    default: 256
  max_removal_percent:
    description: A change is refused that takes more than this share of a service's IPv4, or IPv6, addresses away.
    type: int
    default: 25
  min_observe_hours:
    description:
      - V(enforce) is refused unless the service has observed the same ports, and no more sources, for this number of hours. Hours before the machine's
        last boot do not count, since strangers are forgotten then.
    type: float
    default: 24
  allow_empty:
    description: Names of services whose sources may be empty.
    type: list
    elements: str
  allow_few:
    description: Names of services that may have fewer addresses than O(min_addresses).
    type: list
    elements: str
  allow_removals:
    description: Names of services that may lose more than O(max_removal_percent).
    type: list
    elements: str
  allow_unobserved:
    description: Names of services that may V(enforce) without having observed.
    type: list
    elements: str
  allow_wide:
    description: Ranges that may be wider than a /12 of IPv4 or a /28 of IPv6, as in V(10.0.0.0/8).
    type: list
    elements: str
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details:
      - The transaction that a real run carries out is made in check mode too, from the live rules, and not applied.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row with the same arguments, the second invocation indicates no change.
    support: full
  action_group:
    description: Use C(group/mimecast.connect.firewall) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - mimecast.connect.firewall
seealso:
  - module: mimecast.connect.firewall_allowlist_info
"""

EXAMPLES = r"""
- name: Find out who else connects to the mail server, and block nobody
  mimecast.connect.firewall_allowlist:
    services:
      - name: smtp
        ports: [25]
        mode: observe
        sources: "{{ mimecast_ranges }}"
  become: true

- name: Open the directory to the service
  mimecast.connect.firewall_allowlist:
    services:
      - name: directory
        ports: [636]
        mode: open
        sources: "{{ mimecast_ranges }}"
  become: true

- name: Lock the mail server down, after it has observed for a week
  mimecast.connect.firewall_allowlist:
    services:
      - name: smtp
        ports: [25]
        mode: enforce
        sources: "{{ mimecast_ranges + ['198.51.100.7'] }}"
    min_observe_hours: 168
  become: true

- name: Lock it down, and have it taken back in two minutes unless the mail server still answers
  mimecast.connect.firewall_allowlist:
    services:
      - name: smtp
        ports: [25]
        mode: enforce
        sources: "{{ mimecast_ranges }}"
    confirm_timeout: 120
    confirm_checks:
      - type: smtp
        host: mail.example.com
  become: true

- name: Take the lock-down back
  mimecast.connect.firewall_allowlist:
    services:
      - name: smtp
    state: absent
  become: true
"""

RETURN = r"""
backend:
  description: The firewall that was used.
  returned: success
  type: str
  sample: nftables
changes:
  description: What was changed, or in check mode would be, as sentences.
  returned: success
  type: list
  elements: str
  sample: ["change service 'smtp': enforce (was observe)"]
confirmed:
  description: The verdicts of O(confirm_checks), as those of M(mimecast.connect.connectivity_check), after which the change was made to stay.
  returned: when a change was confirmed
  type: list
  elements: dict
  sample: []
normalised:
  description: Which entries of the sources were read as something else than they say, as sentences.
  returned: success
  type: list
  elements: str
  sample: ["Service 'smtp': 198.51.100.7/24 is 198.51.100.0/24 (host bits were set)"]
services:
  description: All services of this module after the change, with the number of networks that their sources are.
  returned: success
  type: list
  elements: dict
  sample: [{name: smtp, ports: [25], mode: enforce, sources: 14, observed_since: "2026-11-21T09:00:00Z"}]
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.firewall_allowlist import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
