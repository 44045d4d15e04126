#!/usr/bin/python
# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_dns_records
short_description: Publish the DNS records that Connect needs, or hand them over to whoever keeps the zone
version_added: 0.1.0
description:
  - Computes the MX, SPF, verification and DKIM records of domains, each part only where it is asked for, and compares them with what
    the authoritative servers hold. Everything else in the zone stays, other TXT records of the domain too, and so does
    the TTL of records that exist.
  - With O(backend=nsupdate) a server takes the changes as dynamic updates (RFC 2136), one signed message for each zone, so a zone is
    changed as a whole or not at all. The message names what was found before; if somebody changed it in between the server refuses, and the
    error says so. What came of it is read back.
  - With O(backend=handover) nothing in the DNS is changed. The records are returned, and written to O(dest), as a zone file snippet, YAML for
    octoDNS and a table, until the DNS shows them.
  - All domains are read and planned before anything is changed, and one with a problem stops everything (see O(skip_problems)). A problem
    is, for example, that there are two SPF records, that SPF would take more than ten look-ups, or that there are MX records of others.
  - The service itself is not called.
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
extends_documentation_fragment:
  - mimecast.connect.attributes
  - mimecast.connect.dns
attributes:
  action_group:
    description: Use C(group/mimecast.connect.dns) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - mimecast.connect.dns
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details:
      - The servers are asked just as in a real run, with the key too, and no update is sent and no file written.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
