#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connectivity_check
short_description: Prove by real connections that servers can be reached and are fit for their part
version_added: 0.1.0
description:
  - Connects to each server, talks its protocol and TLS to it, and gives a verdict with its evidence. Nothing is changed
    and no mail is sent, so it does the same in check mode.
  - The connection starts where the task runs. Use C(delegate_to) to look from another place.
  - On request the service is asked for its own view as well, which is shown beside ours.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.tenant.routes_to_check
  - mimecast.connect.api
  - mimecast.connect.attributes
  - mimecast.connect.attributes.reads
options:
  checks:
    description:
      - What to check. They run side by side, the verdicts come in this order.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the check in the result. That of the route or host is used if this is not set.
        type: str
      type:
        description:
          - Kind of the check. V(smtp) is for mail servers, V(tcp) for any port. An option that does not belong to the kind is an error.
        type: str
        choices: [smtp, tcp]
        default: smtp
      route:
        description:
          - For V(smtp), name of one of O(delivery_routes), whose host name and port are used where O(checks[].host) and O(checks[].port)
            are not set.
        type: str
      host:
        description: Name of the server, which its certificate must carry.
        type: str
      port:
        description: TCP port. For V(smtp) that of the route, or 25, is used if this is not set.
        type: int
      address:
        description: Connect to this address, or address and port as in V(198.51.100.7:2525), instead of resolving O(checks[].host).
        type: str
      tls:
        description:
          - V(strict) demands encryption with TLS 1.2 or newer and a certificate that chains to a trusted root, carries
            the host name and is valid today. V(relaxed) takes any certificate. With V(none) a greeting in clear text is enough.
            V(strict) if this is not set.
        type: str
        choices: [strict, relaxed, none]
      implicit_tls:
        description: Whether the server expects TLS from the first byte. It does not if this is not set.
        type: bool
      ca_path:
        description: PEM file or folder with the roots to trust instead of those of the system.
        type: path
      recipient:
        description: For V(smtp), also ask whether mail to this address would be accepted. The dialogue ends before any message is sent.
        type: str
      sender:
        description: Sender to name with O(checks[].recipient). That of bounces, which is empty, if this is not set.
        type: str
      helo:
        description: For V(smtp), the name to greet with. That of the machine if this is not set.
        type: str
      expect:
        description: For V(tcp), whether the port is meant to be V(open), or V(closed), which a refusal and silence both satisfy. V(open) if this is not set.
        type: str
        choices: [open, closed]
      timeout:
        description: Seconds that the whole check may take, 10 if this is not set.
        type: int
      warn_days:
        description: A certificate that ends within this number of days makes the verdict V(degraded). 30 if this is not set.
        type: int
  ask_service:
    description:
      - Whether the service is asked as well (C(delivery-route/verify)). The fields of this call and of its answer are not published.
        The request is inferred, and the answer is shown as it comes and not judged.
    type: bool
    default: false
  assert:
    description: Whether to fail, naming all of them at once, when a verdict is V(failed) or V(unknown).
    type: bool
    default: false
  workers:
    description: How many checks run at the same time.
    type: int
    default: 8
"""

EXAMPLES = r"""
- name: The mail server must take encrypted mail with a trusted certificate
  mimecast.connect.connectivity_check:
    checks:
      - host: mx1.example.com
        tls: strict
        recipient: postmaster@example.com
    assert: true

- name: The mail server takes mail only from those who may
  mimecast.connect.connectivity_check:
    checks:
      - type: tcp
        host: mx1.example.com
        port: 25
        expect: closed

- name: Every declared route, one of them with a self-signed certificate for now
  mimecast.connect.connectivity_check:
    delivery_routes: "{{ delivery_routes }}"
    checks:
      - route: Second site
        tls: relaxed
    ask_service: true
  register: proof
"""

RETURN = r"""
verdicts:
  description:
    - One verdict for each check, in their order. C(code) is a stable word and C(message) says what to do.
    - C(service) is the service's own view, if it was asked.
  returned: success
  type: list
  elements: dict
  sample:
    - name: Headquarters
      type: smtp
      verdict: ok
      code: ok_strict
      message: mx1.example.com:25 offers TLSv1.3 with a trusted certificate for its name; nothing to do
      evidence: {peer: "198.51.100.7:25"}
worst:
  description: The gravest of the verdicts, one of V(ok), V(degraded), V(unknown) and V(failed).
  returned: success
  type: str
  sample: ok
api:
  description: What the run cost at the service.
  returned: when the service was called
  type: dict
  sample: {requests: 2, retries: 0, waited_s: 0.0, writes: 0}
"""

from ansible_collections.mimecast.connect.plugins.module_utils._connectivity import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
