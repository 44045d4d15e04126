# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: outbound_old_spf
short_description: For how long receivers may keep the SPF records that a run changes
version_added: 0.1.0
description:
  - Finds the largest TTL of SPF records that were there and are changed. Until it is over receivers may refuse mail that only the new records allow.
  - It is what the role outbound decides by.
positional: check_mode
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description: The result of M(mimecast.connect.mail_dns_records), from check mode or not.
    type: dict
    required: true
  check_mode:
    description: Whether the sentence foretells.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: For how long mail servers are left alone
  ansible.builtin.debug:
    msg: "{{ records | mimecast.connect.outbound_old_spf }}"
  vars:
    records:
      zones:
        - zone: example.com
          changes:
            - name: example.com
              type: TXT
              before: {ttl: 300, records: ["v=spf1 mx -all"]}
              after: {ttl: 300, records: ["v=spf1 include:eu._netblocks.mimecast.com mx -all"]}
"""

RETURN = r"""
_value:
  description:
    - C(seconds), counted from the change; 0 where no SPF record was there, where none changes, and where the records are handed over. C(domains), those with
      the largest TTL first. C(why), a sentence with the time (UTC) if the change is made now, or empty.
  type: dict
  sample:
    seconds: 300
    domains: [example.com]
    why: >-
      The mail servers are left alone until 2026-11-22 12:06 UTC, because until then receivers may keep the old SPF record of example.com and refuse the
      mail; run it again after that
"""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._customers.old_spf import old_spf


def outbound_old_spf(value: Any, check_mode: Any = False) -> dict[str, Any]:
    """As of now."""
    try:
        return old_spf(value, bool(check_mode), datetime.now(timezone.utc))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError("Cannot tell for how long SPF records are kept: give a result of mail_dns_records ({0!r})".format(error)) from error


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"outbound_old_spf": outbound_old_spf}
