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
  - mimecast.connect.tenant.connectors_to_check
  - mimecast.connect.tenant.connections_to_check
  - mimecast.connect.tenant.domains_to_check
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
        description: Name of the check in the result. That of the route, connector, host or domain is used if this is not set.
        type: str
      type:
        description:
          - Kind of the check. V(smtp) is for mail servers (those of a domain by its MX need the Python
            library dnspython), V(tcp) for any port, V(ews) for Exchange Web Services, V(pop) for POP3
            mailboxes, V(ldap) for directories, which needs the Python library ldap3, V(dns) for the records of a domain, which needs
            the Python library dnspython.
            An option that does not belong to the kind is an error.
        type: str
        choices: [smtp, tcp, ews, pop, ldap, dns]
        default: smtp
      route:
        description:
          - For V(smtp), name of one of O(delivery_routes), whose host name and port are used where O(checks[].host) and O(checks[].port)
            are not set.
        type: str
      connector:
        description:
          - For V(ldap), name of one of O(directory_connectors), from which whatever is not set here is taken. Its alternate host is checked
            as well, unless O(checks[].host) or O(checks[].address) is set.
        type: str
      connection:
        description:
          - For V(ews), name of one of O(server_connections), from which URL, mode, master mailbox and mailbox check are taken where they are not set
            here. It asks as the service does, with impersonation. Without a password it does not log in.
        type: str
      host:
        description: Name of the server, which its certificate must carry.
        type: str
      url:
        description: For V(ews), where Exchange Web Services are, as in V(https://mail.example.com/EWS/Exchange.asmx). Its host and port are used.
        type: str
      port:
        description:
          - TCP port. For V(smtp) that of the route, or 25, is used if this is not set. For V(ldap) that of the connector, or 636, or 389
            with O(checks[].tls=none) or O(checks[].implicit_tls=false). For V(pop) 110, or 995 with O(checks[].implicit_tls).
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
        description: Whether the server expects TLS from the first byte. If this is not set it does for V(ldap) on the ports 636 and 3269, else not.
        type: bool
      username:
        description:
          - Name to log in with. For V(smtp), V(ews) and V(pop) there is no log-in if this is not set. For V(ldap) a DN, C(user@domain)
            or C(DOMAIN\user); nobody logs in if this is not set and there is no connector.
          - For V(smtp) the connection must be encrypted.
        type: str
      password:
        description: Its password. It is in no result, not even where the server repeats it.
        type: str
      mailbox:
        description: For V(ews), address of the mailbox whose inbox is asked for. That of O(checks[].username) if this is not set.
        type: str
      impersonate:
        description:
          - For V(ews), whether to ask for O(checks[].mailbox) as its owner, as the service does, instead of with the rights of O(checks[].username).
        type: bool
      connections:
        description: For V(ews), how many connections must answer alike from the same server, at most 10. It is 3 if this is not set.
        type: int
      ca_path:
        description: PEM file or folder with the roots to trust instead of those of the system.
        type: path
      recipient:
        description: For V(smtp), also ask whether mail to this address would be accepted. The dialogue ends before any message is sent.
        type: str
      refused_recipient:
        description: For V(smtp), an address of the server's domain that does not exist. The server must refuse it, else it takes anything.
        type: str
      relay_recipient:
        description: For V(smtp), an address of a foreign domain. The server must refuse it, else it relays. This is asked before a log-in.
        type: str
      sender:
        description: For V(smtp), the sender to name with recipients. That of bounces, which is empty, if this is not set.
        type: str
      helo:
        description: For V(smtp), the name to greet with. That of the machine if this is not set.
        type: str
      base_dn:
        description: For V(ldap), the tree to read. Entries with C(mail) or C(proxyAddresses) are counted. Nothing is read if this is not set.
        type: str
      internal_domains:
        description:
          - For V(ldap), domains of which there must be an address below O(checks[].base_dn). Other domains are told. Those of the
            connector if this is not set.
        type: list
        elements: str
      domain:
        description:
          - For V(dns), the domain whose records are checked. Each of O(domains) if this is not set.
          - For V(smtp), a domain whose mail servers are checked instead of O(checks[].host). They are looked up by MX, all are checked in
            their order, and the worst is the verdict.
        type: str
      region:
        description:
          - For V(dns), code of the region, as in V(eu), or the account code. It brings O(checks[].mx_hosts) and O(checks[].spf_include) as far as they
            are published; the verdict is V(unknown) where they are not.
        type: str
      mx_hosts:
        description: For V(dns), hosts that the MX records must name with equal preference, and no others.
        type: list
        elements: str
      old_mx:
        description: For V(dns), hosts that no MX record may name any more.
        type: list
        elements: str
      spf_include:
        description: For V(dns), the domain that the SPF record must include, as in V(eu._netblocks.mimecast.com).
        type: str
      verification_token:
        description: For V(dns), the token by which the service verifies the domain. It must be there as a TXT record, or as the alias that the service allows.
        type: str
      dkim_selector:
        description: For V(dns), the selector below whose name the DKIM key must be.
        type: str
      dkim_record:
        description: For V(dns), the record or public key that the service shows. The published key must be the same. Any valid key will do if this is not set.
        type: str
      dmarc:
        description: For V(dns), whether there must be a DMARC record.
        type: bool
      records:
        description:
          - For V(dns), the parts to check. If this is not set they are those that values are given for, with O(checks[].region) V(mx) and V(spf).
        type: list
        elements: str
        choices: [mx, spf, verification, dkim, dmarc]
      resolver:
        description:
          - For V(dns), and V(smtp) with O(checks[].domain), address or address and port of the resolver to ask. Those of the machine are
            asked if this is not set.
        type: str
      authoritative:
        description:
          - For V(dns), whether the authoritative servers of the domain are asked as well, so that a change for which a resolver only has to wait is told
            from a mistake. They are if this is not set.
        type: bool
      nameservers:
        description: For V(dns), addresses, or addresses and ports, of authoritative servers by their host names, where they are not those in the DNS.
        type: dict
      expect:
        description: For V(tcp), whether the port is meant to be V(open), or V(closed), which a refusal and silence both satisfy. V(open) if this is not set.
        type: str
        choices: [open, closed]
      timeout:
        description: Seconds that the whole check may take. If this is not set 60 for V(ldap), else 10.
        type: int
      warn_days:
        description: A certificate that ends within this number of days makes the verdict V(degraded). 30 if this is not set.
        type: int
  tls:
    description: How strictly all mail servers are checked, whatever O(checks[].tls) says.
    type: str
    choices: [strict, relaxed]
  ask_service:
    description:
      - Whether the service is asked as well (C(delivery-route/verify)). The fields of this call and of its answer are not published.
        The request is inferred, and the answer is shown as it comes and not judged.
      - For a connector that exists in the tenant, the service's own tests of it are run.
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

- name: The mail servers of a partner, by MX, and a server that validates recipients and relays for nobody
  mimecast.connect.connectivity_check:
    checks:
      - domain: partner.example
        tls: relaxed
      - host: mx1.example.com
        refused_recipient: nobody-has-this-name@example.com
        relay_recipient: somebody@example.net
    assert: true

- name: The mail server takes mail only from those who may
  mimecast.connect.connectivity_check:
    checks:
      - type: tcp
        host: mx1.example.com
        port: 25
        expect: closed

- name: Exchange on premises and the journal mailbox are ready for the service
  mimecast.connect.connectivity_check:
    checks:
      - type: ews
        url: https://mail.example.com/EWS/Exchange.asmx
        username: mimecast@example.com
        password: "{{ vault_master_mailbox_password }}"
        mailbox: postmaster@example.com
        impersonate: true
      - type: pop
        host: pop.example.com
        implicit_tls: true
        username: journal@example.com
        password: "{{ vault_journal_password }}"
    assert: true

- name: The directory can be read, and has addresses of every domain
  mimecast.connect.connectivity_check:
    checks:
      - type: ldap
        host: dc1.example.com
        username: CN=mimecast,DC=example,DC=com
        password: "{{ vault_directory_password }}"
        base_dn: DC=example,DC=com
        internal_domains: [example.com]
    assert: true

- name: The domain's mail comes to the service, which may send for it, and the old provider is out
  mimecast.connect.connectivity_check:
    checks:
      - type: dns
        domain: example.com
        region: eu
        old_mx: [mx.old-provider.example]
        dmarc: true
    assert: true

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

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connectivity import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
