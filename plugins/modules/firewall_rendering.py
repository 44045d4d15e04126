#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_rendering
short_description: Write the rules of a lock-down in the words of another firewall
version_added: 0.1.0
description:
  - Takes the services of M(mimecast.connect.firewall_allowlist) and writes them for a product on which that module cannot run, as a text to
    paste or import, as arguments of the modules of a collection that can apply it, and as steps for a person.
  - Nothing is sent anywhere. Each text is read back before it is handed out, and must say the same as the services.
  - A rendering adds and changes. Whether it also takes away what is no longer in it depends on the product, and the steps say so.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.attributes
attributes:
  action_group:
    description: Use C(group/mimecast.connect.vendors) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - mimecast.connect.vendors
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
  vendor:
    description: The product. docs/firewall-vendors.md says of each what comes out and how it is applied.
    type: str
    required: true
    choices: [fortios, panos, panos_edl, asa, checkpoint, pfsense, opnsense, sophos, aws, azure, windows, exchange_online, exchange_online_skip_list,
              google_workspace, plain]
  name:
    description:
      - First part of the names of the objects; the service follows, as in C(mimecast-smtp). Of a list or a connector it is the whole name.
        Each product has its own characters and lengths, and a name that it does not take is an error.
    type: str
    default: mimecast
  services:
    description:
      - The services. Products that hold just one list take one service, or several with the same sources. Those for mail only look at services with
        port 25.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the service, at most 19 small letters, digits and underscores, as in V(smtp).
        type: str
        required: true
      ports:
        description: TCP ports, at most 15.
        type: list
        elements: int
        required: true
      sources:
        description: Who may connect. Addresses, networks, or first and last address as in V(198.51.100.0-198.51.100.127), IPv4 and IPv6.
        type: list
        elements: str
        required: true
      mode:
        description:
          - V(open) allows the sources, and leaves others to the other rules of the product. V(enforce) also denies the ports to all others.
          - V(observe) is for texts that hold no rules. Anywhere else it would have to let everybody in, so it is an error.
        type: str
        choices: [open, observe, enforce]
        default: open
  place:
    description:
      - Where on the device the rules go. Without it there are only objects, such as groups and services, where the product has any, and the steps say
        which rules to make of them. What belongs to the product and what is missing is told by an error.
    type: dict
    suboptions:
      server:
        description:
          - The mail server, as the product calls it. Name of an address or virtual IP for V(fortios), of an address for V(panos), of a host for
            V(checkpoint), of an object or its address for V(asa), an address or network for V(azure).
        type: str
      server6:
        description: For V(fortios), the name of the server's IPv6 address. Without it the IPv6 group is in no policy.
        type: str
      source_zone:
        description: For V(panos) the zone, for V(fortios) the interface, that the service's connections come from.
        type: str
      destination_zone:
        description: For V(panos) the zone, for V(fortios) the interface, of the mail server.
        type: str
      access_list:
        description: For V(asa), the access list of the outer interface.
        type: str
      layer:
        description: For V(checkpoint), the layer of the policy, as in V(Network).
        type: str
      position:
        description:
          - Id of the first policy for V(fortios), four for each service. Priority of the first rule for V(azure), three for each service. Position of the
            first rule in the layer for V(checkpoint). Line in the access list for V(asa), at its end if this is not set.
          - Policies and rules that already have these numbers are overwritten by V(fortios), so leave room.
        type: int
  certificate:
    description:
      - For V(exchange_online), the name in the certificate of mail from the service. It is V(*.mimecast.co.za) for South Africa.
    type: str
    default: "*.mimecast.com"
  purge:
    description: For V(aws) and V(azure), whether the module that applies RV(data) also takes away whatever else the group holds.
    type: bool
    default: false
  dest:
    description:
      - File to write the text to, where the task runs. It is replaced at once, so that a firewall may fetch it at any moment. What is there and is
        no rendering for O(vendor) is not overwritten.
    type: path
seealso:
  - module: mimecast.connect.firewall_allowlist
"""

EXAMPLES = r"""
- name: An external dynamic list for PAN-OS, in the folder of a web server
  mimecast.connect.firewall_rendering:
    vendor: panos_edl
    services:
      - name: smtp
        ports: [25]
        sources: ["198.51.100.0/24", "203.0.113.0/25"]
    dest: mimecast.txt

- name: Groups and rules for an ASA, for its administrator
  mimecast.connect.firewall_rendering:
    vendor: asa
    services:
      - name: smtp
        ports: [25]
        sources: ["198.51.100.0/24", "203.0.113.0/25"]
        mode: enforce
    place:
      server: 192.0.2.25
      access_list: outside_access_in
  register: asa

- name: What the administrator has to do
  ansible.builtin.debug:
    var: asa.handover

- name: A security group
  mimecast.connect.firewall_rendering:
    vendor: aws
    services:
      - name: smtp
        ports: [25]
        sources: ["198.51.100.0/24", "203.0.113.0/25"]
        mode: enforce
  register: aws
"""

RETURN = r"""
content:
  description: The text.
  returned: success
  type: str
  sample: "198.51.100.0/24\n203.0.113.0/25\n"
data:
  description:
    - Arguments of modules that apply it, by name of the module, without those that say where and as whom. For the modules of FortiOS each is a
      list, with one value for each object, of the option that is called like the table. Empty where no collection is known to do it.
  returned: success
  type: dict
  sample: {ec2_security_group: {name: mimecast, description: "mimecast: who may connect", rules: [], purge_rules: false}}
handover:
  description: Who has to do what.
  returned: success
  type: dict
  sample: {title: "Bring the rules 'mimecast' to Cisco ASA", state: open, for_whom: Administrator of Cisco ASA, steps: ["Log in to the ASA."]}
normalised:
  description: What in the sources was read as something else than it says.
  returned: success
  type: list
  elements: str
  sample: []
added:
  description: By object, networks that the file did not hold.
  returned: when O(dest) is set
  type: list
  elements: dict
  sample: [{object: mimecast-smtp, sources: ["203.0.113.0/25"]}]
removed:
  description: By object, networks that the file held and that are no longer in it. If the product only adds, they have to be taken away there.
  returned: when O(dest) is set
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.firewall_rendering import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