options:
  domains:
    description: The domains. Names in other scripts are taken in their C(xn--) form. Either this or O(restore) is needed.
    type: list
    elements: dict
    suboptions:
      name:
        description: The domain, such as V(example.com).
        type: str
        required: true
      mx:
        description: As O(mx), for this domain.
        type: str
        choices: [none, present, replace]
      spf:
        description: As O(spf), for this domain.
        type: bool
      verification_token:
        description:
          - The code with which the service verifies the domain, as RV(mimecast.connect.mimecast_domain#module:record) tells it. It becomes a TXT record
            of the domain beside the others. Nothing is missing if the alias that the service takes as well is there.
        type: str
      dkim_selector:
        description: The selector of the DKIM key, such as V(mimecast20261122).
        type: str
      dkim_record:
        description: The TXT record of the key, as RV(mimecast.connect.mimecast_dkim#module:record) tells it, or the bare public key.
        type: str
  region:
    description:
      - Code of the region, such as V(eu), or the account code. It tells the hosts for O(mx) and the include for O(spf), as far as they are published.
    type: str
  mx:
    description:
      - Whether mail is to go to the service. Mail to the domain goes there from the moment on at which a sender sees the change, and until the
        TTL of the old records is over it goes to both. So have routes, domains and recipients ready before.
      - V(none) leaves the MX records alone. V(present) publishes the hosts where a domain has no other MX records, gives them equal preference,
        and has a problem with any other host. V(replace) takes all other MX records out.
    type: str
    choices: [none, present, replace]
    default: none
  mx_hosts:
    description: The hosts for O(mx), if they are not those of O(region).
    type: list
    elements: str
  mx_preference:
    description: The preference of all the hosts. That which they have is kept if this is not set, and 10 is taken for new ones.
    type: int
  spf:
    description:
      - Whether the SPF record includes the service. The include is merged into the record that is there; nothing of it is lost, and where there
        is none a new one is made. V(false) leaves SPF alone.
    type: bool
    default: false
  spf_include:
    description: The domain to include, if it is not that of O(region). Use the value that the account shows.
    type: str
  spf_all:
    description: The end of a new SPF record.
    type: str
    choices: ["~all", "-all", "?all"]
    default: "~all"
  spf_replace_all:
    description: Whether the end of a record that exists becomes O(spf_all) as well.
    type: bool
    default: false
  spf_drop:
    description: Domains of includes, or whole terms, that are to go from SPF records, such as those of the old provider.
    type: list
    elements: str
    default: []
  dkim_replace:
    description: Whether another record at the name of the DKIM key is replaced. It is a problem otherwise.
    type: bool
    default: false
  ttl:
    description: Seconds for records of a name and type that is new. It is 3600 if this is not set. Records that exist keep theirs.
    type: int
  restore:
    description:
      - Instead of O(domains), sets of records as RV(mimecast.connect.mail_dns_records_info#module:rrsets) of M(mimecast.connect.mail_dns_records_info) told
        them, to which the DNS goes back. MX records become exactly these, with their TTL. Of TXT records only those for SPF do; others stay as they
        are today. Mail goes back to the old hosts, so have them ready.
    type: list
    elements: dict
    suboptions:
      name:
        description: The domain.
        type: str
        required: true
      type:
        description: The type of the records.
        type: str
        choices: [MX, TXT]
        required: true
      ttl:
        description: Their TTL in seconds. It is needed if there are any.
        type: int
      records:
        description: The records as zone files write them. None are to be there if it is empty.
        type: list
        elements: str
        required: true
  dest:
    description:
      - For V(handover), an existing folder for the files C(<zone>.zone), C(<zone>.yaml) and C(<zone>.md). They are removed when the DNS shows the
        records. A file of such a name that this module has not made is left alone, and is an error if there is something to write.
    type: path
  skip_problems:
    description:
      - Whether domains with a problem are left out, with a warning, and the others are done. If no domain is left the task fails all the same.
    type: bool
    default: false
notes:
  - Zones are updated one after the other. If one fails the run stops, RV(changes) tells what is done, and a second run finishes the rest.
seealso:
  - module: mimecast.connect.mail_dns_records_info
  - module: mimecast.connect.mimecast_domain
  - module: mimecast.connect.mimecast_dkim
  - module: mimecast.connect.connectivity_check
    description: Its type V(dns) proves afterwards what resolvers see.
"""

EXAMPLES = r"""
- name: The service may send for the domain, and can verify it
  mimecast.connect.mail_dns_records:
    domains:
      - name: example.net
        verification_token: 4f1c09be7a2d3
        dkim_selector: mimecast20261122
        dkim_record: "{{ dkim_record }}"
    region: eu
    spf: true
    backend: nsupdate
    server: ns1.example.net
    key_name: connect
    key_secret: "{{ vault_dns_key }}"

- name: All mail comes to the service from now on
  mimecast.connect.mail_dns_records:
    domains:
      - name: example.net
    region: eu
    mx: replace
    backend: nsupdate
    server: ns1.example.net
    key_name: connect
    key_secret: "{{ vault_dns_key }}"

- name: Mail goes where it went before
  mimecast.connect.mail_dns_records:
    restore:
      - name: example.net
        type: MX
        ttl: 3600
        records: ["10 mx1.example.net."]
    backend: nsupdate
    server: ns1.example.net
    key_name: connect
    key_secret: "{{ vault_dns_key }}"

- name: What the owner of the zone has to do
  mimecast.connect.mail_dns_records:
    domains:
      - name: example.org
    region: eu
    spf: true
  register: dns
"""

RETURN = r"""
zones:
  description:
    - Each zone that the domains are in, with what changes in it, C(before) empty for records that are new, C(after) for those that go. In check mode and with
      O(backend=handover), what would change.
  returned: success
  type: list
  elements: dict
  sample:
    - zone: example.com
      changes:
        - name: example.com
          type: TXT
          before: {ttl: 300, records: ["v=spf1 mx -all"]}
          after: {ttl: 300, records: ["v=spf1 include:eu._netblocks.mimecast.com mx -all"]}
records:
  description: Every record that was asked for, and whether it was there already. C(part) is V(mx), V(spf), V(verification) or V(dkim).
  returned: success
  type: list
  elements: dict
  sample:
    - domain: example.com
      part: mx
      name: example.com
      type: MX
      value: 10 eu-smtp-inbound-1.mimecast.com.
      present: false
notes:
  description: What was done to SPF records and is worth knowing, which hosts lose the mail, what could not be evaluated.
  returned: success
  type: list
  elements: str
  sample: ["example.com: SPF: include:eu._netblocks.mimecast.com goes first"]
problems:
  description: The problems of domains that were left out by O(skip_problems).
  returned: success
  type: list
  elements: str
pending:
  description: Whether something is left for whoever keeps a zone.
  returned: when O(backend=handover)
  type: bool
  sample: true
handovers:
  description: For each zone the exact steps, until its servers show the records.
  returned: when O(backend=handover)
  type: list
  elements: dict
  sample:
    - title: Publish the records of zone example.com
      state: open
      for_whom: whoever keeps the DNS of example.com
      steps: ["Add the TXT record of example.com., TTL 3600: v=spf1 include:eu._netblocks.mimecast.com ~all"]
      why: No server that takes dynamic updates is given for this zone (backend, server).
      gone_when: The authoritative servers of example.com show these records.
      acknowledged: {}
snippets:
  description: By zone the records as C(zone_file), C(octodns) and C(table).
  returned: when O(backend=handover)
  type: dict
msg:
  description: That something is to be done by hand, in a sentence.
  returned: when something is pending, or on failure
  type: str
changes:
  description: The record sets that were updated, or the files that were written or removed; in check mode those that would be.
  returned: always
  type: list
  elements: dict
  sample: [{action: update, kind: dns_records, name: example.com TXT, zone: example.com}]
diff:
  description: By zone the record sets before and after, if anything was changed.
  returned: success
  type: dict
"""

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.mail_dns import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import main

if __name__ == "__main__":
    main(JOB)
