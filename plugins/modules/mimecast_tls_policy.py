#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mimecast_tls_policy
short_description: Enforce TLS with external domains, strictly or relaxed
version_added: 0.1.0
description:
  - TLS is enforced by Secure Delivery and Secure Receipt policies, which no public API makes, changes or reads. They can point at a profile
    group, and follow when its domains change. This module keeps the domains, in one group for each mode, and hands over the policies.
  - Every domain is looked at before anything is written. An invalid one, an internal one of the tenant, one that gives mailboxes to the
    public, one under both modes or under O(strict.add) and O(strict.remove), and one that the other mode enforces already stop everything;
    the message and RV(wrong) name each line. A domain that is given twice, in whatever spelling, counts once and is warned about.
  - Before domains are added the delivery routes of the tenant are looked at as the TLS step of Connect does, by real connections from where
    the task runs. A route without TLS blocks; one whose certificate is not trusted, such as a self-signed one, allows O(relaxed) only.
  - Members are written in batches of 50, which is what the TLS step of Connect takes.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.tenant.routes_to_check
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.writes
options:
  strict:
    description:
      - Domains whose mail servers must have a certificate of a public root. Left out, the mode is left alone. Needed if
        O(state=present) or O(state=exists) and O(relaxed) is not given.
    type: dict
    suboptions:
      group:
        description: Name of the profile group that holds the domains. It is made if it does not exist.
        type: str
        default: Enforced TLS strict
      policy:
        description:
          - Name of the Secure Delivery definition and of both policies in the console. The name of the group if this is not set.
          - What messages show is the name of the definition or of the policy, so all of them are to have the same.
        type: str
      add:
        description: Domains with which TLS must be enforced, whatever others there are.
        type: list
        elements: str
      remove:
        description: Domains with which it must not.
        type: list
        elements: str
      set:
        description: All domains with which TLS is enforced in this mode. Cannot be given together with domains to add or remove.
        type: list
        elements: str
      add_src:
        description:
          - A file of UTF-8 text where the task runs, with one domain a line, as more of O(strict.add). Empty lines and what follows a C(#) do not
            count. A file without any domain is an error.
        type: path
      remove_src:
        description: The same, as more of O(strict.remove).
        type: path
      set_src:
        description: The same, as more of O(strict.set).
        type: path
      acknowledged:
        description:
          - Somebody's word that the policies of this mode are made, which takes the place of evidence until that day inclusive (in UTC).
          - If O(state=absent), that they are removed. The group is removed only then.
        type: dict
        suboptions:
          by:
            description: Who says so.
            type: str
            required: true
          "on":
            description:
              - The day on which it was said, such as V(2026-01-31).
              - YAML takes an unquoted C(on) for a truth, so quote it or use the alias.
            type: str
            required: true
            aliases: [since]
          until:
            description: The last day on which it holds.
            type: str
            required: true
  relaxed:
    description:
      - Domains whose mail servers may have any certificate. The vendor calls that a temporary help for finding faults. The same options.
    type: dict
    suboptions:
      group:
        description: Name of the profile group that holds the domains. It is made if it does not exist.
        type: str
        default: Enforced TLS relaxed
      policy:
        description: Like O(strict.policy).
        type: str
      add:
        description: Like O(strict.add).
        type: list
        elements: str
      remove:
        description: Like O(strict.remove).
        type: list
        elements: str
      set:
        description: Like O(strict.set).
        type: list
        elements: str
      add_src:
        description: Like O(strict.add_src).
        type: path
      remove_src:
        description: Like O(strict.remove_src).
        type: path
      set_src:
        description: Like O(strict.set_src).
        type: path
      acknowledged:
        description: Like O(strict.acknowledged).
        type: dict
        suboptions:
          by:
            description: Who says so.
            type: str
            required: true
          "on":
            description: The day on which it was said.
            type: str
            required: true
            aliases: [since]
          until:
            description: The last day on which it holds.
            type: str
            required: true
  allow_public_mail:
    description:
      - Domains that give mailboxes to the public, such as C(gmail.com), and are meant all the same. Otherwise they are errors, because mail
        with everybody there would depend on it. A short list of well-known ones is built in (C(_data/public_mail.py)).
    type: list
    elements: str
    default: []
  check_routes:
    description:
      - Whether the delivery routes of the tenant are looked at before domains are added. V(false) if they cannot be reached from anywhere
        that Ansible runs, and you know that they support TLS.
      - The service is asked for its view too (C(delivery-route/verify)), which is shown and not judged, because its fields are not published.
    type: bool
    default: true
  routes:
    description:
      - Names of the delivery routes to look at, for a tenant that has some for other purposes. All of O(delivery_routes) are if this is not set,
        or all that the tenant has if that is not set either.
    type: list
    elements: str
  check_domains:
    description:
      - Whether each new domain is looked at by its MX, at all its mail servers and on port 25, as its mode demands. The worst of them counts.
        This needs dnspython and port 25 open to the Internet, where the task runs.
      - Domains that do not pass, or cannot be looked at, are left out. The others are added, and the task fails and names those left out.
    type: bool
    default: false
  check_ca_path:
    description: PEM file or folder with the roots to trust in these checks instead of those of the system.
    type: path
  check_resolver:
    description: Address of the resolver that tells the MX, or address and port, instead of those of the system.
    type: str
  check_timeout:
    description: Seconds that the check of one route or of one domain may take.
    type: int
    default: 10
  evidence:
    description:
      - Look through recent messages for the policies. A handover of Secure Delivery is gone when a message to an enforced domain names the
        policy and its connection was encrypted, one of Secure Receipt likewise with a message from such a domain.
      - Message details tell the name of a policy, not what it enforces; that strict is strict they do not show.
      - Needs the permission to track messages. It finds nothing before mail has flowed.
    type: dict
    suboptions:
      start:
        description: How far to look back, as a span such as V(2h) or a time. All messages of that time are listed, so keep it short in a busy tenant.
        type: str
        default: 1d
      max_messages:
        description: Of how many messages at most to read the details, newest first. Each is a request. It ends when all policies are shown.
        type: int
        default: 20
  max_removals:
    description:
      - More domains than this must not lose their enforcement by O(strict.set), O(relaxed.set) or O(state=absent). Domains that are named under
        C(remove), and those that go from one mode to the other, do not count.
    type: int
    default: 10
  state:
    description:
      - V(present) brings the domains of the given modes to what is declared, and hands over the policies.
      - V(absent) takes both modes, empties their groups, which ends the enforcement, and hands over the removal of the policies. Run it again with
        C(acknowledged) of a mode and its group is removed as well. Name the groups under O(strict.group) and O(relaxed.group) if they have other
        names. No domains can be given.
      - V(exists) changes nothing and fails unless just the declared domains are enforced, or with C(add) and C(remove) these.
    type: str
    choices: [present, absent, exists]
    default: present
seealso:
  - module: mimecast.connect.mimecast_group
  - module: mimecast.connect.mimecast_message_info
  - module: mimecast.connect.connectivity_check
"""

EXAMPLES = r"""
- name: Partners whose mail must be encrypted
  mimecast.connect.mimecast_tls_policy:
    strict:
      add: [partner.example, bank.example]
    relaxed:
      add: [workshop.example]
    check_routes: false
  register: tls

- name: What a person has to do in the console
  ansible.builtin.debug:
    msg: "{{ tls.handovers | map(attribute='steps') }}"
  when: tls.pending

- name: Just these, once the policies are there
  mimecast.connect.mimecast_tls_policy:
    strict:
      set: [partner.example, bank.example]
      acknowledged: {by: J. Doe, since: '2026-01-31', until: '2999-12-31'}

- name: Does recent mail show the policies
  mimecast.connect.mimecast_tls_policy:
    strict:
      add: [partner.example]
    evidence:
      start: 4h

- name: No enforcement any more
  mimecast.connect.mimecast_tls_policy:
    state: absent
"""

RETURN = r"""
summary:
  description:
    - For each mode, how many domains were C(added), were C(removed), are declared and were C(present) before, were C(repeated) because they stand in
      the lists twice, and were C(blocked) because they did not pass their check. In check mode as it would be.
  returned: success, or when domains were left out
  type: dict
  sample: {strict: {added: 2, removed: 0, present: 5, repeated: 1, blocked: 0}}
pending:
  description: Whether something is left that only a person can do and that nobody has acknowledged.
  returned: success, or when domains were left out
  type: bool
  sample: true
handovers:
  description:
    - What a person has to do in the console, one handover for each policy that no evidence shows. C(state) is V(open), V(acknowledged), or
      V(expired) when the acknowledgement has ended. C(gone_when) says which evidence makes it go away.
  returned: success, or when domains were left out
  type: list
  elements: dict
  sample:
    - title: Create the Secure Delivery policy 'Enforced TLS strict' (strict)
      state: open
      for_whom: an administrator of the Mimecast account
      steps: [Log in to the Administration Console.]
      why: No public API makes, changes or reads Secure Delivery policies.
      gone_when: "With evidence, a message to a domain of group 'Enforced TLS strict' is found that names the policy."
      acknowledged: {}
wrong:
  description: Every line that stopped the run, with its mode, list, source (a file, or empty), line, domain and a message.
  returned: when a line is wrong
  type: list
  elements: dict
  sample: [{mode: strict, list: add, source: partners.txt, line: 7, domain: partner, message: it has one part only}]
repeated:
  description: Every line that was left out because its domain stands before already, in the same form.
  returned: success, or when a line is wrong
  type: list
  elements: dict
  sample: []
routes:
  description:
    - What the delivery routes are fit for, V(strict), V(relaxed), V(none), or V(unknown) if they could not be looked at, with the verdict of a strict
      check and the service's own view. Empty if nothing is added.
  returned: success unless O(state=absent), or when a route forbids it
  type: list
  elements: dict
  sample: [{name: Headquarters, fit_for: strict, verdict: ok, code: ok_strict}]
checked:
  description: New domains that were looked at and are not simply in order, with their mail servers and a verdict.
  returned: success unless O(state=absent), or when domains were left out
  type: list
  elements: dict
  sample: []
evidence:
  description: What messages show, one for each policy. C(said) is a sentence, C(message) the message that shows most.
  returned: success unless O(state=absent), or when domains were left out
  type: list
  elements: dict
  sample:
    - mode: strict
      policy_type: Secure Delivery
      policy: Enforced TLS strict
      shown: true
      looked_at: 1
      said: the message had the policy, and its connection was encrypted
      message: {to: bob@partner.example, encrypted: true}
msg:
  description: That something is to be done by hand, in a sentence.
  returned: when something is pending, or on failure
  type: str
changes:
  description: The writes in their order, each with action, kind and name. In check mode those that would be made.
  returned: always
  type: list
  elements: dict
  sample: [{action: update, kind: groups, name: Enforced TLS strict, options: [members]}]
diff:
  description: Each group that changes, before and after, with just the domains that come or go.
  returned: success
  type: dict
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 3, retries: 0, waited_s: 0.0, writes: 1}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._runner import main
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy import JOB

if __name__ == "__main__":
    main(JOB)
